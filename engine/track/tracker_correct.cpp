// SPDX-License-Identifier: Apache-2.0
// What a box or the covered cells tell about where the objects are.
#include "engine/track/tracker.h"

#include <algorithm>
#include <cmath>

namespace fovea {

/// The centre of the object's own box. At the picture's border only the inner edge tells, once the
/// size is known.
ObjectShape::Point Tracker::takeBox(Object &object, const Box &box) const {
    const float share = object.hits < 25 ? 0.5F : 0.2F;
    const auto width = static_cast<float>(shape_.width);
    const auto height = static_cast<float>(shape_.height);
    const bool known = object.hits > 10;
    const bool cutLeft = box.x <= 1 && known && box.w < object.w;
    const bool cutRight = box.x + box.w >= width - 1 && known && box.w < object.w;
    const bool cutTop = box.y <= 1 && known && box.h < object.h;
    const bool cutBottom = box.y + box.h >= height - 1 && known && box.h < object.h;
    const bool steady = std::abs(box.w - object.w) < 0.2F * object.w + 4 &&
                        std::abs(box.h - object.h) < 0.2F * object.h + 4;
    object.steady = steady ? object.steady + 1 : 0;
    object.clear = object.clear && !cutLeft && !cutRight && !cutTop && !cutBottom;
    if (!cutLeft && !cutRight)
        object.w += share * (box.w - object.w);
    if (!cutTop && !cutBottom)
        object.h += share * (box.h - object.h);
    return {cutLeft    ? box.x + box.w - object.w / 2
            : cutRight ? box.x + object.w / 2
                       : box.x + box.w / 2,
            cutTop      ? box.y + box.h - object.h / 2
            : cutBottom ? box.y + object.h / 2
                        : box.y + box.h / 2};
}

/// What nothing else touches shows its shape.
ObjectShape::Point Tracker::takeShape(Object &object, const Box &box, ObjectShape::Point middle,
                                      const Occupancy &occupancy) {
    const float share = object.hits < 25 ? 0.5F : 0.2F;
    const bool first = !object.shape.known();
    const ObjectShape::Point centre = object.shape.capture(occupancy, box);
    const ObjectShape::Point offset{middle.x - centre.x, middle.y - centre.y};
    if (first) {
        object.x.shift(-offset.x);
        object.y.shift(-offset.y);
        object.offset = offset;
    }
    object.offset.x += share * (offset.x - object.offset.x);
    object.offset.y += share * (offset.y - object.offset.y);
    object.shapeTime = time_;
    object.turn.take(object.shape, time_, occupancy.cellSize);
    return centre;
}

void Tracker::correctAlone(Object &object, const Box &box, const Occupancy &occupancy) {
    const float variance = settings_.positionSigma * settings_.positionSigma;
    ObjectShape::Point centre = takeBox(object, box);
    if (occupancy.known() && object.clear) {
        centre = takeShape(object, box, centre, occupancy);
    } else {
        if (object.shape.known())
            turnBox(object, occupancy.cellSize, false);
        centre = {centre.x - object.offset.x, centre.y - object.offset.y};
    }
    if (object.steady == 0 && object.hits > 1) {
        // Another size: its middle jumped, which tells nothing about its speed.
        object.x.shift(centre.x - object.x.position());
        object.y.shift(centre.y - object.y.position());
    }
    object.x.correct(centre.x, variance, stepPlanes_);
    object.y.correct(centre.y, variance, stepPlanes_);
    ++object.hits;
    object.hidden = 0;
    object.strange = 0;
    object.seen = 1;
    object.seenTime = time_;
    object.aloneTime = time_;
}

/// The box that the shape has by now.
void Tracker::turnBox(Object &object, float cellSize, bool size) const {
    const Box box = object.shape.boxAt(object.angle(time_), cellSize);
    object.offset = {box.x + box.w / 2, box.y + box.h / 2};
    if (!size)
        return;
    object.w = box.w;
    object.h = box.h;
}

/// Objects that touch or are hidden in part: each where its shape fits best.
void Tracker::correctByShape(const Occupancy &occupancy) {
    const float variance = 9 * settings_.positionSigma * settings_.positionSigma;
    fit_.begin(occupancy);
    for (const Object &object : objects_)
        if (object.fitted)
            fit_.add(object.shape, object.x.position(), object.y.position(), object.angle(time_),
                     object.who.look.rate);
    std::size_t index = 0;
    for (Object &object : objects_) {
        if (!object.fitted)
            continue;
        const ShapeOffset offset = fit_.find(index++);
        const bool tells = offset.seen > 0.05F;
        if (tells && offset.x)
            object.x.correct(object.x.position() + *offset.x, variance, stepPlanes_);
        if (tells && offset.y)
            object.y.correct(object.y.position() + *offset.y, variance, stepPlanes_);
        object.seen += 0.2F * (offset.seen - object.seen);
        object.strange =
            offset.rate > 0 && lookDifference(offset.rate, object.who.look.rate) > 0.05F
                ? object.strange + 1
                : 0;
        const bool lost = object.seen < 0.2F || object.isStrange();
        object.hidden = std::max(0.0F, object.hidden + (lost ? 1 : -1) * stepPlanes_);
        turnBox(object, occupancy.cellSize, true);
        object.turn.interrupt();
        object.seenTime = time_;
        if (!object.merged || object.seen > 0.5F)
            object.aloneTime = time_;
        object.hits += object.merged ? 0 : 1;
    }
}

/// Each edge of a shared box tells about the object whose own edge was expected nearest to it; the
/// others stay within the box.
void Tracker::correctMerged(std::size_t detection, const Box &box) {
    const auto axis = [&](KalmanAxis Object::*coordinate, float Object::*size, float low,
                          float high) {
        constexpr float margin = 3;
        const float variance = 16 * settings_.positionSigma * settings_.positionSigma;
        const auto centre = [&](const Object &o) { return (o.*coordinate).position(); };
        float lowest = high;
        float highest = low;
        for (const Object &object : objects_) {
            if (object.detection != detection)
                continue;
            lowest = std::min(lowest, centre(object) - object.*size / 2);
            highest = std::max(highest, centre(object) + object.*size / 2);
        }
        for (Object &object : objects_) {
            if (object.detection != detection || object.fitted)
                continue;
            const float now = centre(object);
            const float half = object.*size / 2;
            const float least = std::min(low + half, (low + high) / 2);
            const float most = std::max(high - half, (low + high) / 2);
            const bool atLow = now - half < lowest + margin;
            const bool atHigh = now + half > highest - margin;
            float wanted = std::clamp(now, least, most);
            if (atLow && atHigh)
                wanted = std::abs(least - now) < std::abs(most - now) ? least : most;
            else if (atLow)
                wanted = least;
            else if (atHigh)
                wanted = most;
            else if (wanted == now)
                continue;
            (object.*coordinate).correct(wanted, variance, stepPlanes_);
        }
    };
    axis(&Object::x, &Object::w, box.x, box.x + box.w);
    axis(&Object::y, &Object::h, box.y, box.y + box.h);
    for (Object &object : objects_)
        if (object.detection == detection)
            object.seenTime = time_;
}

}  // namespace fovea
