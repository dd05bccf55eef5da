// SPDX-License-Identifier: Apache-2.0
// Who is who: things are known again by how they look.
#include "engine/track/box_geometry.h"
#include "engine/track/tracker.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fovea {

namespace {

/// In shares of what may differ; looks of the same thing mostly differ by less than half of it.
float difference(const Look &one, const Look &other) {
    constexpr float rates = 0.018F;
    constexpr float areas = 0.12F;
    return std::hypot(lookDifference(one.rate, other.rate) / rates,
                      lookDifference(one.cells, other.cells) / areas);
}

}  // namespace

void Tracker::Identity::learn(const Look &now) {
    ++views;
    const float share = std::max(0.01F, 2.0F / static_cast<float>(views + 1));
    look.rate += share * (now.rate - look.rate);
    look.cells += share * (now.cells - look.cells);
}

/// What was confirmed is remembered.
void Tracker::dropGone() {
    for (const Object &object : objects_)
        if (object.gone && object.who.id != 0)
            lost_.push_back(object.who);
    std::erase_if(objects_, [](const Object &object) { return object.gone; });
    std::erase_if(lost_, [&](const Identity &known) {
        return known.look.rate <= 0 || static_cast<float>(time_ - known.time) > memoryPlanes_;
    });
}

/// Its look is known, or will not be: ghosts and unions of things seldom look the same for long,
/// and do not move by their own length. What is large and textured never looks the same for long,
/// and what fills a good part of the picture is seldom seen whole.
bool Tracker::isSettled(const Object &object) const {
    constexpr float uniform = 0.7F;
    constexpr float textured = 0.2F;
    constexpr int few = 4;
    if (!looksKnown_ || static_cast<float>(time_ - object.firstTime) > settlePlanes_)
        return true;
    const float moved =
        std::hypot(object.x.position() - object.firstX, object.y.position() - object.firstY);
    const float length = std::max(object.w, object.h);
    const bool far = (object.steady > 2 * few && moved > length) ||
                     (object.steady >= few && moved > 1.75F * length);
    const bool known = object.appearance.known() && object.view.uniform > uniform;
    const bool large = object.view.cells * 40 > static_cast<float>(shape_.pixels());
    const bool mixed = large && object.view.uniform < textured;
    const bool steady = object.apart >= few && object.steady >= few;
    if (object.steady > few && object.w * object.h * 4 > static_cast<float>(shape_.pixels()))
        return true;
    return known || (object.apart > 0 && far) || (steady && mixed);
}

/// Whether `known` can have come to where the object is since it was last seen alone.
bool Tracker::canReach(const Object &object, const Identity &known) const {
    const float speed = std::max(known.speed, std::hypot(object.x.velocity(), object.y.velocity()));
    const float apart =
        std::hypot(object.x.position() - known.place.x, object.y.position() - known.place.y);
    return apart < 20 + 1.5F * speed * static_cast<float>(time_ - known.time);
}

/// The identity that looks like the object, of those that nothing else surely has; null: none.
Tracker::Identity *Tracker::findIdentity(const Object &object) {
    Identity *best = nullptr;
    float least = 1;
    const auto consider = [&](Identity &known) {
        if (known.look.rate <= 0 || !canReach(object, known))
            return;
        const float apart = difference(object.appearance.mean(), known.look);
        if (apart < least) {
            least = apart;
            best = &known;
        }
    };
    for (Identity &known : lost_)
        consider(known);
    for (Object &other : objects_)
        if (&other != &object && other.who.id != 0 && !other.sure &&
            (other.view.rate <= 0 || differsMuch(other.view, other.who.look)))
            consider(other.who);
    return best;
}

/// Objects that are alone for some time have the identity that looks like them.
void Tracker::checkLooks() {
    for (Object &object : objects_) {
        if (object.who.id == 0 || object.view.rate <= 0)
            continue;
        Identity &who = object.who;
        const bool known = object.appearance.known();
        object.sure =
            object.sure ||
            (known && (who.look.rate <= 0 || difference(object.appearance.mean(), who.look) < 1));
        if (!object.sure)
            continue;
        if (known)
            who.learn(object.appearance.mean());
        who.place = {object.x.position(), object.y.position()};
        who.time = time_;
        who.speed = std::hypot(object.x.velocity(), object.y.velocity());
    }
    for (Object &object : objects_)
        if (object.who.id != 0 && object.appearance.known() && !object.sure)
            recognise(object);
    dropGone();
}

/// Gives the object the identity that looks like it. What looks otherwise for long has changed.
void Tracker::recognise(Object &object) {
    Identity *known = object.appearance.known() ? findIdentity(object) : nullptr;
    if (known == nullptr) {
        object.sure = object.sure || object.appearance.count() > Appearance::changed;
        return;
    }
    std::swap(object.who, *known);
    object.sure = true;
    object.firstTime = std::min(object.firstTime, static_cast<double>(object.who.firstPlane));
    for (Object &other : objects_)
        other.gone = other.gone || (&other.who == known && known->id == 0);
    std::erase_if(lost_, [](const Identity &lost) { return lost.id == 0; });
}

}  // namespace fovea
