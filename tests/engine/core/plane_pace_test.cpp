// SPDX-License-Identifier: Apache-2.0
// Planes fall due exactly when the pace says so, at every rate.
#include "engine/core/plane_pace.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace std::chrono_literals;

TEST_CASE("a plane is due at the time the pace names and not a microsecond before") {
    const double rate = GENERATE(1.0, 3.0, 7.0, 999.9, 20000.0, 40000.0, 99999.0);
    PlanePace pace;
    pace.start = Clock::TimePoint(5h);
    pace.planesPerSecond = rate;
    for (const std::uint64_t planes : {1ULL, 2ULL, 3ULL, 399ULL, 40001ULL, 123456789ULL}) {
        const auto due = pace.timeOf(planes);
        REQUIRE(pace.planesAt(due) == planes);
        REQUIRE(pace.planesAt(due - 1us) == planes - 1);
    }
}

TEST_CASE("nothing is due before the start, 400 planes 10 ms after it") {
    PlanePace pace;
    pace.start = Clock::TimePoint(5h);
    pace.planesPerSecond = 40000;
    REQUIRE(pace.planesAt(pace.start - 1h) == 0);
    REQUIRE(pace.planesAt(pace.start) == 0);
    REQUIRE(pace.planesAt(pace.start + 10ms) == 400);
    REQUIRE(pace.timeOf(400) == pace.start + 10ms);
}
