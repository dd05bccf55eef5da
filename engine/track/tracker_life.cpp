// SPDX-License-Identifier: Apache-2.0
// Births, deaths and identities.
#include "engine/track/box_geometry.h"
#include "engine/track/tracker.h"

#include <algorithm>
#include <cmath>

namespace fovea {

void Tracker::startNew(std::span<const Detection> detections) {
    const float variance = 4 * settings_.positionSigma * settings_.positionSigma;
    for (std::size_t k = 0; k < detections.size(); ++k) {
        if (taker_[k] != AssignmentSolver::none)
            continue;
        const Box &box = detections[k].box;
        Object object;
        object.x = KalmanAxis(box.x + box.w / 2, variance, velocitySigma_ * velocitySigma_);
        object.y = KalmanAxis(box.y + box.h / 2, variance, velocitySigma_ * velocitySigma_);
        object.w = box.w;
        object.h = box.h;
        object.hits = object.steps = 1;
        object.firstTime = object.seenTime = object.aloneTime = time_;
        object.who.firstPlane = plane_;
        object.score = detections[k].score;
        object.vote(detections[k].label);
        object.predicted = box;
        object.firstX = object.x.position();
        object.firstY = object.y.position();
        objects_.push_back(object);
    }
}

void Tracker::retire() {
    const auto gone = [&](const Object &o) {
        const auto unseen = static_cast<float>(time_ - o.seenTime);
        if (o.who.id == 0)
            return 3 * o.hits < 2 * o.steps - 2 ||
                   unseen > std::max(3 * stepPlanes_, confirmPlanes_);
        const Box picture{0, 0, static_cast<float>(shape_.width),
                          static_cast<float>(shape_.height)};
        const bool out = inside(o.box(0), picture) < 0.25F;
        const auto life = static_cast<float>(o.seenTime - o.firstTime);
        return unseen > std::min(coastPlanes_, 0.5F * life) || (out && unseen > 0) ||
               o.hidden > hiddenPlanes_ || static_cast<float>(time_ - o.aloneTime) > mergedPlanes_;
    };
    for (Object &object : objects_)
        object.gone = gone(object);
    dropGone();
}

/// Two that stay in the same place and move alike are one; the older one is kept.
void Tracker::dropTwins() {
    const auto isTwin = [&](const Object &one, const Object &other) {
        const float speed = std::hypot(other.x.velocity(), other.y.velocity());
        const float apart = std::hypot(one.x.velocity() - other.x.velocity(),
                                       one.y.velocity() - other.y.velocity());
        const Box a = clipped(one.box(0), shape_);
        const Box b = clipped(other.box(0), shape_);
        const bool larger = b.area() > a.area() || (b.area() == a.area() && &other < &one);
        return &one != &other && other.who.id != 0 && larger && inside(a, b) > 0.7F &&
               apart < 0.4F * speed + 0.02F;
    };
    for (Object &one : objects_) {
        const bool twin = std::any_of(objects_.begin(), objects_.end(),
                                      [&](const Object &other) { return isTwin(one, other); });
        one.twin = std::max(0.0F, one.twin + (twin ? 1 : -1) * stepPlanes_);
    }
    for (Object &one : objects_)
        one.gone = one.twin > twinPlanes_;
    dropGone();
}

/// New things within others, and young things within much larger ones, are parts of those.
void Tracker::dropParts() {
    const auto isPart = [&](const Object &part, const Object &whole) {
        if (&part == &whole)
            return false;
        const Box a = clipped(part.box(0), shape_);
        const Box b = clipped(whole.box(0), shape_);
        if (part.who.id == 0)
            return inside(a, b) > 0.6F && (whole.who.id != 0 || b.area() > a.area());
        return whole.who.id != 0 && time_ - part.firstTime < youngPlanes_ &&
               a.area() < 0.4F * b.area() && inside(a, b) > 0.6F;
    };
    for (Object &part : objects_)
        part.gone = std::any_of(objects_.begin(), objects_.end(),
                                [&](const Object &whole) { return isPart(part, whole); });
    dropGone();
}

/// Confirms what has been seen long and steadily enough and has moved, unless it may be a part of
/// something larger.
void Tracker::confirm() {
    for (Object &object : objects_) {
        const bool old = static_cast<float>(time_ - object.firstTime) >= confirmPlanes_;
        const float moved =
            std::hypot(object.x.position() - object.firstX, object.y.position() - object.firstY);
        if (object.who.id != 0 || !old || object.steady < settings_.confirmHits ||
            moved < settings_.confirmPixels || mayBePart(object) || !isSettled(object))
            continue;
        recognise(object);
        if (object.who.id == 0)
            object.who.id = nextId_++;
    }
    dropGone();
}

/// A small young thing at the edge of a much larger one that moves alike, or a tiny one (the larger
/// one's velocity is not known well while it comes into sight).
bool Tracker::mayBePart(const Object &object) const {
    const auto unsure = 4 * youngPlanes_;
    if (time_ - object.firstTime > unsure)
        return false;
    return std::any_of(objects_.begin(), objects_.end(), [&](const Object &whole) {
        const float share = object.w * object.h / (whole.w * whole.h);
        const float near = 0.1F * std::max(whole.w, whole.h);
        const bool touches = overlap(whole.box(0), object.box(0)) > 0;
        if (&whole == &object || share > (touches ? 0.5F : 0.2F) ||
            overlap(grown(whole.box(0), near), object.box(0)) <= 0)
            return false;
        const float speed = std::hypot(whole.x.velocity(), whole.y.velocity());
        const float apart = std::hypot(whole.x.velocity() - object.x.velocity(),
                                       whole.y.velocity() - object.y.velocity());
        constexpr float tiny = 0.1F;
        return whole.who.id != 0 && (share < tiny || apart < 0.5F * speed + 0.02F);
    });
}

std::span<const Track> Tracker::predict(std::uint64_t plane) {
    output_.clear();
    const auto ahead = static_cast<float>(static_cast<double>(plane) - time_);
    for (const Object &object : objects_) {
        if (object.who.id == 0 || object.hiddenMostly() || object.isStrange())
            continue;
        const float seen = static_cast<float>(object.hits) / static_cast<float>(object.steps);
        const Box box = clipped(object.box(ahead), shape_);
        if (box.area() <= 0)
            continue;
        output_.push_back({object.who.id, box, std::min(1.0F, seen), object.x.velocity(),
                           object.y.velocity(), object.who.firstPlane, object.seenTime < time_,
                           object.label});
    }
    return output_;
}

}  // namespace fovea
