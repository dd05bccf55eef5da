// SPDX-License-Identifier: Apache-2.0
// The speeds a person can choose, from one plane a frame to as fast as possible.
#pragma once

#include <QString>
#include <cstddef>
#include <vector>

namespace fovea {

/// One rung: multiple of real time, 0 = as fast as the engine takes it.
struct SpeedRung {
    double speed = 1;
    QString label;  ///< "1/100x"
};

/// Speeds for a plane rate, slowest first; the last one is "max". Every rung is at least as fast as
/// the one before it: "1 plane/frame" stands where its speed belongs.
///
/// Threads: a plain value.
class SpeedLadder {
public:
    SpeedLadder(double planeRateHz, double displayRateHz);

    [[nodiscard]] const std::vector<SpeedRung> &rungs() const { return rungs_; }
    /// The rung nearest to `speed`.
    [[nodiscard]] std::size_t nearest(double speed) const;
    [[nodiscard]] double slower(double speed) const;
    [[nodiscard]] double faster(double speed) const;
    /// A speed at which `planes` planes last a few seconds, at most real time.
    [[nodiscard]] double comfortable(double planes) const;
    /// "1/100x, 6.7 planes/frame"
    [[nodiscard]] QString describe(double speed) const;

private:
    double planeRateHz_;
    double displayRateHz_;
    std::vector<SpeedRung> rungs_;
};

}  // namespace fovea
