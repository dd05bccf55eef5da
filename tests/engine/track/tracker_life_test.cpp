// SPDX-License-Identifier: Apache-2.0
// Births, deaths and what is given out: hidden objects, parts of larger things, the picture's edge.
#include "engine/track/tracker.h"
#include "tests/engine/track/square_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("what stays behind another thing is forgotten") {
    Tracker tracker({}, shape, rate);
    Scene scene;
    std::size_t shown = 0;
    for (std::uint64_t plane = 7; plane < 5000; plane += 8) {
        const float front = 160 - 0.02F * static_cast<float>(plane);
        const float x = std::min(10 + 0.1F * static_cast<float>(plane), front + 18);
        scene.clear();
        scene.put(x, 100, 24, 25.0F);
        scene.put(front, 80, 60, 20.0F);
        const float low = std::min(x, front);
        const bool touch = x + 28 > front;
        const std::vector<Detection> both{{{low, 80, front + 60 - low, 60}, 1}};
        shown = (touch ? scene.show(tracker, plane, both) : scene.show(tracker, plane)).size();
        if (plane == 807)
            CHECK(shown == 2);
    }
    CHECK(shown == 1);
    CHECK(tracker.predict(5000)[0].box.w == Approx(60).margin(4));
}

TEST_CASE("a small thing that moves with a large one beside it is a part of it") {
    Tracker tracker({}, shape, rate);
    std::size_t most = 0;
    for (std::uint64_t plane = 7; plane < 1500; plane += 8) {
        const float way = 0.05F * static_cast<float>(plane);
        const std::vector<Detection> seen{{{20 + way, 50, 150, 100}, 1},
                                          {{174 + way, 80, 20, 20}, 1}};
        most = std::max(most, tracker.update(plane, seen).size());
    }
    CHECK(most == 1);
}

TEST_CASE("boxes that are given out lie in the picture") {
    Tracker tracker({}, shape, rate);
    bool cut = false;
    for (std::uint64_t plane = 7; plane < 3000; plane += 8) {
        const float x = 100 - 0.05F * static_cast<float>(plane);
        const float left = std::max(0.0F, x);
        std::vector<Detection> seen;
        if (x + 40 > left + 6)
            seen.push_back({{left, 50, x + 40 - left, 40}, 1});
        for (const Track &track : tracker.update(plane, seen)) {
            CHECK(track.box.x >= 0);
            CHECK(track.box.w > 0);
            cut = cut || track.box.w < 30;
        }
    }
    CHECK(cut);
}
