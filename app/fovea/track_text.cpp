// SPDX-License-Identifier: Apache-2.0
// Formatting of tracks; fmt never looks at the locale.
#include "app/fovea/track_text.h"

#include "datasets/labels.h"

#include <fmt/format.h>

namespace fovea {

namespace {

void appendMotLine(std::string &text, std::uint64_t plane, const Track &track, float score) {
    MotRow row;
    row.frame = plane;
    row.id = track.id;
    row.box = track.box;
    row.score = score;
    row.label = static_cast<float>(track.label);
    text += motLine(row);
}

}  // namespace

std::string motLines(const FrameResult &frame) {
    std::string text;
    for (const Track &track : frame.tracks)
        appendMotLine(text, frame.plane, track, track.score);
    return text;
}

std::string motLines(const TrackSet &truth) {
    std::string text;
    for (const Track &track : truth.tracks)
        appendMotLine(text, truth.plane, track, 1);
    return text;
}

std::string csvHead() {
    return "plane,seconds,id,x,y,w,h,score,vx,vy,coasting\n";
}

std::string csvLines(const FrameResult &frame) {
    std::string text;
    for (const Track &track : frame.tracks)
        fmt::format_to(std::back_inserter(text),
                       "{},{:.9f},{},{:.2f},{:.2f},{:.2f},{:.2f},{:.2f},{:.6f},{:.6f},{}\n",
                       frame.plane, frame.seconds, track.id, track.box.x, track.box.y, track.box.w,
                       track.box.h, track.score, track.vx, track.vy, track.coasting ? 1 : 0);
    return text;
}

void TrackSummary::add(const FrameResult &frame) {
    ++results_;
    for (const Track &track : frame.tracks) {
        Object &object =
            objects_.try_emplace(track.id, Object{frame.plane, 0, 0, {}}).first->second;
        object.last = frame.plane;
        object.box = track.box;
        ++object.boxes;
        ++boxes_;
    }
}

std::string TrackSummary::line() const {
    return fmt::format("{} {}, {} boxes in {} results", objects_.size(),
                       objects_.size() == 1 ? "object" : "objects", boxes_, results_);
}

std::string TrackSummary::table() const {
    std::string text = line() + "\n";
    for (const auto &[id, object] : objects_)
        text += fmt::format("  object {}: planes {} to {}, {} boxes, last at "
                            "{:.1f},{:.1f} size {:.1f}x{:.1f}\n",
                            id, object.first, object.last, object.boxes, object.box.x, object.box.y,
                            object.box.w, object.box.h);
    return text;
}

}  // namespace fovea
