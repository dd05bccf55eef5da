// SPDX-License-Identifier: Apache-2.0
// Short-term plasticity filter: lets spikes through where the rate just changed.
#pragma once

#include "engine/core/plane_shape.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Defaults are those of SpikeCV's trackers (times in units of `timeUnit` planes).
struct StpSettings {
    float u0 = 0.1F;
    float D = 0.02F;  ///< time constant of the resources R
    float F = 1.7F;   ///< time constant of the utilisation u
    float f = 0.11F;
    float timeUnit = 2000;
    float threshold = 0.1F;
    int diffTime = 1;  ///< R is compared with its value so many planes ago
};

/// Synaptic resources R and utilisation u of every pixel (Tsodyks, Pawelzik and Markram 1998,
/// equations 3 and 4, in SpikeCV's form). At a spike, dt after the last one:
///   R <- 1 - (1 - R (1 - u)) exp(-dt / D),  u <- u0 + (u + f (1 - u) - u0) exp(-dt / F)
/// and for all pixels d = |R - R before|, g <- (g + d / R) / 2. A spike passes when
/// d >= threshold / (sqrt(g) + 1).
///
/// Threads: an instance belongs to one thread.
class StpFilter {
public:
    StpFilter(const StpSettings &settings, PlaneShape shape);

    void reset();
    /// Takes the next plane and writes the spikes that pass to `passed` (both wordStride() words).
    void update(const std::uint64_t *plane, std::uint64_t *passed);
    /// Time passes without planes.
    void skip(std::uint64_t planes) { time_ += planes; }

    /// exp(-n / D) and exp(-n / F) by interval n; 0 from the last entry on.
    struct Factors {
        std::vector<float> R, u;
    };
    [[nodiscard]] static Factors factorsOf(const StpSettings &settings);
    /// Goes on from there, with a diffTime of 1; `silent`: planes since the last spike.
    void setState(std::span<const float> R, std::span<const float> u,
                  std::span<const float> gradient, std::span<const std::uint32_t> silent);

    /// One value a pixel, row by row.
    [[nodiscard]] std::span<const float> resources() const { return R_; }
    [[nodiscard]] std::span<const float> utilisation() const { return u_; }

private:
    void fire(std::size_t pixel);

    StpSettings settings_;
    PlaneShape shape_;
    std::uint64_t time_ = 0;
    std::size_t calls_ = 0;
    std::vector<float> R_, u_, gradient_;
    std::vector<std::uint64_t> last_;
    std::vector<std::vector<float>> history_;  ///< R after each of the last diffTime planes
};

}  // namespace fovea
