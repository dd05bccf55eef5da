// SPDX-License-Identifier: Apache-2.0
// The adaptive method: between rate and interval, pixel by pixel, by local motion and noise.
#pragma once

#include "engine/recon/adaptive_plan.h"
#include "engine/recon/level_source.h"
#include "engine/recon/rate_picture.h"
#include "engine/recon/segment_rates.h"

#include <vector>

namespace fovea {

/// A picture without training, ours. TFP trades noise for motion blur with one window for the whole
/// picture, TFI has no blur and all the noise. Here every pixel finds its own place between them:
///
/// 1. Time around the shown plane is cut into pieces of 5, 6 and 16 planes, shortest near it. Each
///    piece is measured from the phases of its ends (segment_rates.h): the mean of TFI over the
///    piece, much less noisy than a count of spikes over it.
/// 2. The motion of each 16x16 block is estimated from all pieces (motion_field.h), and every piece
///    is fetched from where its light was (alignBlocks). The causal mode predicts with it: pieces
///    that all lie before the shown plane give the picture at it, not one that lags behind.
/// 3. Aligned pieces are averaged, each pixel weighting a piece by whether the 3x3 pixels around it
///    agree with the pieces next to the shown plane (as burst merging does; Hasinoff et al., ACM
///    TOG 2016). Where all agree this is a rate over 49 planes, where none does it is the
///    interval around the shown plane. What counts as agreement follows from the error of the
///    phases and from the noise measured in this picture.
/// 4. What noise is left is measured (measureNoise) and neighbours that differ by less than that
///    are averaged (smooth); where the picture is better than that nothing is touched.
///
/// Units: level = rate; 65535 = a spike at every plane. Lost planes are never bridged: only the run
/// of planes that are there around the shown one is used. A shown plane that was lost is made from
/// the run before it (or after it, not in the causal mode); black when there is none.
/// Same result with every instruction set. Threads: see LevelSource.
class AdaptiveLevels final : public LevelSource {
public:
    /// The settings are valid.
    AdaptiveLevels(const ReconSettings &settings, PlaneShape shape);
    [[nodiscard]] PlaneReach reach() const override { return reachOf(mode_); }
    [[nodiscard]] static PlaneReach reachOf(ReconMode mode) { return AdaptivePlan::reachOf(mode); }

    void fill(const PlaneWindow &window, std::span<std::uint16_t> levels) override;

private:
    void measure();
    void align();
    void merge(std::span<std::uint16_t> levels);

    ReconMode mode_;
    AdaptivePlan plan_;
    std::vector<std::vector<std::int16_t>> rates_;
    std::vector<RatePicture> aligned_;
    MotionField motion_;
    std::vector<Velocity> velocities_;
    std::vector<BlockShift> shifts_;
    RatePicture reference_, merged_;
    std::vector<std::uint16_t> trust_;
    RateScratch scratch_;
    std::vector<double> deviations_;
};

}  // namespace fovea
