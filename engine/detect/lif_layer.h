// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire neurons, one a pixel, that fire where spikes come together.
#pragma once

#include "engine/core/plane_shape.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Defaults are those of SpikeCV's trackers.
struct LifSettings {
    int size = 3;  ///< side of the square that a neuron sees, odd
    float weight = 3;
    float leak = 1;
    float least = -8;     ///< lowest potential
    float threshold = 2;  ///< fires at or above
    float keep = 0.8F;    ///< share of the potential that is left after firing
};

/// V <- max(V - leak (where the input is 0) + weight * spikes in the square, least); fires where
/// V >= threshold, and there V <- keep V (SpikeCV, STPFilter.local_connect). Outside is no spike.
///
/// Threads: an instance belongs to one thread.
class LifLayer {
public:
    LifLayer(const LifSettings &settings, PlaneShape shape);

    void reset();
    /// Takes a plane and writes the neurons that fire (both wordStride() words).
    void update(const std::uint64_t *plane, std::uint64_t *fired);
    [[nodiscard]] std::span<const float> potential() const { return V_; }
    /// Goes on from there.
    void setPotential(std::span<const float> potential) {
        V_.assign(potential.begin(), potential.end());
    }

private:
    LifSettings settings_;
    PlaneShape shape_;
    std::vector<float> V_;
    std::vector<std::uint16_t> drive_;  ///< spikes in the square of each neuron
};

}  // namespace fovea
