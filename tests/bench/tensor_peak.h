// SPDX-License-Identifier: Apache-2.0
// As many products of tiles as a device can make: the limit of what networks are measured against.
#pragma once

#include "engine/cuda/tensor_tiles.h"

namespace fovea {

/// A warp multiplies eight tiles `rounds` times without touching memory. Threads: warps.
template <class Tiles> struct PeakBody {
    static constexpr const char *name() { return "the peak of tensor cores"; }
    static constexpr std::uint32_t lanes = 32;
    static constexpr int architecture = 80;
    static constexpr int tiles = 8;
    /// Multiply-adds of a round of a warp.
    static constexpr double work = tiles * 16.0 * 8.0 * Tiles::length;

    std::uint32_t rounds;
    std::uint32_t *result;  ///< a word a warp, so that nothing is left out

    FOVEA_BOTH void operator()(std::uint64_t warp) const {
        PerLane<SumTile<typename Tiles::Sum>> sums[tiles] = {};
        PerLane<WeightTile> weights = {};
        PerLane<ColumnTile> columns = {};
        for (std::uint32_t slot = 0; slot < playedLanes; ++slot)
            weights[slot].words[0] = columns[slot].words[1] = laneOf(slot) & 1U;
        for (std::uint32_t round = 0; round < rounds; ++round) {
            FOVEA_UNROLL
            for (int tile = 0; tile < tiles; ++tile)
                multiplyTiles<Tiles>(sums[tile], weights, columns);
        }
        std::uint32_t all = 0;
        FOVEA_UNROLL
        for (int tile = 0; tile < tiles; ++tile)
            all += sums[tile][0].sums[0] != 0 ? 1U : 0U;
        if (laneOf(0) == 0)
            result[warp] = all;
    }
};

}  // namespace fovea
