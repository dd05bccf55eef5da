// SPDX-License-Identifier: Apache-2.0
// The spikes of one pixel over the newest planes.
#pragma once

#include "engine/core/spike_block.h"

#include <cstdint>
#include <vector>

namespace fovea {

/// What one pixel did in one plane.
enum class PixelState : std::uint8_t { Silent, Spike, Missing };

/// Collects a pixel's states from blocks as they come. Planes that are missing stay missing; when
/// planes were not seen at all the train begins anew, so that nothing is ever bridged.
///
/// Threads: GUI.
class PixelTrain {
public:
    static constexpr std::size_t maxPlanes = 2000;

    void setPixel(std::uint32_t x, std::uint32_t y);
    void take(const SpikeBlock &block);
    void clear();

    /// Oldest first; the last one is plane endPlane() - 1.
    [[nodiscard]] const std::vector<PixelState> &states() const { return states_; }
    [[nodiscard]] std::uint64_t endPlane() const { return end_; }
    [[nodiscard]] std::size_t spikes() const;
    /// Planes with data.
    [[nodiscard]] std::size_t seen() const;
    /// Distances between consecutive spikes with no missing plane between them, oldest first.
    [[nodiscard]] std::vector<std::uint32_t> intervals() const;

private:
    void append(PixelState state, std::uint64_t count = 1);

    std::uint32_t x_ = 0;
    std::uint32_t y_ = 0;
    std::uint64_t end_ = 0;
    std::uint32_t epoch_ = 0;
    std::vector<PixelState> states_;
};

}  // namespace fovea
