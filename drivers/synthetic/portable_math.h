// SPDX-License-Identifier: Apache-2.0
// Mathematics that gives the same bits on every machine, which std::sin does not promise.
#pragma once

#include <cstdint>

namespace fovea::synthetic {

/// Sine of an angle in turns of 2^-32 (0x40000000 = 90 degrees); error below 1e-7.
[[nodiscard]] constexpr double sineOfTurns(std::uint32_t turns) {
    // Fold to -90 .. 90 degrees, then Taylor.
    auto signedTurns = static_cast<std::int32_t>(turns);
    if (signedTurns > 0x40000000 || signedTurns < -0x40000000)
        signedTurns = static_cast<std::int32_t>(0x80000000U - turns);
    const double x = static_cast<double>(signedTurns) * (6.283185307179586 * 0x1.0p-32);
    const double q = x * x;
    return x *
           (1 - q / 6 * (1 - q / 20 * (1 - q / 42 * (1 - q / 72 * (1 - q / 110 * (1 - q / 156))))));
}
[[nodiscard]] constexpr double cosineOfTurns(std::uint32_t turns) {
    return sineOfTurns(turns + 0x40000000U);
}

}  // namespace fovea::synthetic
