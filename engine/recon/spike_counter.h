// SPDX-License-Identifier: Apache-2.0
// Spikes per pixel of a growing number of planes: the step that every rate begins with.
#pragma once

#include "engine/core/aligned_vector.h"
#include "engine/core/tile_pool.h"
#include "engine/recon/spike_kernels.h"

#include <vector>

namespace fovea {

/// Counts planes while they are at hand (in the cache of the one who read them), bit-sliced.
///
/// Threads: one at a time; the pool is lent for the calls.
class SpikeCounter {
public:
    /// At most `planes` (maxCountedPlanes or fewer) are added between two clear().
    SpikeCounter(PlaneShape shape, std::size_t planes);

    void clear();
    /// Null pointers are lost planes: they do not count.
    void add(PlanePointers planes, TilePool &pool);
    /// Planes that were added and were there.
    [[nodiscard]] std::size_t planes() const { return planes_; }
    /// grey[p] = table[spikes of pixel p]; the table has greyTableSize(planes()) entries.
    void look(std::span<const std::uint8_t> table, std::span<std::uint8_t> grey,
              TilePool &pool) const;

private:
    PlaneShape shape_;
    std::size_t levels_;  ///< bits of a count
    std::size_t planes_ = 0;
    std::vector<const std::uint64_t *> present_;
    AlignedVector<std::uint64_t> counts_;
};

}  // namespace fovea
