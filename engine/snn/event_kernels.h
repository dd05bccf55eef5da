// SPDX-License-Identifier: Apache-2.0
// Inner loops of what is run by events: listing what fired, adding its rows of int8 or bf16
// weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea::event_kernels {

/// Numbers of the bits that are set, from `base` on. `list` has room for `spare` more than there
/// are.
std::size_t listBits(const std::uint64_t *words, std::size_t count, std::uint32_t base,
                     std::uint32_t *list);
inline constexpr std::size_t spare = 16;

/// Rows `row` + list[i] of a block (modulo 2^64, so that `row` may stand for less than 0).
struct Segment {
    const std::uint32_t *list;
    std::size_t count;
    std::size_t row;
};

/// Columns are padded to a multiple of this; a block has at most 128.
inline constexpr std::size_t groupColumns = 16;
/// Rows of `width` weights, one below the other, written by put().
template <class Weight> struct Rows {
    const Weight *weights;
    std::size_t width;
    bool far;  ///< they are not in a cache: fetched ahead
};
/// Writes a weight of -127 to 127. The columns of both halves of 16 alternate, so that a word of 16
/// bits adds two of them at once: its lower byte is the weight + 128. All columns must be written.
constexpr void put(std::int8_t *row, std::size_t column, std::int8_t weight) {
    const bool lower = column % 16 < 8;
    row[column / 16 * 16 + column % 8 * 2 + (lower ? 0 : 1)] =
        static_cast<std::int8_t>(lower ? weight ^ 0x80 : weight);
}
/// Writes the upper half of a float; the same in groups of 8.
constexpr void put(std::uint16_t *row, std::size_t column, std::uint16_t weight) {
    row[column / 8 * 8 + column % 4 * 2 + column % 8 / 4] = weight;
}

/// sums[o] = the numbers of column o in all those rows.
void addRows(const Rows<std::int8_t> &rows, std::span<const Segment> segments, std::int32_t *sums);
/// The upper halves of floats; sums are exact, whatever the order, or rounded in any.
void addRows(const Rows<std::uint16_t> &rows, std::span<const Segment> segments, float *sums);

}  // namespace fovea::event_kernels
