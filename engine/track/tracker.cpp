// SPDX-License-Identifier: Apache-2.0
// Prediction, assignment, pieces and merged boxes. Births and deaths: tracker_life.cpp.
#include "engine/track/tracker.h"

#include "engine/track/box_geometry.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

constexpr std::size_t none = AssignmentSolver::none;
constexpr double forbidden = 1e6;

/// 0 for the same box, 1 where boxes grown by the gate only touch; forbidden beyond.
double costOf(const Box &predicted, const Box &box, float gate) {
    const float shared = iou(grown(predicted, gate), grown(box, gate));
    if (shared <= 0 || overlap(grown(predicted, gate), box) <= 0)
        return forbidden;
    const float alike = likeness(predicted, box);
    return 1.5 - 0.5 * static_cast<double>(shared + iou(predicted, box) + alike);
}

/// 0 for looks that agree, up to 0.45 for those of other objects.
double lookCost(const Appearance &known, float look) {
    if (!known.known())
        return 0;
    return 3.0 * static_cast<double>(std::min(0.15F, lookDifference(known.look(), look)));
}

}  // namespace

Box Tracker::Object::box(float planes) const {
    return {x.at(planes) - w / 2, y.at(planes) - h / 2, w, h};
}

Tracker::Tracker(const TrackerSettings &settings, PlaneShape shape, double planeRateHz)
    : settings_(settings), shape_(shape) {
    // Slower cameras are treated as this one: see TrackerSettings.
    constexpr double slowestRate = 8000;
    const double rate = std::max(planeRateHz, slowestRate);
    const auto planes = [&](double seconds) { return static_cast<float>(seconds * rate); };
    confirmPlanes_ = planes(settings.confirmSeconds);
    coastPlanes_ = planes(settings.coastSeconds);
    hiddenPlanes_ = planes(settings.hiddenSeconds);
    mergedPlanes_ = planes(settings.mergedSeconds);
    youngPlanes_ = planes(settings.youngSeconds);
    acceleration_ = static_cast<float>(settings.acceleration / (rate * rate * rate));
    velocitySigma_ = static_cast<float>(std::max(0.5, 20000 / rate));
}

void Tracker::reset() {
    objects_.clear();
    lost_.clear();
    output_.clear();
    started_ = false;
}

void Tracker::predictAll(double time) {
    stepPlanes_ = started_ ? static_cast<float>(std::max(0.0, time - time_)) : 1.0F;
    time_ = time;
    for (Object &object : objects_) {
        object.x.predict(stepPlanes_, acceleration_);
        object.y.predict(stepPlanes_, acceleration_);
        object.predicted = object.box(0);
        object.detection = none;
        object.merged = false;
        ++object.steps;
    }
}

void Tracker::associate(std::span<const Detection> detections) {
    taker_.assign(detections.size(), none);
    if (objects_.empty() || detections.empty())
        return;
    // Each object may also stay alone: one private column a row.
    const std::size_t columns = detections.size() + objects_.size();
    costs_.assign(objects_.size() * columns, forbidden);
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        const double handicap = objects_[i].id == 0 ? 0.3 : 0.0;
        for (std::size_t k = 0; k < detections.size(); ++k)
            costs_[i * columns + k] =
                costOf(objects_[i].predicted, detections[k].box, settings_.gate) + handicap +
                lookCost(objects_[i].appearance, looks_[k]);
        costs_[i * columns + detections.size() + i] = 2.0;
    }
    const auto best = solver_.solve(costs_, objects_.size(), columns);
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        if (best[i] >= detections.size() || costs_[i * columns + best[i]] >= 2.0)
            continue;
        objects_[i].detection = best[i];
        objects_[i].measured = detections[best[i]].box;
        taker_[best[i]] = i;
    }
}

/// Boxes that nobody took but that lie within what an object is expected to cover are its pieces.
void Tracker::gatherPieces(std::span<const Detection> detections) {
    for (std::size_t k = 0; k < detections.size(); ++k) {
        if (taker_[k] != none)
            continue;
        for (std::size_t i = 0; i < objects_.size(); ++i) {
            Object &object = objects_[i];
            if (object.detection == none || !isPiece(object, detections[k].box))
                continue;
            taker_[k] = i;
            const Box both = hull(object.measured, detections[k].box);
            if (both.w <= 1.15F * object.w + 4 && both.h <= 1.15F * object.h + 4)
                object.measured = both;
            break;
        }
    }
}

/// A piece lies within what is expected to be covered and near the rest, or is tiny.
bool Tracker::isPiece(const Object &object, const Box &box) {
    constexpr float near = 8;
    if (inside(box, grown(object.predicted, 4)) < 0.6F)
        return false;
    return overlap(grown(object.measured, near), box) > 0 ||
           box.area() < 0.1F * object.w * object.h;
}

/// When one of two objects alone explains the box that they share, the other one is behind it, or
/// gone.
void Tracker::noteHidden(Object &a, Object &b, const Box &box) const {
    const auto explains = [&](const Object &o) {
        return box.w <= 1.25F * o.w + 4 && box.h <= 1.25F * o.h + 4;
    };
    Object &worse = likeness({0, 0, a.w, a.h}, box) < likeness({0, 0, b.w, b.h}, box) ? a : b;
    if (explains(a) || explains(b))
        worse.hidden += stepPlanes_;
    else
        a.hidden = b.hidden = 0;
}

