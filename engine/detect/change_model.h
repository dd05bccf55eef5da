// SPDX-License-Identifier: Apache-2.0
// Per-cell model of the spike rate: what changed just now, and what differs from the background.
#pragma once

#include "engine/detect/cell_grid.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Settings in groups (steps of the model) and standard deviations.
struct ChangeModelSettings {
    float changeSigmas = 4.5F;
    float contrastSigmas = 4.0F;
    float relativeFloor = 0.06F;
    float trustGroups = 500;
    float absorbGroups = 750;
    float activeGroups = 5;        ///< changed so recently: moving
    float recentGroups = 100;      ///< changed so recently: not a ghost
    float backgroundGroups = 256;  ///< averaging length of the background
    float planesPerGroup = 8;
    std::uint8_t neighbours = 4;  ///< marks in 3x3 cells that a mark needs, itself included
};

/// Each cell's rate is taken as piecewise constant: a running mean that begins anew when the
/// newest count, or a fast or a slow running average, leaves it (so its age is the time since the
/// last change). A second, slow mean is the background. Counts are divided by a global light gain
/// (flicker), which is the ratio of all background cells' counts to their background. The noise
/// level (integrate-and-fire counts are +-1, shot noise comes on top) is measured all the time.
///
/// Rates are in spikes a cell (2x2 pixels) and group; arrays lie as CellGrid says.
/// Threads: an instance belongs to one thread.
class ChangeModel {
public:
    ChangeModel(const CellGrid &grid, const ChangeModelSettings &settings);

    void reset();
    /// One group's counts; `scale` is planes of a whole group / planes counted.
    void update(std::span<const std::uint8_t> counts, float scale);
    /// A group without data: only time passes.
    void skip(float groups);

    [[nodiscard]] std::uint64_t groups() const { return groups_; }
    /// CellMark bits, 0 where the rate is that of the background.
    [[nodiscard]] std::span<const std::uint8_t> marks() const { return marks_; }
    /// Groups since the last change.
    [[nodiscard]] std::span<const float> age() const { return age_; }
    /// Above 0 where the background has been confirmed.
    [[nodiscard]] std::span<const float> trust() const { return trust_; }
    /// Rate since the last change and background rate.
    [[nodiscard]] std::span<const float> rate() const { return mean_; }
    [[nodiscard]] std::span<const float> background() const { return background_; }
    [[nodiscard]] float gain() const { return gain_; }
    [[nodiscard]] float noise() const { return noise_; }
    /// The present rate of a cell becomes its background.
    void absorb(std::size_t cell);

private:
    void start(std::span<const std::uint8_t> counts, float scale);
    void measureGain(std::span<const std::uint8_t> counts, float scale);
    void measureNoise(std::span<const std::uint8_t> counts, float toRate);

    CellGrid grid_;
    ChangeModelSettings settings_;
    std::uint64_t groups_ = 0;
    float gain_ = 1;
    float noise_ = 1;
    std::vector<float> mean_, fast_, slow_, age_, background_, trust_;
    std::vector<float> difference_, variance_;        ///< with a row of zeros above and below
    std::vector<float> sumDifference_, sumVariance_;  ///< of three rows; 16 zeros on each side
    std::vector<std::uint8_t> allMarks_;              ///< with a row of zeros above and below
    std::vector<std::uint8_t> marks_;
};

}  // namespace fovea
