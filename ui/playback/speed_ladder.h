// SPDX-License-Identifier: Apache-2.0
// The speeds of engine/core/speed_ladder.h in words.
#pragma once

#include "engine/core/speed_ladder.h"

#include <QString>
#include <cstddef>

namespace fovea {

/// The ladder for one plane rate.
///
/// Threads: a plain value.
class SpeedLadder {
public:
    explicit SpeedLadder(double planeRateHz);

    [[nodiscard]] std::size_t size() const { return rungs_.size(); }
    [[nodiscard]] double speed(std::size_t rung) const { return rungs_[rung].speed; }
    /// "1/100x"
    [[nodiscard]] QString label(std::size_t rung) const;
    /// The rung nearest to `speed`.
    [[nodiscard]] std::size_t nearest(double speed) const;
    [[nodiscard]] double slower(double speed) const { return slowerSpeed(speed, planeRateHz_); }
    [[nodiscard]] double faster(double speed) const { return fasterSpeed(speed, planeRateHz_); }
    /// A speed at which `planes` planes last a few seconds, at most real time.
    [[nodiscard]] double comfortable(double planes) const;
    /// "1/100x, 6.7 planes/frame"
    [[nodiscard]] QString describe(double speed) const;

private:
    double planeRateHz_;
    decltype(speedLadder(1)) rungs_;
};

}  // namespace fovea
