// SPDX-License-Identifier: Apache-2.0
// Prediction, assignment, pieces and merged boxes. Corrections: tracker_correct.cpp; births and
// deaths: tracker_life.cpp.
#include "engine/track/tracker.h"

#include "engine/track/box_geometry.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

constexpr std::size_t none = AssignmentSolver::none;
constexpr double forbidden = 1e6;

/// 0 for the same box, 1 where boxes grown by the gate only touch; forbidden beyond. What is
/// `known` for long is where it was expected.
double costOf(const Box &predicted, const Box &box, float gate, bool known) {
    const float shared = iou(grown(predicted, gate), grown(box, gate));
    if (shared <= 0 || overlap(grown(predicted, gate), box) <= 0 ||
        (known && iou(grown(predicted, 2), grown(box, 2)) < 0.2F))
        return forbidden;
    const float alike = likeness(predicted, box);
    return 1.5 - 0.5 * static_cast<double>(shared + iou(predicted, box) + alike);
}

/// 0 for looks that agree, up to 0.45 for those of other objects.
double lookCost(float known, float look) {
    return 3.0 * static_cast<double>(std::min(0.15F, lookDifference(known, look)));
}

}  // namespace

Box Tracker::Object::box(float planes) const {
    return {x.at(planes) + offset.x - w / 2, y.at(planes) + offset.y - h / 2, w, h};
}

void Tracker::Object::vote(int kind) {
    if (kind < 0)
        return;
    if (labelVotes == 0)
        label = kind;
    labelVotes += label == kind ? 1 : -1;
}

Tracker::Tracker(const TrackerSettings &settings, PlaneShape shape, double planeRateHz)
    : settings_(settings), shape_(shape) {
    // Slower cameras are treated as this one: see TrackerSettings.
    constexpr double slowestRate = 8000;
    const double rate = std::max(planeRateHz, slowestRate);
    const auto planes = [&](double seconds) { return static_cast<float>(seconds * rate); };
    confirmPlanes_ = planes(settings.confirmSeconds);
    coastPlanes_ = planes(settings.coastSeconds);
    piecesPlanes_ = planes(settings.piecesSeconds);
    twinPlanes_ = planes(settings.twinSeconds);
    hiddenPlanes_ = planes(settings.hiddenSeconds);
    settlePlanes_ = planes(settings.settleSeconds);
    memoryPlanes_ = planes(settings.memorySeconds);
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
        const double handicap = objects_[i].who.id == 0 ? 0.3 : 0.0;
        for (std::size_t k = 0; k < detections.size(); ++k)
            costs_[i * columns + k] = costOf(objects_[i].predicted, detections[k].box,
                                             settings_.gate, objects_[i].hits > 25) +
                                      handicap +
                                      lookCost(objects_[i].who.look.rate, looks_[k].rate);
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
            object.inPieces = true;
            break;
        }
    }
    for (Object &object : objects_) {
        object.pieces = object.inPieces ? object.pieces + stepPlanes_ : 0;
        object.inPieces = false;
    }
}

/// A piece lies within what is expected to be covered and near the rest, or is tiny. What stays in
/// two large pieces is two things.
bool Tracker::isPiece(const Object &object, const Box &box) const {
    constexpr float near = 8;
    constexpr float tiny = 0.1F;
    if (inside(box, grown(object.predicted, 4)) < 0.6F)
        return false;
    return box.area() < tiny * object.w * object.h ||
           (object.pieces < piecesPlanes_ && overlap(grown(object.measured, near), box) > 0);
}

