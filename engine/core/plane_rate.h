// SPDX-License-Identifier: Apache-2.0
// From a measured plane rate to the one that the camera has.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

/// Arrival times shake and clocks differ: a measured rate within a tenth of `before` (0: nothing
/// known) is that one, within a tenth of what such cameras do (20 or 40 kHz) is theirs; any other
/// keeps three digits.
[[nodiscard]] inline double roundPlaneRate(double measured, double before = 0) {
    for (const double known : std::array{before, 20000.0, 40000.0})
        if (known > 0 && std::abs(measured - known) <= known * 0.1)
            return known;
    const double unit = std::pow(10.0, std::floor(std::log10(std::max(measured, 1.0))) - 2);
    return std::round(measured / unit) * unit;
}

}  // namespace fovea
