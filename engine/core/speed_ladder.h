// SPDX-License-Identifier: Apache-2.0
// The play speeds that keys, wheel and menus step through.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace fovea {

/// Display frames per second that "one plane a frame" refers to.
constexpr double displayRateHz = 60;
/// As fast as the reader takes the planes (see Playback::setSpeed).
constexpr double maxSpeed = 0;
/// The largest multiple of real time that can be asked for.
constexpr double speedLimit = 1000;
/// The largest plane rate that a configuration may state.
constexpr double planeRateLimitHz = 1e6;

struct SpeedRung {
    double speed = 1;        ///< multiple of real time; maxSpeed on the last rung
    std::string_view label;  ///< for menus
};

/// All rungs for a recording of `planeRateHz`, slowest first, maxSpeed last. "1 plane/frame" takes
/// the place that its speed has at this rate (0.0015 at 40 kHz).
[[nodiscard]] constexpr std::array<SpeedRung, 13> speedLadder(double planeRateHz) {
    std::array<SpeedRung, 13> rungs{
        {{std::min(displayRateHz / planeRateHz, speedLimit), "1 plane/frame"},
         {1.0 / 1000, "1/1000x"},
         {1.0 / 500, "1/500x"},
         {1.0 / 200, "1/200x"},
         {1.0 / 100, "1/100x"},
         {1.0 / 50, "1/50x"},
         {1.0 / 20, "1/20x"},
         {1.0 / 10, "1/10x"},
         {1.0 / 5, "1/5x"},
         {1.0 / 2, "1/2x"},
         {1.0, "1x"},
         {2.0, "2x"},
         {maxSpeed, "max"}}};
    std::sort(rungs.begin(), rungs.end() - 1,
              [](const SpeedRung &a, const SpeedRung &b) { return a.speed < b.speed; });
    return rungs;
}

/// The speed one rung above `speed`, which need not be on a rung; the last rung stays.
[[nodiscard]] constexpr double fasterSpeed(double speed, double planeRateHz) {
    if (speed == maxSpeed)
        return maxSpeed;
    for (const SpeedRung &rung : speedLadder(planeRateHz))
        if (rung.speed == maxSpeed || rung.speed > speed * 1.0001)
            return rung.speed;
    return maxSpeed;
}

/// The speed one rung below; the first rung stays.
[[nodiscard]] constexpr double slowerSpeed(double speed, double planeRateHz) {
    const auto rungs = speedLadder(planeRateHz);
    double slower = rungs.front().speed;
    for (const SpeedRung &rung : rungs)
        if (rung.speed != maxSpeed && (speed == maxSpeed || rung.speed < speed * 0.9999))
            slower = rung.speed;
    return slower;
}

}  // namespace fovea