/// Objects without a box whose place is covered by a larger box share that box with those that are
/// there already.
void Tracker::gatherMerged(std::span<const Detection> detections) {
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        Object &object = objects_[i];
        if (object.detection != none || object.who.id == 0)
            continue;
        float most = 0.5F;
        std::size_t best = none;
        for (std::size_t k = 0; k < detections.size(); ++k) {
            const float share = inside(object.predicted, grown(detections[k].box, 3));
            const bool whole = taker_[k] == none || objects_[taker_[k]].detection == k;
            if (!whole || share < most)
                continue;
            most = share;
            best = k;
        }
        if (best == none)
            continue;
        object.detection = best;
        object.merged = true;
        object.measured = detections[best].box;
        if (taker_[best] != none && objects_[taker_[best]].who.id != 0) {
            objects_[taker_[best]].merged = true;
            continue;
        }
        if (taker_[best] != none)
            objects_[taker_[best]].detection = none;
        taker_[best] = i;
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
        if (largest->who.id == 0)
            std::swap(largest->who, object.who);
        object.detection = none;
        object.steps = object.hits = 0;
        object.who = {};
        object.seenTime = -1e18;
    }
    largest->merged = false;
    largest->measured = box;
    taker_[detection] = static_cast<std::size_t>(largest - objects_.data());
}

/// It does not look, or is not as large, as it was for long: something that is not known yet
/// touches it, or hides it.
bool Tracker::isOdd(const Object &object, const Box &box) {
    constexpr int settled = 50;
    constexpr int patience = 25;
    constexpr int longPatience = 250;
    const auto differs = [](float now, float known) {
        return now > 1.2F * known + 4 || now < known / 1.2F - 4;
    };
    if (object.who.look.rate > 0 && object.view.rate > 0)
        return object.odd < longPatience && object.appearance.count() <= Appearance::changed &&
               differsMuch(object.view, object.who.look);
    return object.hits > settled && object.odd < patience &&
           (differs(box.w, object.w) || differs(box.h, object.h));
}

/// Nothing else is near: what its box covers is the object, and all of it.
bool Tracker::isClear(const Object &object, std::span<const Detection> detections) const {
    constexpr float near = 4;
    const Box around = grown(object.measured, near);
    for (const Object &other : objects_)
        if (&other != &object && (other.who.id != 0 || other.hits > 3) &&
            overlap(around, other.predicted) > 0)
            return false;
    for (std::size_t k = 0; k < detections.size(); ++k)
        if (k != object.detection && overlap(around, detections[k].box) > 0 &&
            (taker_[k] == none || &objects_[taker_[k]] != &object))
            return false;
    return true;
}

std::span<const Track> Tracker::update(std::uint64_t plane, std::span<const Detection> detections,
                                       float age, const Occupancy &occupancy) {
    plane_ = plane;
    predictAll(static_cast<double>(plane) - static_cast<double>(age));
    started_ = true;
    looks_.clear();
    looksKnown_ = occupancy.known() && !occupancy.rates.empty();
    for (const Detection &detection : detections)
        looks_.push_back(lookOf(occupancy, detection.box));
    associate(detections);
    gatherPieces(detections);
    gatherMerged(detections);
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        Object &object = objects_[i];
        const bool own = object.detection != none && taker_[object.detection] == i;
        const bool alone = own && !object.merged && isClear(object, detections);
        object.view = alone ? looks_[object.detection] : Look{};
        if (alone)
            object.appearance.take(object.view);
        else
            object.appearance = {};
        const bool odd = own && !object.merged && isOdd(object, object.measured);
        object.odd = odd ? object.odd + 1 : 0;
        object.clear = alone && !odd;
        object.apart = object.clear ? object.apart + 1 : 0;
        if (!object.clear)
            object.sure = object.who.id == 0;
        object.fitted = (object.merged || odd) && object.shape.known() && occupancy.known();
    }
    if (occupancy.known())
        correctByShape(occupancy);
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        Object &object = objects_[i];
        if (object.fitted || object.detection == none || taker_[object.detection] != i)
            continue;
        if (object.merged)
            correctMerged(object.detection, object.measured);
        else
            correctAlone(object, object.measured, occupancy);
        if (!object.merged)
            object.vote(detections[object.detection].label);
    }
    startNew(detections);
    retire();
    dropTwins();
    dropParts();
    checkLooks();
    confirm();
    return predict(plane);
}

}  // namespace fovea
