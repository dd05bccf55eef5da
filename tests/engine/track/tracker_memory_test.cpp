// SPDX-License-Identifier: Apache-2.0
// What was lost is known again, by its look, its size and where it can have come.
#include "engine/track/tracker.h"
#include "tests/engine/track/square_scene.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

using namespace fovea;
using namespace fovea::test;

namespace {

struct Pause {
    std::uint64_t planes = 2000;  ///< unseen for so long
    float back = 60;              ///< seen again so many pixels from where it was
    float side = 24;
    float spikes = 22;
};

/// Identities before and after a square is not seen for a while; 0: none.
std::pair<std::uint32_t, std::uint32_t> idsAround(const Pause &pause) {
    constexpr std::uint64_t first = 1600;
    Tracker tracker({}, shape, rate);
    Scene scene;
    std::uint32_t before = 0;
    std::uint32_t after = 0;
    for (std::uint64_t plane = 7; plane < 2 * first + pause.planes; plane += 8) {
        const auto t = static_cast<float>(plane);
        const bool away = plane >= first && plane < first + pause.planes;
        const bool again = plane >= first + pause.planes;
        scene.clear();
        if (!away && !again)
            scene.put(20 + 0.05F * t, 100, 24, 22);
        else if (again)
            scene.put(100 + pause.back + 0.05F * (t - first - static_cast<float>(pause.planes)),
                      100, pause.side, pause.spikes);
        const auto tracks = scene.show(tracker, plane);
        if (!tracks.empty())
            (again ? after : before) = tracks[0].id;
        CHECK(tracks.size() <= 1);
    }
    return {before, after};
}

}  // namespace

TEST_CASE("what was lost is known again") {
    const auto [before, after] = idsAround({});
    CHECK(before == 1);
    CHECK(after == before);
}

TEST_CASE("what looks otherwise, is of another size or cannot have come there is another thing") {
    Pause pause;
    SECTION("brighter") {
        pause.spikes = 23;
    }
    SECTION("larger") {
        pause.side = 28;
    }
    SECTION("far away") {
        pause.planes = 500;
        pause.back = 250;
    }
    SECTION("much later") {
        pause.planes = 41000;
    }
    const auto [before, after] = idsAround(pause);
    CHECK(before == 1);
    CHECK(after == 2);
}

TEST_CASE("while something is missing, a thing whose look does not settle waits, not for ever") {
    constexpr std::uint64_t lost = 1600;
    constexpr std::uint64_t again = 2400;
    Tracker tracker({}, shape, rate);
    Scene scene;
    std::uint64_t shown = 0;
    for (std::uint64_t plane = 7; plane < again + 2400; plane += 8) {
        scene.clear();
        const float x = 20 + 0.005F * static_cast<float>(plane);
        const bool other = plane % 16 == 7;
        if (plane < lost || plane > again)
            scene.put(x, 100, 24, plane > again && other ? 18.0F : 22.0F);
        const auto tracks = scene.show(tracker, plane);
        if (plane > again && !tracks.empty() && shown == 0) {
            shown = plane - again;
            CHECK(tracks[0].id == 2);
        }
    }
    CHECK(shown > 1950);
    CHECK(shown < 2100);
}
