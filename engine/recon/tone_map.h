// SPDX-License-Identifier: Apache-2.0
// From linear 16-bit levels to the shown 8 or 16 bits: exposure, gain, gamma.
#pragma once

#include "engine/recon/reconstructor.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Levels that are shown black and white.
struct LevelRange {
    std::uint16_t black = 0;
    std::uint16_t white = 65535;

    friend bool operator==(const LevelRange &, const LevelRange &) = default;
};
/// From the picture itself: black and white are what all but a thousandth of the pixels (at least 2
/// of them, where there are 32 or more) lie above and below. Hot and dead pixels, which the minimum
/// and the maximum of a picture always are, have no say. A picture without contrast gets {0,
/// 65535}.
[[nodiscard]] LevelRange autoRange(std::span<const std::uint16_t> levels);

/// shown = (gain * (level - black) / (white - black))^(1 / gamma), cut at 0 and 1.
///
/// Threads: one at a time.
class ToneMap {
public:
    explicit ToneMap(const ReconSettings &settings);
    /// `levels` and the result have the same size. 8 bits are rounded.
    void map(std::span<const std::uint16_t> levels, std::span<std::uint8_t> shown);
    void map(std::span<const std::uint16_t> levels, std::span<std::uint16_t> shown);

private:
    template <class Shown> void apply(std::span<const std::uint16_t>, std::span<Shown>);

    double gain_;
    bool automatic_;
    std::vector<std::uint16_t> curve_;  ///< of gamma by level; empty: linear
};

}  // namespace fovea
