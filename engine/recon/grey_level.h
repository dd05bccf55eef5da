// SPDX-License-Identifier: Apache-2.0
// From a computed level to the shown grey value.
#pragma once

#include "engine/recon/reconstructor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace fovea {

/// Levels of TFP and TFI. Two steps in single precision, as the peers compute it: exact multiples
/// may fall below.
[[nodiscard]] inline float rateLevel(std::size_t spikes, std::size_t planes) {
    const float rate = static_cast<float>(spikes) / static_cast<float>(planes);
    return rate * 255.0F;
}
[[nodiscard]] inline float intervalLevel(std::size_t planes) {
    return 255.0F / static_cast<float>(planes);
}

/// What a table of greys holds: the grey that is shown, or one byte of the linear 16-bit level.
enum class GreyPart : std::uint8_t { Shown, UpperByte, LowerByte };

/// `level` is 0 to 255. Without gain and gamma it is only truncated, as SpikeCV does.
[[nodiscard]] inline std::uint8_t greyLevel(float level, const ReconSettings &settings,
                                            GreyPart part = GreyPart::Shown) {
    if (part != GreyPart::Shown) {
        const auto deep = static_cast<unsigned>(level * 257.0F + 0.5F);
        return static_cast<std::uint8_t>(part == GreyPart::UpperByte ? deep >> 8 : deep & 255U);
    }
    if (settings.gain == 1 && settings.gamma == 1)
        return static_cast<std::uint8_t>(level);
    const double bright = std::min(1.0, static_cast<double>(level) / 255 * settings.gain);
    return static_cast<std::uint8_t>(255 * std::pow(bright, 1 / settings.gamma) + 1e-9);
}

}  // namespace fovea
