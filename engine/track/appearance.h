// SPDX-License-Identifier: Apache-2.0
// How bright an object is: what tells it from others when places do not.
#pragma once

#include "engine/core/detection.h"
#include "engine/track/object_shape.h"

namespace fovea {

struct Look {
    float rate =
        0;  ///< median spike rate of the covered cells, as `Occupancy::rates`; 0: not known
    float cells = 0;  ///< how many are covered
};
/// What is covered in `box`.
[[nodiscard]] Look lookOf(const Occupancy &occupancy, const Box &box);

/// How far two looks lie apart as a share of the brighter one; 0 when either is not known.
[[nodiscard]] float lookDifference(float a, float b);

/// What an object looks like, learned from views of it alone: known once enough views in a row
/// agree. Later views that do not agree are not taken, unless they go on for long.
///
/// Threads: a plain value.
class Appearance {
public:
    static constexpr float differs = 0.035F;  ///< looks that far apart are not the same
    static constexpr int settled = 20;        ///< views that make it known
    static constexpr int patience = 60;       ///< views that do not agree which end that

    void take(const Look &view);
    /// Whether the view may be one of it.
    [[nodiscard]] bool agrees(const Look &view) const;
    [[nodiscard]] float look() const { return mean_.rate; }
    [[nodiscard]] float area() const { return mean_.cells; }
    [[nodiscard]] bool known() const { return known_; }

private:
    Look mean_;
    int count_ = 0;
    int others_ = 0;  ///< views in a row that did not agree
    bool known_ = false;
};

}  // namespace fovea