/// Objects without a box whose place is covered by another's box share that box.
void Tracker::gatherMerged(std::span<const Detection> detections) {
    for (Object &object : objects_) {
        if (object.detection != none || object.id == 0)
            continue;
        for (std::size_t k = 0; k < detections.size(); ++k) {
            const std::size_t i = taker_[k];
            if (i == none || objects_[i].id == 0 || objects_[i].detection != k ||
                inside(object.predicted, grown(detections[k].box, 3)) < 0.5F)
                continue;
            object.detection = k;
            object.merged = true;
            noteHidden(object, objects_[i], detections[k].box);
            objects_[i].merged = true;
            break;
        }
    }
    for (std::size_t k = 0; k < detections.size(); ++k)
        joinYoung(k, detections[k].box);
}

/// A box much larger than the young objects that share it is one thing that was seen in parts.
void Tracker::joinYoung(std::size_t detection, const Box &box) {
    Object *largest = nullptr;
    float sum = 0;
    std::size_t old = 0;
    for (Object &object : objects_) {
        if (object.detection != detection || !object.merged)
            continue;
        sum += object.w * object.h;
        old += time_ - object.firstTime > youngPlanes_ ? 1 : 0;
        if (largest == nullptr || object.w * object.h > largest->w * largest->h)
            largest = &object;
    }
    if (largest == nullptr || old > 1 || box.area() < 1.5F * sum)
        return;
    for (Object &object : objects_) {
        if (object.detection != detection || &object == largest)
            continue;
        object.detection = none;
        object.steps = object.hits = 0;
        object.id = 0;
        object.seenTime = -1e18;
    }
    largest->merged = false;
    largest->measured = box;
    taker_[detection] = static_cast<std::size_t>(largest - objects_.data());
}

/// Much larger than the object has been for long: something that is not known yet touches it.
bool Tracker::isSwollen(const Object &object, const Box &box) {
    constexpr int settled = 50;
    constexpr int patience = 25;
    return object.hits > settled && object.swollen < patience &&
           (box.w > 1.3F * object.w + 4 || box.h > 1.3F * object.h + 4);
}

void Tracker::correctAlone(Object &object, const Box &box) {
    const float variance = settings_.positionSigma * settings_.positionSigma;
    const float share = object.hits < 25 ? 0.5F : 0.2F;
    const auto width = static_cast<float>(shape_.width);
    const auto height = static_cast<float>(shape_.height);
    // At the picture's border only the inner edge says where the object is, once its size is known.
    const bool known = object.hits > 10;
    const bool cutLeft = box.x <= 1 && known && box.w < object.w;
    const bool cutRight = box.x + box.w >= width - 1 && known && box.w < object.w;
    const bool cutTop = box.y <= 1 && known && box.h < object.h;
    const bool cutBottom = box.y + box.h >= height - 1 && known && box.h < object.h;
    const bool steady = std::abs(box.w - object.w) < 0.2F * object.w + 4 &&
                        std::abs(box.h - object.h) < 0.2F * object.h + 4;
    object.steady = steady ? object.steady + 1 : 0;
    if (!cutLeft && !cutRight)
        object.w += share * (box.w - object.w);
    if (!cutTop && !cutBottom)
        object.h += share * (box.h - object.h);
    const float cx = cutLeft    ? box.x + box.w - object.w / 2
                     : cutRight ? box.x + object.w / 2
                                : box.x + box.w / 2;
    const float cy = cutTop      ? box.y + box.h - object.h / 2
                     : cutBottom ? box.y + object.h / 2
                                 : box.y + box.h / 2;
    object.x.correct(cx, variance, stepPlanes_);
    object.y.correct(cy, variance, stepPlanes_);
    ++object.hits;
    object.hidden = 0;
    object.seenTime = time_;
    object.aloneTime = time_;
}

/// Objects that touch: each where its shape fits best.
void Tracker::correctByShape(std::size_t detection, const Occupancy &occupancy) {
    const float variance = 4 * settings_.positionSigma * settings_.positionSigma;
    fit_.begin(occupancy);
    for (const Object &object : objects_)
        if (object.detection == detection)
            fit_.add(object.shape, object.x.position(), object.y.position(),
                     object.appearance.known() ? object.appearance.look() : 0);
    for (Object &object : objects_) {
        if (object.detection != detection)
            continue;
        const float x = object.x.position();
        const float y = object.y.position();
        const ShapeOffset offset =
            fit_.find(object.shape, x, y, object.appearance.known() ? object.appearance.look() : 0);
        if (offset.x)
            object.x.correct(x + *offset.x, variance, stepPlanes_);
        if (offset.y)
            object.y.correct(y + *offset.y, variance, stepPlanes_);
        object.seenTime = time_;
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
            if (object.detection != detection)
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

std::span<const Track> Tracker::update(std::uint64_t plane, std::span<const Detection> detections,
                                       float age, const Occupancy &occupancy) {
    plane_ = plane;
    predictAll(static_cast<double>(plane) - static_cast<double>(age));
    started_ = true;
    looks_.clear();
    for (const Detection &detection : detections)
        looks_.push_back(lookOf(occupancy, detection.box));
    associate(detections);
    gatherPieces(detections);
    gatherMerged(detections);
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        Object &object = objects_[i];
        if (object.detection == none || taker_[object.detection] != i)
            continue;
        const bool swollen = !object.merged && isSwollen(object, object.measured);
        object.swollen = swollen ? object.swollen + 1 : 0;
        if (object.merged || swollen)
            occupancy.known() ? correctByShape(object.detection, occupancy)
                              : correctMerged(object.detection, object.measured);
        else
            correctAlone(object, object.measured);
        if (occupancy.known() && !object.merged && !swollen) {
            object.shape.capture(occupancy, object.measured);
            object.appearance.take(looks_[object.detection]);
        }
        if (swollen)
            object.aloneTime = time_;
    }
    exchangeIdentities();
    startNew(detections);
    retire();
    dropParts();
    confirm();
    return predict(plane);
}

}  // namespace fovea
