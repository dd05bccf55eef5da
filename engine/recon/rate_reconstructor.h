// SPDX-License-Identifier: Apache-2.0
// Raw planes and TFP: the mean rate of a window around the shown plane.
#pragma once

#include "engine/recon/grey_level.h"
#include "engine/recon/reconstructor.h"
#include "engine/recon/spike_counter.h"

#include <vector>

namespace fovea {

/// TFP (Zhu, Dong, Huang and Tian, "A retina-inspired sampling method for visual texture
/// reconstruction", ICME 2019, eq. 3), with SpikeCV's rounding: grey = trunc(f32(f32(count / n) *
/// 255)), n = planes of the window that are there. Raw is the window of one plane.
///
/// Windows that overlap by much slide over the planes of a run (one byte a pixel counts); others
/// are counted anew, bit-sliced, which costs less than a byte for every spike.
/// Threads: see Reconstructor.
class RateReconstructor final : public Reconstructor {
public:
    /// The settings are valid.
    RateReconstructor(const ReconSettings &settings, PlaneShape shape,
                      GreyPart part = GreyPart::Shown);
    [[nodiscard]] std::string_view name() const override { return toString(settings_.method); }
    [[nodiscard]] PlaneReach reach() const override { return reachOf(settings_); }
    /// As many as stay in the second-level cache.
    [[nodiscard]] std::size_t runLength(std::size_t) const override { return 16; }
    /// Pictures so far apart are made by counting each window anew.
    [[nodiscard]] bool counts(std::size_t hop) const;
    /// The picture of counted planes: black when there were none.
    void show(const SpikeCounter &counter, std::span<std::uint8_t> grey, TilePool &pool);

protected:
    void fill(const PlaneWindow &window, std::span<std::uint8_t> grey) override;
    void fillRun(const PictureRun &run, GreyPictures &pictures, TilePool &pool) override;

private:
    void fillTable(std::size_t planes);
    void fill(const PlaneWindow &window, std::span<std::uint8_t> grey, TilePool &pool);
    /// Pictures [first, first + count) of the run, whose windows are whole.
    void slide(const PictureRun &run, std::size_t first, std::size_t count, GreyPictures &pictures,
               TilePool &pool);

    ReconSettings settings_;
    GreyPart part_;
    TilePool alone_{1};
    std::size_t window_;  ///< planes of a whole one
    SpikeCounter counter_;
    std::vector<std::uint8_t> table_;  ///< grey value by count, for tablePlanes_ planes
    std::size_t tablePlanes_ = 0;
};

}  // namespace fovea
