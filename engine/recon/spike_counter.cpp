// SPDX-License-Identifier: Apache-2.0
// The counts of all chunks and the tiles they are worked on in.
#include "engine/recon/spike_counter.h"

#include <algorithm>
#include <bit>

namespace fovea {

SpikeCounter::SpikeCounter(PlaneShape shape, std::size_t planes)
    : shape_(shape), levels_(static_cast<std::size_t>(std::bit_width(planes))),
      counts_(shape.wordStride() * levels_) {
    present_.reserve(planes);
}

void SpikeCounter::clear() {
    std::fill(counts_.begin(), counts_.end(), std::uint64_t{0});
    planes_ = 0;
}

void SpikeCounter::add(PlanePointers planes, TilePool &pool) {
    present_.clear();
    for (const std::uint64_t *plane : planes)
        if (plane != nullptr)
            present_.push_back(plane);
    planes_ += present_.size();
    pool.run(chunksOf(shape_), chunksPerTile, [&](std::size_t begin, std::size_t end) {
        addToCounts(present_, levels_, {begin, end}, counts_.data());
    });
}

void SpikeCounter::look(std::span<const std::uint8_t> table, std::span<std::uint8_t> grey,
                        TilePool &pool) const {
    pool.run(chunksOf(shape_), chunksPerTile, [&](std::size_t begin, std::size_t end) {
        countsToGrey(counts_.data(), levels_, {begin, end}, table, grey);
    });
}

}  // namespace fovea
