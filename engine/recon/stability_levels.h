// SPDX-License-Identifier: Apache-2.0
// The stability method: brightness is the inverse of the mean interval over a stable run.
#pragma once

#include "engine/recon/level_source.h"

#include <array>
#include <vector>

namespace fovea {

/// First-order stability reconstruction after Zhang, Yan, Zhao et al., "High-speed and high-quality
/// vision reconstruction of spike camera with spike stability theorem", arXiv 2412.11639.
///
/// Theirs: under constant light the intervals between spikes are n or n + 1 planes for one n, so
/// intervals that take no third value are a stable run, and the light during it is
/// I = 255 / ((1 / N) * sum of the N intervals).
/// Ours, as the text leaves it open: how a run is found. It begins with the interval that holds the
/// shown plane (last spike at or before it to the next one) and takes in the nearest interval
/// before and behind in turn, as long as longest - shortest <= 1; a side ends at its first interval
/// that breaks this. The causal mode begins with the last whole interval and only looks back.
/// Windows are 64 planes on both sides of the shown one, 128 back in the causal mode. An
/// interval that is cut there counts as long as what can be seen of it; in the causal mode the
/// silence since the last spike counts instead of the last interval once it has lasted longer.
/// Their second-order method (stability of the runs' lengths) is not built.
///
/// Lost planes are never bridged: only the run of planes around the shown one is used; black when
/// the shown plane is lost. Threads: see LevelSource.
class StabilityLevels final : public LevelSource {
public:
    /// The settings are valid.
    StabilityLevels(const ReconSettings &settings, PlaneShape shape);
    [[nodiscard]] PlaneReach reach() const override { return reachOf(mode_); }
    [[nodiscard]] static PlaneReach reachOf(ReconMode mode);
    void fill(const PlaneWindow &window, std::span<std::uint16_t> levels) override;

    /// Planes that are there in a row.
    struct Planes {
        std::uint32_t back = 0;   ///< the shown one and those before it; 0: it was lost
        std::uint32_t ahead = 0;  ///< those after it
    };
    [[nodiscard]] static Planes planesAround(const PlaneWindow &window, PlaneReach most);

private:
    ReconMode mode_;
    /// Of 64 pixels: the shown plane and those before it; the planes after it, or before those.
    std::array<std::uint64_t, 64> newer_{}, older_{};
};

}  // namespace fovea
