// SPDX-License-Identifier: Apache-2.0
// How bright an object is: what tells it from others when places do not.
#pragma once

#include "engine/core/detection.h"
#include "engine/track/object_shape.h"

namespace fovea {

struct Look {
    float rate =
        0;  ///< median spike rate of the covered cells, as `Occupancy::rates`; 0: not known
    float cells = 0;    ///< how many are covered
    float uniform = 0;  ///< share of them with about that rate
};
/// What is covered in `box`.
[[nodiscard]] Look lookOf(const Occupancy &occupancy, const Box &box);

/// How far two looks lie apart as a share of the brighter one; 0 when either is not known.
[[nodiscard]] float lookDifference(float a, float b);
/// One view of a thing that is known otherwise.
[[nodiscard]] bool differsMuch(const Look &view, const Look &known);

/// What an object looks like, learned from views of it alone: known once enough views in a row
/// agree; one that does not agree begins anew.
///
/// Threads: a plain value.
class Appearance {
public:
    static constexpr int settled = 10;  ///< views that make it known
    static constexpr int changed = 60;  ///< and so many that it stays so

    void take(const Look &view);
    /// Whether the view may be one of it.
    [[nodiscard]] bool agrees(const Look &view) const;
    [[nodiscard]] const Look &mean() const { return mean_; }
    [[nodiscard]] int count() const { return count_; }  ///< views that agree
    [[nodiscard]] bool known() const { return count_ > settled; }

private:
    Look mean_;
    int count_ = 0;
};

}  // namespace fovea
