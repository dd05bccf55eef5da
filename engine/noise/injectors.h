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
    /// Goes on with `late` as what is carried over to plane `next`, where something is.
    virtual void carryOver(std::span<const std::uint64_t> /*late*/, PlanePlace /*next*/) {}
};

/// What is done to planes, one after the other.
enum class NoiseAction : std::uint8_t {
    Brighten,  ///< silent pixels take over neighbours' spikes
    Clear,     ///< random spikes go
    Set,       ///< random spikes come
    Invert,    ///< random bits change
    Delay,     ///< random spikes come a plane later
    Stick,     ///< the same pixels are always silent, or always fire: see stuckPixels()
};
struct NoiseStep {
    NoiseAction action = NoiseAction::Clear;
    InjectorKind kind = InjectorKind::Missing;
    double strength = 0;  ///< probability of a bit, or for Brighten the factor
};
/// What the active injectors of planes come down to, in acting order.
[[nodiscard]] std::vector<NoiseStep> noiseSteps(const NoiseSettings &settings);

/// wordStride() words each; a later kind overrules an earlier one.
struct StuckPixels {
    std::vector<std::uint64_t> silent, firing;
};
[[nodiscard]] StuckPixels stuckPixels(const NoiseSettings &settings, PlaneShape shape);

/// One number for all that a kind draws from a plane.
[[nodiscard]] std::uint64_t planeSeed(std::uint64_t seed, InjectorKind kind, std::uint64_t number);

/// The active injectors of planes (not those that lose planes), in acting order.
[[nodiscard]] std::vector<std::unique_ptr<PlaneInjector>>
makePlaneInjectors(const NoiseSettings &settings, PlaneShape shape);

}  // namespace fovea
