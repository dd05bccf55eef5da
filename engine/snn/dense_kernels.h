// SPDX-License-Identifier: Apache-2.0
// Spikes times weights, all of them: one product, and the units of processors that make it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace fovea::dense {

/// Columns of weights that one product takes.
inline constexpr std::size_t columns = 32;
/// Rows come in tiles: as many as fill the last one can be read and written.
inline constexpr std::size_t tileRows = 16;
/// A row of a tile: 64 int8 or 32 bf16 numbers.
inline constexpr std::size_t tileBytes = 64;

/// sums = rows x weights; a row is `tapCount` pieces of `blocks` x 64 bytes.
struct Product {
    const std::uint8_t *rows;
    std::size_t rowBytes;     ///< from row to row
    const std::size_t *taps;  ///< where the pieces of a row begin, in bytes
    std::size_t tapCount, blocks;
    /// Two tiles for each 64 bytes of a row: int8 [row / 4][column][4], bf16 [row / 2][column][2].
    const std::uint8_t *weights;
    std::size_t rowCount;
    void *sums;  ///< [row][32], int32 or float
};

/// What one unit of a processor can do; null: it cannot.
struct Kernels {
    std::string_view name;
    /// Bytes 0 or 1 times signed bytes.
    void (*multiplyBytes)(const Product &);
    /// bf16 numbers; sums of numbers on a common grid that fit 24 bits are exact.
    void (*multiplyBfloats)(const Product &);
    /// Each bit becomes a number 0 or 1, 64 of them a word.
    void (*expandToBytes)(const std::uint64_t *words, std::size_t count, std::uint8_t *target);
    void (*expandToBfloats)(const std::uint64_t *words, std::size_t count, std::uint8_t *target);
    /// Operations (two a multiply-add) of numbers that are in registers, for peaks.
    double (*spinBytes)(std::size_t rounds);
    double (*spinBfloats)(std::size_t rounds);
};

/// Those that this machine has, the fastest first. Asks once. Threads: any.
[[nodiscard]] std::span<const Kernels> kernels();
/// The fastest one for int8, for bf16; null where there is none.
[[nodiscard]] const Kernels *forBytes();
[[nodiscard]] const Kernels *forBfloats();

}  // namespace fovea::dense
