// SPDX-License-Identifier: Apache-2.0
// Small sums with boxes that the tracker shares with its parts.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/plane_shape.h"

#include <algorithm>

namespace fovea {

[[nodiscard]] inline Box grown(const Box &b, float by) {
    return {b.x - by, b.y - by, b.w + 2 * by, b.h + 2 * by};
}

/// What of a box lies in the picture.
[[nodiscard]] inline Box clipped(const Box &b, PlaneShape shape) {
    const float x = std::clamp(b.x, 0.0F, static_cast<float>(shape.width));
    const float y = std::clamp(b.y, 0.0F, static_cast<float>(shape.height));
    return {x, y, std::clamp(b.x + b.w, x, static_cast<float>(shape.width)) - x,
            std::clamp(b.y + b.h, y, static_cast<float>(shape.height)) - y};
}

/// Area that two boxes share.
[[nodiscard]] inline float overlap(const Box &a, const Box &b) {
    const float w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
    const float h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
    return w > 0 && h > 0 ? w * h : 0;
}

/// Share of `a` that lies in `b`.
[[nodiscard]] inline float inside(const Box &a, const Box &b) {
    return a.area() > 0 ? overlap(a, b) / a.area() : 0;
}

[[nodiscard]] inline Box hull(const Box &a, const Box &b) {
    const float x = std::min(a.x, b.x);
    const float y = std::min(a.y, b.y);
    return {x, y, std::max(a.x + a.w, b.x + b.w) - x, std::max(a.y + a.h, b.y + b.h) - y};
}

/// 1 for boxes of the same width and height, towards 0 for different ones.
[[nodiscard]] inline float likeness(const Box &a, const Box &b) {
    return std::min(a.w, b.w) / std::max(a.w, b.w) * std::min(a.h, b.h) / std::max(a.h, b.h);
}

}  // namespace fovea
