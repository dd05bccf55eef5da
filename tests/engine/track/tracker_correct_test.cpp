// SPDX-License-Identifier: Apache-2.0
// Objects that meet, hide each other and part again.
#include "engine/track/tracker.h"
#include "tests/engine/track/square_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("objects that cross keep their identities, also when one bounces meanwhile") {
    for (const bool bounce : {false, true}) {
        Tracker tracker({}, shape, rate);
        Scene scene;
        std::uint32_t bright = 0;
        for (std::uint64_t plane = 7; plane < 3700; plane += 8) {
            const float way = 0.05F * static_cast<float>(plane);
            const float back = 140 - 0.1F * (static_cast<float>(plane) - 2400);
            const float left = bounce && plane > 2400 ? back : 20 + way;
            const float right = 250 - way;
            scene.clear();
            scene.put(right, 90, 40, 20.0F);
            scene.put(left, 100, 30, 25.0F);  // in front
            const bool touch = left + 34 > right && left < right + 44;
            const std::vector<Detection> both{
                {{std::min(left, right), 90,
                  std::max(left + 30, right + 40) - std::min(left, right), 40},
                 1}};
            const auto tracks =
                touch ? scene.show(tracker, plane, both) : scene.show(tracker, plane);
            if (plane == 1007) {
                REQUIRE(tracks.size() == 2);
                bright = tracks[tracks[0].box.x < tracks[1].box.x ? 0 : 1].id;
            }
            if (plane > 3600) {
                REQUIRE(tracks.size() == 2);
                for (const Track &track : tracks)
                    CHECK(std::abs(track.box.x - (track.id == bright ? left : right)) < 6);
            }
        }
    }
}

TEST_CASE("what is hidden is not shown, and is known again when it comes out") {
    Tracker tracker({}, shape, rate);
    Scene scene;
    std::uint32_t small = 0;
    std::size_t least = 9;
    for (std::uint64_t plane = 7; plane < 3500; plane += 8) {
        const float way = 0.1F * static_cast<float>(plane);
        const float back = 0.02F * static_cast<float>(plane);
        scene.clear();
        const float x = 10 + way;
        const float front = 160 - back;
        scene.put(x, 100, 24, 25.0F);
        scene.put(front, 80, 60, 20.0F);
        const bool touch = x + 28 > front && x < front + 64;
        const float low = std::min(x, front);
        const std::vector<Detection> both{{{low, 80, std::max(x + 24, front + 60) - low, 60}, 1}};
        const auto tracks = touch ? scene.show(tracker, plane, both) : scene.show(tracker, plane);
        if (plane == 807) {
            REQUIRE(tracks.size() == 2);
            small = tracks[tracks[0].box.w < tracks[1].box.w ? 0 : 1].id;
        }
        if (plane > 807)
            least = std::min(least, tracks.size());
        if (plane > 2600) {
            REQUIRE(tracks.size() == 2);
            CHECK(tracks[tracks[0].box.w < tracks[1].box.w ? 0 : 1].id == small);
        }
    }
    CHECK(least == 1);
}
