// SPDX-License-Identifier: Apache-2.0
// Limits of the synthetic camera's settings.
#include "drivers/synthetic/settings.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

namespace {

constexpr double maxSpread = 0.2;
constexpr double maxDark = 0.2;
constexpr double maxFaulty = 0.5;
constexpr double minPhotons = 12;

Result<void> inRange(std::string_view name, double value, double low, double high) {
    if (value >= low && value <= high)  // false for NaN
        return {};
    return fail(ErrorCode::InvalidArgument, "synthetic source: {} is {}, allowed is {} to {}", name,
                value, low, high);
}

}  // namespace

std::string_view toString(SceneLight light) {
    switch (light) {
    case SceneLight::Constant:
        return "constant";
    case SceneLight::Fluorescent:
        return "fluorescent";
    case SceneLight::Drift:
        return "drift";
    }
    return "unknown";
}

Result<SceneLight> parseSceneLight(std::string_view text) {
    for (const SceneLight light :
         {SceneLight::Constant, SceneLight::Fluorescent, SceneLight::Drift})
        if (text == toString(light))
            return light;
    return fail(ErrorCode::Usage,
                "light is \"{}\", allowed is \"constant\", \"fluorescent\" or \"drift\"", text);
}

void SyntheticSettings::limitSeconds(double seconds) {
    planes.reset();
    if (seconds > 0)
        planes =
            static_cast<std::uint64_t>(std::clamp(std::round(seconds * planeRateHz), 1.0, 9e18));
}

void SyntheticSettings::scaleSensorNoise(double scale) {
    // Photon noise goes with the root of the photons: half the noise takes four times as many.
    photonsPerSpike = scale > 0 && photonsPerSpike > 0
                          ? std::max(minPhotons, photonsPerSpike / (scale * scale))
                          : 0;
    darkCurrent = std::min(maxDark, darkCurrent * scale);
    gainSpread = std::min(maxSpread, gainSpread * scale);
    thresholdSpread = std::min(maxSpread, thresholdSpread * scale);
    deadShare = std::min(maxFaulty, deadShare * scale);
    hotShare = std::min(maxFaulty, hotShare * scale);
}

Result<void> SyntheticSettings::check() const {
    if (!shape.valid() || shape.pixels() > maxPixels)
        return fail(ErrorCode::InvalidArgument,
                    "synthetic source: shape is {}, allowed is 1x1 to {} pixels in all",
                    toString(shape), maxPixels);
    if (photonsPerSpike != 0)
        if (auto ok = inRange("photonsPerSpike", photonsPerSpike, minPhotons, 1e12); !ok)
            return ok;
    const bool changes = light != SceneLight::Constant;
    struct Limit {
        std::string_view name;
        double value, low, high;
    };
    const std::array limits{
        Limit{"planeRateHz", planeRateHz, 1, 100000},
        Limit{"objects", static_cast<double>(objects), 0, maxObjects},
        Limit{"minSpeed", minSpeed, 0, maxSpeed},
        Limit{"maxSpeed", maxSpeed, 0, 1e9},
        Limit{"lightDepth", lightDepth, 0, 1},
        Limit{"lightHz", lightHz, 1e-6, changes ? planeRateHz / 2 : 1e9},
        Limit{"darkCurrent", darkCurrent, 0, maxDark},
        Limit{"gainSpread", gainSpread, 0, maxSpread},
        Limit{"thresholdSpread", thresholdSpread, 0, maxSpread},
        Limit{"deadShare", deadShare, 0, maxFaulty},
        Limit{"hotShare", hotShare, 0, maxFaulty},
    };
    for (const Limit &limit : limits)
        if (auto ok = inRange(limit.name, limit.value, limit.low, limit.high); !ok)
            return ok;
    return {};
}

}  // namespace fovea
