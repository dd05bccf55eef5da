// SPDX-License-Identifier: Apache-2.0
// How fast an object turns, measured while it is seen alone.
#pragma once

#include "engine/track/object_shape.h"

#include <vector>

namespace fovea {

/// Compares the object's shape with an earlier one of its own: the angle at which both cover each
/// other best, divided by the time between them. The time grows as the rate gets known, so that a
/// slow turn is measured as well as a fast one. Things that look alike at every angle (discs) give
/// no measurement; their rate stays 0.
///
/// Threads: a plain value.
class TurnMeter {
public:
    /// `time` in planes, not going back; `area` cells of `cellSize` pixels.
    void take(const ObjectShape &shape, double time, float cellSize);
    /// Radians a plane.
    [[nodiscard]] float rate() const { return rate_; }
    /// Measurements so far.
    [[nodiscard]] int count() const { return count_; }
    /// The next shape is not comparable with the last (the object was hidden in part).
    void interrupt() { key_ = {}; }

private:
    void draw(const ObjectShape &shape, float cellSize);
    [[nodiscard]] float covered(float turn, float cellSize) const;

    ObjectShape key_;
    double keyTime_ = 0;
    float rate_ = 0;
    int count_ = 0;
    int side_ = 0;                   ///< of the map, cells
    std::vector<std::uint8_t> map_;  ///< the newest shape around its centre
};

}  // namespace fovea
