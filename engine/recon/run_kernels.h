// SPDX-License-Identifier: Apache-2.0
// Bit-parallel inner loops over a run of planes: a picture at every plane, or at every few.
#pragma once

#include "engine/recon/spike_kernels.h"

namespace fovea {

/// Most planes that one call takes.
constexpr std::size_t maxSlidPlanes = 320;
constexpr std::size_t maxIntervalPlanes = 64;

/// Where a kernel writes picture i: `stride` bytes after picture i - 1, 64-byte aligned, room for
/// whole chunks.
struct GreyTarget {
    std::uint8_t *first = nullptr;
    std::size_t stride = 0;
    bool past = false;  ///< write past the cache: more pictures than it holds
};

/// Picture i shows table[spikes of the pixel in planes [i * hop, i * hop + window)].
struct RateRun {
    PlanePointers planes;    ///< (count - 1) * hop + window of them, none null, <= maxSlidPlanes
    std::size_t window = 1;  ///< 1 to 255
    std::size_t hop = 1;
    std::size_t count = 1;
    std::span<const std::uint8_t> table;  ///< 256 entries
};
/// One byte a pixel counts: planes that enter the window are added, those that leave subtracted.
void slideCounts(const RateRun &run, ChunkRange chunks, GreyTarget target);

/// Picture i shows table[interval - 1], where the interval goes from the last spike in or before
/// planes[i * hop] to the first one after it, each at most `reach` planes away (the first searched
/// plane is one away); table[255] when one is missing, lies behind a null, or the interval is above
/// 255.
struct IntervalRun {
    PlanePointers planes;    ///< (count - 1) * hop + 1 of them, null: lost, <= maxIntervalPlanes
    PlanePointers backward;  ///< planes before them, newest first, as searched() gives them
    PlanePointers forward;   ///< planes after them, oldest first, as searched() gives them
    std::size_t reach = maxSearchedPlanes;  ///< 1 to maxSearchedPlanes
    std::size_t hop = 1;
    std::size_t count = 1;
    std::span<const std::uint8_t> table;  ///< 256 entries
};
/// One byte a pixel counts planes since the last spike, another one planes to the next, the latter
/// from the end of the run to its beginning.
void followIntervals(const IntervalRun &run, ChunkRange chunks, GreyTarget target);

}  // namespace fovea
