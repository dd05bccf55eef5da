// SPDX-License-Identifier: Apache-2.0
// What a detector would show of squares.
#pragma once

#include "engine/track/tracker.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea::test {

constexpr PlaneShape shape{400, 250};
constexpr double rate = 40000;

/// Squares of given rates, as a detector would show them.
class Scene {
public:
    void clear() {
        cells_.assign(cells_.size(), 0);
        seen_.clear();
    }
    void put(float x, float y, float side, float spikes) {
        for (float v = y; v < y + side; v += 2)
            for (float u = x; u < x + side; u += 2) {
                const auto at =
                    static_cast<std::size_t>(v / 2) * 208 + static_cast<std::size_t>(u / 2);
                cells_[at] = 1;
                rates_[at] = spikes;
            }
        seen_.push_back({{x, y, side, side}, 1});
    }
    std::span<const Track> show(Tracker &tracker, std::uint64_t plane) const {
        return show(tracker, plane, seen_);
    }
    /// As a detector that sees things that touch in one box.
    std::span<const Track> show(Tracker &tracker, std::uint64_t plane,
                                std::span<const Detection> seen) const {
        return tracker.update(plane, seen, 0, {cells_, 200, 125, 208, 2, rates_});
    }

private:
    std::vector<std::uint8_t> cells_ = std::vector<std::uint8_t>(208 * 125, 0);
    std::vector<float> rates_ = std::vector<float>(208 * 125, 4);
    std::vector<Detection> seen_;
};

}  // namespace fovea::test
