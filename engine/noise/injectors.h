// SPDX-License-Identifier: Apache-2.0
// Disturbances of single planes, in place on packed spikes.
#pragma once

#include "engine/core/plane_shape.h"
#include "engine/noise/noise_settings.h"
#include "engine/noise/random_mask.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace fovea {

/// Where a plane stands in its recording.
struct PlanePlace {
    std::uint64_t number = 0;
    std::uint32_t epoch = 0;
};

/// Changes planes one after the other. All randomness is a function of the seed, the kind and the
/// plane's number (and the place in the plane); bits behind the last pixel stay zero.
///
/// Threads: one at a time.
class PlaneInjector {
public:
    PlaneInjector() = default;
    PlaneInjector(const PlaneInjector &) = delete;
    PlaneInjector &operator=(const PlaneInjector &) = delete;
    virtual ~PlaneInjector() = default;
    /// `plane`: wordStride() words.
    virtual void apply(std::span<std::uint64_t> plane, PlanePlace place) = 0;
    /// Forgets what was carried over from the plane before.
    virtual void reset() {}
};

/// The active injectors of planes (not those that lose planes), in acting order.
[[nodiscard]] std::vector<std::unique_ptr<PlaneInjector>>
makePlaneInjectors(const NoiseSettings &settings, PlaneShape shape);

}  // namespace fovea
