// SPDX-License-Identifier: Apache-2.0
// Objects that were lost are known again by how they look.
#include "engine/track/box_geometry.h"
#include "engine/track/tracker.h"

#include <algorithm>
#include <cmath>

namespace fovea {

/// What was confirmed is remembered.
void Tracker::dropGone() {
    for (const Object &object : objects_)
        if (object.gone && object.id != 0)
            lost_.push_back(object);
    std::erase_if(objects_, [](const Object &object) { return object.gone; });
    std::erase_if(lost_, [&](const Object &object) {
        return static_cast<float>(time_ - object.seenTime) > memoryPlanes_;
    });
}

/// How it looks is known, or will not be, or nothing is missing that it could be and it was alone
/// for some steps. Ghosts and unions of things seldom look the same for long.
bool Tracker::isSettled(const Object &object) const {
    constexpr int few = 4;
    if (object.appearance.known() || !looksKnown_ ||
        static_cast<float>(time_ - object.firstTime) > settlePlanes_)
        return true;
    return object.apart >= few && object.steady >= few && !isAnyMissing(object);
}

bool Tracker::isOutOfSight(const Object &known) const {
    return known.id != 0 && (known.hiddenMostly() || known.seenTime < time_);
}

/// Whether something that was lost or is out of sight can be the object.
bool Tracker::isAnyMissing(const Object &object) const {
    const auto mayBe = [&](const Object &known) {
        return known.appearance.known() && canReach(object, known);
    };
    return std::any_of(lost_.begin(), lost_.end(), mayBe) ||
           std::any_of(objects_.begin(), objects_.end(), [&](const Object &known) {
               return &known != &object && isOutOfSight(known) && mayBe(known);
           });
}

/// Whether `known` can have come to where the object is since it was last seen alone.
bool Tracker::canReach(const Object &object, const Object &known) const {
    const float speed =
        std::max(known.shapeSpeed, std::hypot(object.x.velocity(), object.y.velocity()));
    const float apart = std::hypot(object.x.position() - known.shapePlace.x,
                                   object.y.position() - known.shapePlace.y);
    return apart < 20 + 1.5F * speed * static_cast<float>(time_ - known.shapeTime);
}

/// Gives the object the identity of what was lost or is out of sight, if it looks the same.
void Tracker::recognise(Object &object) {
    if (!object.appearance.known())
        return;
    Object *best = nullptr;
    float least = 1;
    const auto consider = [&](Object &known) {
        if (!known.appearance.known() || !canReach(object, known))
            return;
        // In shares of what may differ; what is known again mostly differs by less than half of it.
        constexpr float rates = 0.018F;
        constexpr float areas = 0.12F;
        const float difference =
            std::hypot(lookDifference(object.appearance.look(), known.appearance.look()) / rates,
                       lookDifference(object.appearance.area(), known.appearance.area()) / areas);
        if (difference < least) {
            least = difference;
            best = &known;
        }
    };
    for (Object &known : lost_)
        consider(known);
    for (Object &known : objects_)
        if (&known != &object && known.id != 0 && (known.hiddenMostly() || known.seenTime < time_))
            consider(known);
    if (best == nullptr)
        return;
    std::swap(object.id, best->id);
    object.firstTime = best->firstTime;
    object.firstPlane = best->firstPlane;
    best->gone = true;
    std::erase_if(lost_, [](const Object &known) { return known.id == 0; });
}

}  // namespace fovea
