// SPDX-License-Identifier: Apache-2.0
// Identities through steady motion, losses, crossings and lost planes.
#include "tests/engine/track/square_scene.h"

#include <catch2/catch.hpp>

#include <set>

using namespace fovea;
using test::rate;
using test::shape;

namespace {

Detection at(float x, float y, float side = 30) {
    return {{x, y, side, side}, 1};
}

Box hull(const Box &a, const Box &b) {
    const float x = std::min(a.x, b.x);
    const float y = std::min(a.y, b.y);
    return {x, y, std::max(a.x + a.w, b.x + b.w) - x, std::max(a.y + a.h, b.y + b.h) - y};
}

}  // namespace

TEST_CASE("a moving thing is confirmed once and keeps its identity through a short loss") {
    Tracker tracker({}, shape, rate);
    std::set<std::uint32_t> ids;
    for (std::uint64_t plane = 7; plane < 4000; plane += 8) {
        const float x = 20 + 0.05F * static_cast<float>(plane);
        std::vector<Detection> seen{at(x, 50)};
        if (plane > 2000 && plane < 2200)
            seen.clear();
        const auto tracks = tracker.update(plane, seen);
        for (const Track &track : tracks) {
            ids.insert(track.id);
            if (plane > 500)
                CHECK(iou(track.box, at(x, 50).box) > 0.8F);
        }
        if (plane > 200)
            REQUIRE(tracks.size() == 1);
    }
    CHECK(ids == std::set<std::uint32_t>{1});
}

TEST_CASE("what does not move is not confirmed") {
    Tracker tracker({}, shape, rate);
    for (std::uint64_t plane = 7; plane < 4000; plane += 8)
        CHECK(tracker.update(plane, std::vector{at(100, 100)}).empty());
}

TEST_CASE("two things that cross in one shared box keep their identities") {
    Tracker tracker({}, shape, rate);
    std::uint32_t right = 0;
    for (std::uint64_t plane = 7; plane < 6000; plane += 8) {
        const float way = 0.05F * static_cast<float>(plane);
        const Detection a = at(20 + way, 60, 40);
        const Detection b = at(320 - way, 80, 30);
        std::vector<Detection> seen{a, b};
        if (iou(a.box, b.box) > 0)
            seen = {{hull(a.box, b.box), 1}};
        const auto tracks = tracker.update(plane, seen);
        if (plane > 400) {
            REQUIRE(tracks.size() == 2);
            for (const Track &track : tracks)
                if (track.vx > 0.02F && right == 0)
                    right = track.id;
        }
        if (plane > 5500)
            for (const Track &track : tracks)
                CHECK(iou(track.box, track.id == right ? a.box : b.box) > 0.6F);
    }
    CHECK(right != 0);
}

TEST_CASE("a track dies some time after its object, and reset forgets") {
    Tracker tracker({}, shape, rate);
    std::uint64_t plane = 7;
    for (; plane < 2000; plane += 8)
        (void)tracker.update(plane, std::vector{at(20 + 0.05F * static_cast<float>(plane), 50)});
    REQUIRE(tracker.predict(plane).size() == 1);
    for (; plane < 4000; plane += 8)
        (void)tracker.update(plane, {});
    CHECK(tracker.predict(plane).empty());
    tracker.reset();
    CHECK(tracker.update(5, {}).empty());
}

TEST_CASE("predictions move with the object and change nothing") {
    Tracker tracker({}, shape, rate);
    for (std::uint64_t plane = 7; plane < 2000; plane += 8)
        (void)tracker.update(plane, std::vector{at(20 + 0.1F * static_cast<float>(plane), 50)});
    const float now = tracker.predict(1999)[0].box.x;
    const float later = tracker.predict(2099)[0].box.x;
    CHECK(later - now == Approx(10).margin(0.5));
    CHECK(tracker.predict(1999)[0].box.x == now);
}
