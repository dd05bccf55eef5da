// SPDX-License-Identifier: Apache-2.0
// Bit-parallel inner loops: spikes per pixel and inter-spike intervals, straight to grey.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/core/plane_shape.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea {

/// Most planes that one call counts, and the most planes that an interval search looks at.
constexpr std::size_t maxCountedPlanes = 4095;
constexpr std::size_t maxSearchedPlanes = 255;

/// Entries that a grey table must have so that every value up to `largest` can be looked up.
[[nodiscard]] std::size_t greyTableSize(std::size_t largest);

/// grey[p] = table[number of planes in which pixel p fires]. No plane may be null, at most
/// maxCountedPlanes; the table has greyTableSize(planes.size()) entries.
///
/// Carry-save adders (Harley and Seal) count 64 pixels a word; the counts stay bit-sliced until
/// they are looked up.
void countsToGrey(PlanePointers planes, PlaneShape shape, std::span<const std::uint8_t> table,
                  std::span<std::uint8_t> grey);

/// With i the first of `backward` and j the first of `forward` in which pixel p fires:
/// grey[p] = table[i + j + 1], the inter-spike interval in planes; table[0] when it fires in none
/// of one side or when the interval is above 255. `backward` lists planes newest first, `forward`
/// oldest first; both end before the first null, at most maxSearchedPlanes are looked at, and the
/// table has greyTableSize(255) entries.
void intervalsToGrey(PlanePointers backward, PlanePointers forward, PlaneShape shape,
                     std::span<const std::uint8_t> table, std::span<std::uint8_t> grey);

}  // namespace fovea
