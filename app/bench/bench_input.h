// SPDX-License-Identifier: Apache-2.0
// Seeded spikes in memory and in a file.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/core/spike_block.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace fovea {

/// Spikes of integrate-and-fire pixels: `spikeRate` is the mean share of pixels that fire in a
/// plane; pixels differ from it by up to a half, and the light of single planes by up to a quarter.
///
/// Threads: filled by one, then read by any.
class BenchPlanes {
public:
    BenchPlanes(PlaneShape shape, std::uint32_t planes, double spikeRate, double planeRateHz);

    [[nodiscard]] const SpikeBlock &block() const { return block_; }
    /// All planes, oldest first.
    [[nodiscard]] PlanePointers planes() const { return planes_; }

private:
    SpikeBlock block_;
    std::vector<const std::uint64_t *> planes_;
};

/// The planes as a header-less recording with the bottom row first, removed when this goes.
///
/// Threads: one.
class BenchFile {
public:
    [[nodiscard]] static Result<std::unique_ptr<BenchFile>> write(const BenchPlanes &planes);
    ~BenchFile();
    BenchFile(const BenchFile &) = delete;
    BenchFile &operator=(const BenchFile &) = delete;
    [[nodiscard]] const std::filesystem::path &path() const { return path_; }

private:
    explicit BenchFile(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

}  // namespace fovea
