// SPDX-License-Identifier: Apache-2.0
// Bit-parallel inner loops: spikes per pixel and inter-spike intervals, straight to grey.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/core/plane_shape.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea {

/// All loops work on chunks of 512 pixels, which is what a plane's length in memory is a multiple
/// of. Chunks are independent of each other.
constexpr std::size_t chunkWords = 8;
constexpr std::size_t chunkPixels = 64 * chunkWords;
[[nodiscard]] constexpr std::size_t chunksOf(PlaneShape shape) {
    return shape.wordStride() / chunkWords;
}
/// What a TilePool hands out at once.
constexpr std::size_t chunksPerTile = 16;
/// Chunks [begin, end) of a picture.
struct ChunkRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Most planes that can be counted, and the most planes that an interval search looks at.
constexpr std::size_t maxCountedPlanes = 4095;
constexpr std::size_t maxSearchedPlanes = 255;

/// Entries that a grey table must have so that every value up to `largest` can be looked up.
[[nodiscard]] std::size_t greyTableSize(std::size_t largest);

/// counts[p] += number of planes in which pixel p fires. No plane may be null. Counts are
/// bit-sliced: `levels` rows of chunkWords words a chunk, one chunk after the other, 64-byte
/// aligned; they must not overflow.
///
/// Carry-save adders (Harley and Seal) count 64 pixels a word, eight planes at a time.
void addToCounts(PlanePointers planes, std::size_t levels, ChunkRange chunks,
                 std::uint64_t *counts);

/// grey[p] = table[counts[p]]; the table has greyTableSize(largest count) entries, `grey` is the
/// whole picture.
void countsToGrey(const std::uint64_t *counts, std::size_t levels, ChunkRange chunks,
                  std::span<const std::uint8_t> table, std::span<std::uint8_t> grey);

/// With i the first of `backward` and j the first of `forward` in which pixel p fires:
/// grey[p] = table[i + j + 1], the inter-spike interval in planes; table[0] when it fires in none
/// of one side or when the interval is above 255. `backward` lists planes newest first, `forward`
/// oldest first; both end before the first null, at most maxSearchedPlanes are looked at, and the
/// table has greyTableSize(255) entries.
void intervalsToGrey(PlanePointers backward, PlanePointers forward, PlaneShape shape,
                     std::span<const std::uint8_t> table, std::span<std::uint8_t> grey);

/// The planes before the first lost one, at most maxSearchedPlanes.
[[nodiscard]] PlanePointers searched(PlanePointers planes);

}  // namespace fovea
