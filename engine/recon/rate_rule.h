// SPDX-License-Identifier: Apache-2.0
// Fixed-point arithmetic of the adaptive method that vectors, device and plain code share.
#pragma once

#include "engine/cuda/both.h"

#include <cstddef>

namespace fovea::rates {

/// a * b * 2^-15, rounded, as vectors of 16 bits do it.
[[nodiscard]] FOVEA_BOTH constexpr std::int16_t mulFixed15(std::int32_t a, std::int32_t b) {
    return static_cast<std::int16_t>((a * b + 0x4000) >> 15);
}
/// The upper half of a * b.
[[nodiscard]] FOVEA_BOTH constexpr std::uint16_t mulHigh(std::uint16_t a, std::uint16_t b) {
    return static_cast<std::uint16_t>((std::uint32_t{a} * b) >> 16);
}
[[nodiscard]] FOVEA_BOTH constexpr std::int32_t clampInt(std::int32_t value, std::int32_t least,
                                                         std::int32_t most) {
    return value < least ? least : value > most ? most : value;
}

/// round(65536 / d), at most 65535. d: 1 to 255.
[[nodiscard]] FOVEA_BOTH constexpr std::uint32_t reciprocal(std::uint32_t d) {
    return d == 1 ? 65535 : (65536 + d / 2) / d;
}

[[nodiscard]] constexpr int bitWidth(std::size_t number) {
    int bits = 0;
    for (; number != 0; number >>= 1)
        ++bits;
    return bits;
}
/// Bits of a phase in a piece of `planes`: planes << bits stays below 2^15.
[[nodiscard]] constexpr int phaseBits(std::size_t planes) {
    return 15 - bitWidth(planes);
}
/// What makes a rate of (spikes << phaseBits) by a rounding multiplication with 2^-15.
[[nodiscard]] constexpr std::int16_t phaseScale(std::size_t planes) {
    const std::size_t power = std::size_t{1} << (bitWidth(planes) - 1);
    return static_cast<std::int16_t>(power == planes ? 32767
                                                     : (32768 * power + planes / 2) / planes);
}

/// Four weights for each of 64 places between two pixels, 2^-15 (Catmull and Rom).
struct CubicTable {
    std::int16_t weights[64][4] = {};

    constexpr CubicTable() {
        for (int i = 1; i < 64; ++i) {
            const double t = i / 64.0;
            const double w[4] = {(-t + 2 * t * t - t * t * t) / 2,
                                 (2 - 5 * t * t + 3 * t * t * t) / 2,
                                 (t + 4 * t * t - 3 * t * t * t) / 2, (t * t * t - t * t) / 2};
            for (int tap = 0; tap < 4; ++tap)
                weights[i][tap] =
                    static_cast<std::int16_t>(w[tap] * 32768 + (w[tap] < 0 ? -0.5 : 0.5));
        }
    }
};
inline constexpr CubicTable cubic;

}  // namespace fovea::rates
