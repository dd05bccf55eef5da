// SPDX-License-Identifier: Apache-2.0
// TFI: brightness is the inverse of the inter-spike interval around the shown plane.
#pragma once

#include "engine/recon/reconstructor.h"

#include <vector>

namespace fovea {

/// TFI (Zhu, Dong, Huang and Tian, "A retina-inspired sampling method for visual texture
/// reconstruction", ICME 2019, eq. 2), grey = trunc(255 / interval), in both conventions of
/// SpikeCV; see TfiConvention. As there, plane number 0 never begins an interval of the
/// convention "single".
///
/// Intervals above 255 planes count as not found: without gain both are black.
/// Threads: see Reconstructor.
class IntervalReconstructor final : public Reconstructor {
public:
    /// The settings are valid.
    IntervalReconstructor(const ReconSettings &settings, PlaneShape shape);
    [[nodiscard]] std::string_view name() const override { return toString(ReconMethod::Tfi); }
    [[nodiscard]] PlaneReach reach() const override {
        return reachOf(settings_.convention, settings_.reach);
    }
    [[nodiscard]] static PlaneReach reachOf(TfiConvention convention, std::uint32_t reach);

protected:
    void fill(const PlaneWindow &window, std::span<std::uint8_t> grey) override;

private:
    ReconSettings settings_;
    std::vector<const std::uint64_t *> backward_;  ///< planes to search, newest first
    std::vector<std::uint8_t> table_;              ///< grey value by interval; [0]: none found
};

}  // namespace fovea
