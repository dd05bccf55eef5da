// SPDX-License-Identifier: Apache-2.0
// Raw planes and TFP: the mean rate of a window around the shown plane.
#pragma once

#include "engine/recon/reconstructor.h"

#include <vector>

namespace fovea {

/// TFP (Zhu, Dong, Huang and Tian, "A retina-inspired sampling method for visual texture
/// reconstruction", ICME 2019, eq. 3), with SpikeCV's rounding: grey = trunc(f32(f32(count / n) *
/// 255)), n = planes of the window that are there. Raw is the window of one plane.
///
/// Threads: see Reconstructor.
class RateReconstructor final : public Reconstructor {
public:
    /// The settings are valid.
    RateReconstructor(const ReconSettings &settings, PlaneShape shape);
    [[nodiscard]] std::string_view name() const override { return toString(settings_.method); }
    [[nodiscard]] PlaneReach reach() const override { return reachOf(settings_); }

protected:
    void fill(const PlaneWindow &window, std::span<std::uint8_t> grey) override;

private:
    void fillTable(std::size_t planes);

    ReconSettings settings_;
    std::vector<const std::uint64_t *> present_;
    std::vector<std::uint8_t> table_;  ///< grey value by count, for tablePlanes_ planes
    std::size_t tablePlanes_ = 0;
};

}  // namespace fovea
