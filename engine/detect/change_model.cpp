// SPDX-License-Identifier: Apache-2.0
// The steps of the model around the vector loops.
#include "engine/detect/change_model.h"

#include "engine/detect/change_kernels.h"

#include <algorithm>

namespace fovea {

using namespace change_kernels;

namespace {
constexpr std::size_t halo = CellGrid::lanes;
}

ChangeModel::ChangeModel(const CellGrid &grid, const ChangeModelSettings &settings)
    : grid_(grid), settings_(settings) {
    const std::size_t cells = grid.size();
    for (auto *values : {&mean_, &fast_, &slow_, &age_, &background_, &trust_})
        values->assign(cells, 0.0F);
    for (auto *values : {&difference_, &variance_})
        values->assign(cells + 2 * std::size_t{grid.stride}, 0.0F);
    for (auto *values : {&sumDifference_, &sumVariance_})
        values->assign(cells + 2 * halo, 0.0F);
    allMarks_.assign(cells + 4 * std::size_t{grid.stride}, 0);
    marks_.assign(cells, 0);
}

void ChangeModel::reset() {
    groups_ = 0;
    gain_ = 1;
    noise_ = 1;
    std::fill(allMarks_.begin(), allMarks_.end(), std::uint8_t{0});
    std::fill(marks_.begin(), marks_.end(), std::uint8_t{0});
}

void ChangeModel::start(std::span<const std::uint8_t> counts, float scale) {
    for (std::size_t i = 0; i < counts.size(); ++i)
        mean_[i] = fast_[i] = slow_[i] = background_[i] = static_cast<float>(counts[i]) * scale;
    std::fill(age_.begin(), age_.end(), 0.0F);
    std::fill(trust_.begin(), trust_.end(), 0.0F);
    groups_ = 1;
}

void ChangeModel::measureGain(std::span<const std::uint8_t> counts, float scale) {
    const float saturated = 0.85F * 4.0F * settings_.planesPerGroup;
    const Sums light = sumGain(counts.data(), allMarks_.data() + 2 * std::size_t{grid_.stride},
                               background_.data(), saturated, counts.size());
    if (light.expected > 0 && light.seen > 0)
        gain_ = std::clamp(light.seen * scale / light.expected, 0.02F, 50.0F);
}

void ChangeModel::measureNoise(std::span<const std::uint8_t> counts, float toRate) {
    if (groups_ % 8 != 0 && groups_ >= 16)
        return;
    const Sums spread =
        sumNoise(counts.data(), mean_.data(), age_.data(), toRate, 9.0F * noise_, counts.size());
    if (spread.expected > 0)
        noise_ += 0.1F * (std::clamp(spread.seen / spread.expected, 0.3F, 30.0F) - noise_);
}

void ChangeModel::update(std::span<const std::uint8_t> counts, float scale) {
    if (groups_ == 0) {
        start(counts, scale);
        return;
    }
    measureGain(counts, scale);
    const float toRate = scale / gain_;
    measureNoise(counts, toRate);
    const auto seen = static_cast<float>(std::min<std::uint64_t>(groups_, 100000));
    const std::size_t row = grid_.stride;

    const SegmentStep segments{counts.data(),
                               mean_.data(),
                               fast_.data(),
                               slow_.data(),
                               age_.data(),
                               difference_.data() + row,
                               variance_.data() + row,
                               background_.data(),
                               toRate,
                               noise_,
                               settings_.changeSigmas * settings_.changeSigmas,
                               settings_.relativeFloor,
                               1.0F / seen};
    stepSegments(segments, grid_.size());
    sumRows(difference_.data() + row, sumDifference_.data() + halo, row, grid_.size());
    sumRows(variance_.data() + row, sumVariance_.data() + halo, row, grid_.size());

    const float sigmas = settings_.contrastSigmas * settings_.contrastSigmas;
    const ForegroundStep foreground{counts.data(),
                                    difference_.data() + row,
                                    variance_.data() + row,
                                    sumDifference_.data() + halo,
                                    sumVariance_.data() + halo,
                                    mean_.data(),
                                    fast_.data(),
                                    age_.data(),
                                    background_.data(),
                                    trust_.data(),
                                    allMarks_.data() + 2 * row,
                                    toRate,
                                    sigmas,
                                    sigmas * 1.2F,
                                    settings_.trustGroups,
                                    settings_.absorbGroups,
                                    settings_.activeGroups,
                                    settings_.recentGroups,
                                    1.0F / std::min(seen + 1.0F, settings_.backgroundGroups)};
    stepForeground(foreground, grid_.size());
    dropLonely(allMarks_.data() + 2 * row, marks_.data(), row, grid_.size(), settings_.neighbours);
    ++groups_;
}

void ChangeModel::skip(float groups) {
    if (groups_ == 0)
        return;
    for (float &a : age_)
        a = std::min(a + groups, 60000.0F);
}

void ChangeModel::absorb(std::size_t cell) {
    background_[cell] = mean_[cell];
    marks_[cell] = 0;
    allMarks_[cell + 2 * std::size_t{grid_.stride}] = 0;
}

}  // namespace fovea
