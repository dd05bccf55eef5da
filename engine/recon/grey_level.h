// SPDX-License-Identifier: Apache-2.0
// From a computed level to the shown grey value.
#pragma once

#include "engine/recon/reconstructor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace fovea {

/// `level` is 0 to 255. Without gain and gamma it is only truncated, as SpikeCV does.
[[nodiscard]] inline std::uint8_t greyLevel(float level, const ReconSettings &settings) {
    if (settings.gain == 1 && settings.gamma == 1)
        return static_cast<std::uint8_t>(level);
    const double bright = std::min(1.0, static_cast<double>(level) / 255 * settings.gain);
    return static_cast<std::uint8_t>(255 * std::pow(bright, 1 / settings.gamma) + 1e-9);
}

}  // namespace fovea
