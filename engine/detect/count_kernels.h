// SPDX-License-Identifier: Apache-2.0
// The vector loops of CellCounter; the widest instruction set of the machine is taken at run time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea::count_kernels {

constexpr std::size_t slices = 4;

/// From bit-sliced counts (`slices` words for each 64 pixels, low bit first) to one byte a pixel;
/// `counts` has room for 64 * words.
void expand(const std::uint64_t *sliced, std::size_t words, std::uint8_t *counts);

/// Sums pairs of columns of two rows: cells[i] = a[2i] + a[2i + 1] + b[2i] + b[2i + 1].
void sumCells(const std::uint8_t *a, const std::uint8_t *b, std::uint8_t *cells, std::size_t count);

}  // namespace fovea::count_kernels
