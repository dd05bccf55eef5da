// SPDX-License-Identifier: Apache-2.0
// TFI: brightness is the inverse of the inter-spike interval around the shown plane.
#pragma once

#include "engine/recon/grey_level.h"
#include "engine/recon/reconstructor.h"

#include <vector>

namespace fovea {

/// TFI (Zhu, Dong, Huang and Tian, "A retina-inspired sampling method for visual texture
/// reconstruction", ICME 2019, eq. 2), grey = trunc(255 / interval), in both conventions of
/// SpikeCV; see TfiConvention. As there, plane number 0 never begins an interval of the
/// convention "single".
///
/// Intervals above 255 planes count as not found: without gain both are black.
/// Single pictures search around their plane, bit-sliced; in a run with pictures close together
/// each plane is passed once forwards and once backwards.
/// Threads: see Reconstructor.
class IntervalReconstructor final : public Reconstructor {
public:
    /// The settings are valid.
    IntervalReconstructor(const ReconSettings &settings, PlaneShape shape,
                          GreyPart part = GreyPart::Shown);
    [[nodiscard]] std::string_view name() const override { return toString(ReconMethod::Tfi); }
    [[nodiscard]] PlaneReach reach() const override {
        return reachOf(settings_.convention, settings_.reach);
    }
    /// The searches before and after a run are a large part of it.
    [[nodiscard]] std::size_t runLength(std::size_t hop) const override;
    [[nodiscard]] static PlaneReach reachOf(TfiConvention convention, std::uint32_t reach);

protected:
    void fill(const PlaneWindow &window, std::span<std::uint8_t> grey) override;
    void fillRun(const PictureRun &run, GreyPictures &pictures, TilePool &pool) override;

private:
    /// The planes to search before planes[end], newest first.
    [[nodiscard]] PlanePointers backward(const PlaneWindow &window, std::size_t end);
    void follow(const PictureRun &run, std::size_t first, std::size_t count, GreyPictures &pictures,
                TilePool &pool);

    ReconSettings settings_;
    GreyPart part_;
    std::vector<const std::uint64_t *> backward_;
    std::vector<const std::uint64_t *> planes_;
    std::vector<std::uint8_t> table_;     ///< grey value by interval; [0]: none found
    std::vector<std::uint8_t> runTable_;  ///< grey value by interval - 1; [255]: none found
};

}  // namespace fovea
