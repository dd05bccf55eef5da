// SPDX-License-Identifier: Apache-2.0
// Measures pieces of time, aligns them along the motion, merges what agrees.
#include "engine/recon/adaptive_levels.h"

#include <algorithm>
#include <array>

namespace fovea {

AdaptiveLevels::AdaptiveLevels(const ReconSettings &settings, PlaneShape shape)
    : LevelSource(shape), mode_(settings.mode), plan_(settings.mode),
      rates_(AdaptivePlan::mostPieces, std::vector<std::int16_t>(ratePictureSize(shape))),
      aligned_(AdaptivePlan::mostPieces, RatePicture(shape)),
      motion_(shape, AdaptivePlan::mostPieces),
      velocities_(blocksAlong(shape.width) * blocksAlong(shape.height)),
      shifts_(velocities_.size()), reference_(shape), merged_(shape),
      trust_(reference_.stride() * shape.height), scratch_(shape) {
    constexpr std::size_t step = AdaptivePlan::sampleStep;
    deviations_.reserve((shape.width / step + 1) * (shape.height / step + 1));
}

/// The rates of all pieces.
void AdaptiveLevels::measure() {
    std::array<std::int16_t *, AdaptivePlan::mostPieces> pictures{};
    const std::size_t count = plan_.pieces().size();
    for (std::size_t i = 0; i < count; ++i)
        pictures[i] = rates_[i].data();
    segmentRates(plan_.planes(), plan_.bounds(), shape(), std::span(pictures).first(count));
}

void AdaptiveLevels::align() {
    const auto pieces = plan_.pieces();
    motion_.clear();
    for (const AdaptivePlan::Piece &piece : pieces)
        if (plan_.movesWith(piece))
            motion_.add(rates_[piece.picture].data(), piece.time, piece.planes(), scratch_);
    motion_.estimate(plan_.motionReach(), velocities_);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        AdaptivePlan::shifts(pieces[i], velocities_, shifts_);
        alignBlocks(rates_[pieces[i].picture].data(), shifts_, aligned_[i]);
    }
}

void AdaptiveLevels::merge(std::span<std::uint16_t> levels) {
    constexpr std::size_t step = AdaptivePlan::sampleStep;
    const std::size_t count = plan_.pieces().size();
    std::array<const RatePicture *, AdaptivePlan::mostPieces> pictures{};
    std::array<MergeWeight, AdaptivePlan::mostPieces> weights{};
    for (std::size_t i = 0; i < count; ++i)
        pictures[i] = &aligned_[i];
    const auto all = std::span(pictures).first(count);
    const auto near = plan_.shares();
    for (std::size_t y = step / 2; y < shape().height; y += step) {
        const auto row = static_cast<std::ptrdiff_t>(y);
        makeReference(all, near, row - 1, row + 2, reference_);
    }
    for (std::size_t i = 0; i < count; ++i) {
        deviations_.clear();
        for (std::size_t y = step / 2; i > 0 && y < shape().height; y += step)
            for (std::size_t x = step / 2; x < shape().width; x += step)
                deviations_.push_back(deviationAt(aligned_[i], reference_, x, y));
        weights[i] = AdaptivePlan::weightOf(plan_.pieces()[i], deviations_);
    }
    mergeAligned(all, std::span(weights).first(count), near, scratch_, reference_, merged_, trust_);
    smooth(merged_, trust_, measureNoise(merged_, trust_), scratch_, levels);
}

void AdaptiveLevels::fill(const PlaneWindow &window, std::span<std::uint16_t> levels) {
    if (!plan_.cut(window)) {
        std::fill(levels.begin(), levels.end(), std::uint16_t{0});
        return;
    }
    measure();
    align();
    merge(levels);
}

}  // namespace fovea
