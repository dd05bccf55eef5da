// SPDX-License-Identifier: Apache-2.0
// Tracked objects as text: label lines, CSV, summary.
#pragma once

#include "engine/core/frame_sink.h"

#include <cstdint>
#include <map>
#include <string>

namespace fovea {

/// MOTChallenge lines `frame,id,x,y,w,h,score,class,-1,-1`, the plane number as frame, 2 decimals.
[[nodiscard]] std::string motLines(const FrameResult &frame);
/// The same for what is known to be true: score 1.
[[nodiscard]] std::string motLines(const TrackSet &truth);

/// Head and lines of `plane,seconds,id,x,y,w,h,score,vx,vy,coasting`.
[[nodiscard]] std::string csvHead();
[[nodiscard]] std::string csvLines(const FrameResult &frame);

/// Which objects there were, from when to when.
///
/// Threads: one at a time.
class TrackSummary {
public:
    void add(const FrameResult &frame);
    /// "3 objects, 780 boxes in 260 results"
    [[nodiscard]] std::string line() const;
    /// line() and one line for each object.
    [[nodiscard]] std::string table() const;

private:
    struct Object {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        std::uint64_t boxes = 0;
        Box box;
    };
    std::map<std::uint32_t, Object> objects_;
    std::uint64_t results_ = 0;
    std::uint64_t boxes_ = 0;
};

}  // namespace fovea
