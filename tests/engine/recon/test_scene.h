// SPDX-License-Identifier: Apache-2.0
// A smooth moving pattern as an ideal spike sensor sees it.
#pragma once

#include "engine/core/random.h"
#include "engine/core/spike_block.h"

#include <cmath>
#include <cstring>
#include <vector>

namespace fovea::test {

/// Light of 0.1 to 0.6 spikes a plane that moves by (vx, vy) pixels a plane.
struct MovingPattern {
    PlaneShape shape{128, 96};
    double vx = 0, vy = 0;

    [[nodiscard]] double light(double x, double y, double plane) const {
        const double u = x - vx * plane;
        const double v = y - vy * plane;
        return 0.35 + 0.12 * std::sin(0.31 * u + 0.1 * v) + 0.13 * std::sin(0.27 * v - 0.15 * u);
    }
    /// Every pixel gathers light and fires at 1, keeping the rest; the first charge is random.
    [[nodiscard]] SpikeBlock record(std::uint32_t planes, std::uint64_t seed) const {
        Random random(seed);
        std::vector<double> charge(shape.pixels());
        for (double &one : charge)
            one = random.uniform();
        SpikeBlock block(shape, planes);
        block.begin(0, 40000);
        for (std::uint32_t t = 0; t < planes; ++t) {
            std::uint64_t *words = block.append();
            std::memset(words, 0, shape.wordStride() * 8);
            for (std::size_t i = 0; i < charge.size(); ++i) {
                charge[i] += light(static_cast<double>(i % shape.width),
                                   static_cast<double>(i / shape.width), t + 0.5);
                if (charge[i] >= 1) {
                    charge[i] -= 1;
                    setBit(words, i);
                }
            }
        }
        return block;
    }
    /// Root mean square error of levels (65535 = 1) against the light at `plane`.
    [[nodiscard]] double error(const std::vector<std::uint16_t> &levels, double plane) const {
        double sum = 0;
        for (std::size_t i = 0; i < levels.size(); ++i) {
            const double truth = light(static_cast<double>(i % shape.width),
                                       static_cast<double>(i / shape.width), plane + 0.5);
            sum += std::pow(levels[i] / 65535.0 - truth, 2);
        }
        return std::sqrt(sum / static_cast<double>(levels.size()));
    }
};

}  // namespace fovea::test
