// SPDX-License-Identifier: Apache-2.0
// The sensor's pixels before light that a caller gives plane by plane: samples for training.
#pragma once

#include "drivers/synthetic/settings.h"

#include <span>
#include <vector>

namespace fovea::synthetic {

/// The model of Sensor (gain, threshold and dark current that differ from pixel to pixel, photon
/// noise, dead and hot pixels) in floats, for pictures so small that drawing numbers for them
/// costs more than the pixels do. Pixels begin somewhere within their interval. Rate, scene and
/// light of the settings are not looked at.
///
/// Threads: one.
class LightSensor {
public:
    explicit LightSensor(const SyntheticSettings &settings);

    /// One plane: `light` of each pixel in spikes per plane; `spikes` becomes 0 or 1.
    void expose(std::span<const float> light, std::span<float> spikes);

private:
    std::vector<float> gain_, dark_, charge_;
    std::vector<std::uint32_t> noise_;  ///< state of a generator for each pixel
    std::vector<std::uint32_t> hot_;
    float shot_ = 0;
};

}  // namespace fovea::synthetic
