// SPDX-License-Identifier: Apache-2.0
// Boxes and tracked objects in display pixels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace fovea {

/// Axis-parallel box in display pixels; x, y is the left top corner; covers [x, x + w) x [y, y +
/// h).
struct Box {
    float x = 0;
    float y = 0;
    float w = 0;
    float h = 0;

    [[nodiscard]] float area() const { return w * h; }
    friend bool operator==(const Box &, const Box &) = default;
};

/// Intersection over union, 0 when either box is empty.
[[nodiscard]] inline float iou(const Box &a, const Box &b) {
    const float w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
    const float h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
    if (w <= 0 || h <= 0)
        return 0;
    const float inter = w * h;
    return inter / (a.area() + b.area() - inter);
}

/// A candidate that a detector found in one plane.
struct Detection {
    Box box;
    float score = 0;  ///< 0 to 1
    int label = -1;   ///< class, when the detector knows any
};

/// An object followed over time.
struct Track {
    std::uint32_t id = 0;  ///< from 1, never used twice in a session
    Box box;
    float score = 0;               ///< 0 to 1
    float vx = 0;                  ///< pixels per plane, right
    float vy = 0;                  ///< pixels per plane, down
    std::uint64_t firstPlane = 0;  ///< where it was first seen
    bool coasting = false;         ///< predicted: not seen in the newest detections
    int label = -1;                ///< class that it mostly was, -1: none is known

    friend bool operator==(const Track &, const Track &) = default;
};

/// All confirmed objects at one plane.
struct TrackSet {
    std::uint64_t plane = 0;
    std::vector<Track> tracks;
};

}  // namespace fovea
