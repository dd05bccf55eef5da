// SPDX-License-Identifier: Apache-2.0
// The injectors of planes on a graphics processor.
#pragma once

#include "engine/core/spike_block.h"
#include "engine/cuda/pinned_copies.h"
#include "engine/noise/injectors.h"
#include "engine/noise/noise_bodies.h"

#include <vector>

namespace fovea {

/// The twin of makePlaneInjectors(): the same bits. A block changes as a whole or, on an error, not
/// at all; late() and next() then say how the CPU goes on. Threads: one at a time.
class DeviceNoise {
public:
    DeviceNoise(const NoiseSettings &settings, PlaneShape shape, std::unique_ptr<Device> device);

    /// `places` of the block's planes.
    [[nodiscard]] Result<void> apply(SpikeBlock &block, std::span<const PlanePlace> places);
    /// Forgets what was carried over.
    void reset();
    /// What is carried over from the last block that went well, and to which plane.
    [[nodiscard]] std::span<const std::uint64_t> late() const { return late_; }
    [[nodiscard]] PlanePlace next() const { return next_; }

private:
    struct Step {
        NoiseStep what;
        RandomMask random;
        DeviceArray<std::uint32_t> distances;
    };
    /// Planes on the device, and what belongs to them.
    struct Chunk {
        DeviceArray<std::uint64_t> planes, seeds;  ///< seeds of a step, one after the other
        DeviceArray<std::uint32_t> fresh;          ///< not 0: nothing is carried over to the plane
        PinnedArray<std::uint64_t> pinnedSeeds;
        PinnedArray<std::uint32_t> pinnedFresh;
        DeviceEventPtr taken;  ///< the pinned ones are up
        DeviceEventPtr down;   ///< the planes are down: the chunk may be used anew
        std::size_t count = 0;
    };
    void put(Chunk &chunk, PlanePointers planes, std::span<const PlanePlace> places);
    void disturb(const Chunk &chunk);
    void draw(const Step &step, const Chunk &chunk, const std::uint64_t *seeds);
    void brighten(const Step &step, const Chunk &chunk, const std::uint64_t *seeds);
    [[nodiscard]] noise_bodies::PlaneRow row(const DeviceArray<std::uint64_t> &words,
                                             const Chunk &chunk) const;

    const NoiseSettings settings_;
    const PlaneShape shape_;
    const std::size_t stride_;
    const std::size_t chunkPlanes_;
    DeviceWork work_;
    PlaneUpload upload_;
    HostDownload download_;
    std::vector<Step> steps_;
    std::array<Chunk, 2> chunks_;
    DeviceArray<std::uint64_t> source_, masks_[3], probabilities_;
    DeviceArray<std::uint64_t> stuck_, edges_;  ///< silent, firing; first column, last column
    DeviceArray<std::uint32_t> rounds_;
    DeviceArray<std::uint64_t> lateWords_;
    PinnedArray<std::uint64_t> pinnedLate_;
    PlanePlace expected_;  ///< as next_, while a block is worked on
    bool forget_ = true;   ///< nothing is carried over to the next plane
    std::vector<std::uint64_t> result_, late_;
    PlanePlace next_;
};

}  // namespace fovea
