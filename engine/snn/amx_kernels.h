// SPDX-License-Identifier: Apache-2.0
// Matrix tiles of newer Intel processors (AMX): spikes times weights, 16 rows by 16 columns at
// once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea::amx {

/// Columns of weights that one product takes.
inline constexpr std::size_t columns = 32;
inline constexpr std::size_t tileRows = 16;
/// A row of a tile: 64 int8 or 32 bf16 numbers.
inline constexpr std::size_t tileBytes = 64;

/// The processor has int8 and bf16 tiles and the system lets us use them. Asks once.
[[nodiscard]] bool available();

/// sums = rows x weights; a row is `tapCount` pieces of `blocks` x 64 bytes.
struct Product {
    const std::uint8_t *rows;
    std::size_t rowBytes;     ///< from row to row
    const std::size_t *taps;  ///< where the pieces of a row begin, in bytes
    std::size_t tapCount, blocks;
    /// Two tiles for each 64 bytes of a row: int8 [row / 4][column][4], bf16 [row / 2][column][2].
    const std::uint8_t *weights;
    std::size_t tiles;  ///< times 16 rows; as many can be read and written
    void *sums;         ///< [row][32], int32 or float
};
/// Unsigned bytes times signed bytes.
void multiplyBytes(const Product &product);
/// bf16 numbers; sums of numbers on a common grid that fit 24 bits are exact.
void multiplyBfloats(const Product &product);

/// Each bit becomes a number 0 or 1, 64 of them a word.
void expandToBytes(const std::uint64_t *words, std::size_t count, std::uint8_t *target);
void expandToBfloats(const std::uint64_t *words, std::size_t count, std::uint8_t *target);

/// Operations (two a multiply-add) of int8 or bf16 tiles that are fed from registers, for peaks.
double spin(bool bytes, std::size_t rounds);

}  // namespace fovea::amx
