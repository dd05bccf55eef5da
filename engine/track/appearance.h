// SPDX-License-Identifier: Apache-2.0
// How bright an object is: what tells it from others when places do not.
#pragma once

#include "engine/core/detection.h"
#include "engine/track/object_shape.h"

namespace fovea {

/// Median spike rate of the covered cells in `box`, in the units of `occupancy.rates`; 0 when it is
/// not known.
[[nodiscard]] float lookOf(const Occupancy &occupancy, const Box &box);

/// How far two looks lie apart as a share of the brighter one; 0 when either is not known.
[[nodiscard]] float lookDifference(float a, float b);

/// The look of an object over time: a mean that follows slowly what does not fit.
///
/// Threads: a plain value.
class Appearance {
public:
    static constexpr float differs = 0.035F;  ///< looks that far apart are not the same
    static constexpr int settled = 20;        ///< measurements that make a look reliable

    void take(float look);
    [[nodiscard]] float look() const { return look_; }
    [[nodiscard]] bool known() const { return count_ >= settled; }

private:
    float look_ = 0;
    int count_ = 0;
};

}  // namespace fovea
