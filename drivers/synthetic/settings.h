// SPDX-License-Identifier: Apache-2.0
// What the synthetic camera looks at and how good its sensor is.
#pragma once

#include "engine/core/error.h"
#include "engine/core/plane_shape.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace fovea {

/// How the light of the whole scene changes over time.
enum class SceneLight : std::uint8_t {
    Constant,
    Fluorescent,  ///< flickers at `lightHz`, down to 1 - `lightDepth`
    Drift,        ///< as Fluorescent, at a fiftieth of `lightHz`: clouds before the sun
};
/// "constant", "fluorescent", "drift"
[[nodiscard]] std::string_view toString(SceneLight light);
/// The inverse; an unknown name is ErrorCode::Usage and lists the known ones.
[[nodiscard]] Result<SceneLight> parseSceneLight(std::string_view text);

/// Everything a synthetic source depends on: equal settings give equal bytes, on every machine and
/// whatever the block size (as long as no plane is lost).
///
/// Light is measured in spikes per plane: 1 fires at every plane. Shares of the threshold are what
/// one plane adds to a pixel that fires when it has gathered 1.
struct SyntheticSettings {
    static constexpr std::size_t maxPixels = std::size_t{1} << 24;
    static constexpr std::uint32_t maxObjects = 64;

    PlaneShape shape{400, 250};
    double planeRateHz = 40000;  ///< 1 to 100000
    std::uint64_t seed = 1;      ///< of scene, sensor and noise

    std::uint32_t objects = 3;  ///< 0 to maxObjects
    /// Range of speeds in pixels per second, 0 <= min <= max. Slower plane rates scale it down so
    /// that nothing moves by more than a pixel in a plane.
    double minSpeed = 500;
    double maxSpeed = 8000;
    SceneLight light = SceneLight::Constant;
    double lightDepth = 0.4;  ///< 0 (steady) to 1 (dark in between)
    double lightHz = 100;     ///< > 0, at most half the plane rate when the light changes

    double photonsPerSpike = 300;   ///< shot noise: photons that fill a pixel; 0 = none, else >= 12
    double darkCurrent = 0.002;     ///< mean share of the threshold per plane; 0 to 0.2
    double gainSpread = 0.02;       ///< standard deviation of the gain over pixels; 0 to 0.2
    double thresholdSpread = 0.02;  ///< same of the threshold; 0 to 0.2
    double deadShare = 1e-4;        ///< share of pixels that never fire; 0 to 0.5
    double hotShare = 1e-4;         ///< share of pixels that always fire; 0 to 0.5

    std::uint64_t firstPlane = 0;         ///< number of the first plane
    std::optional<std::uint64_t> planes;  ///< length; endless without
    /// true: a live camera, planes become due by the clock whether or not anybody reads;
    /// false: a film, given as fast as it is read.
    bool paced = true;
    /// Use the plain scalar code, for tests: the fast code gives the same bytes.
    bool scalar = false;

    /// Ends after `seconds`; 0 = endless.
    void limitSeconds(double seconds);
    /// Scales all noise of the sensor: 0 = ideal, 1 = as is. Values are cut at what is allowed.
    void scaleSensorNoise(double scale);
    /// InvalidArgument names the setting, its value and what is allowed.
    [[nodiscard]] Result<void> check() const;
};

}  // namespace fovea
