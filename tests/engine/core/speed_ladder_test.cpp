// SPDX-License-Identifier: Apache-2.0
// Faster and slower walk over every rung, at any plane rate.
#include "engine/core/speed_ladder.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("faster climbs every rung once and stays at max, slower comes back the same way") {
    const double rate = GENERATE(1.0, 60.0, 1000.0, 20000.0, 40000.0);
    const auto rungs = speedLadder(rate);
    double speed = slowerSpeed(rungs.front().speed, rate);
    REQUIRE(speed == rungs.front().speed);
    for (std::size_t i = 1; i < rungs.size(); ++i) {
        if (rungs[i].speed == rungs[i - 1].speed)  // one plane a frame is a round number here
            continue;
        speed = fasterSpeed(speed, rate);
        REQUIRE(speed == rungs[i].speed);
    }
    REQUIRE(speed == maxSpeed);
    REQUIRE(fasterSpeed(speed, rate) == maxSpeed);
    for (std::size_t i = rungs.size() - 1; i-- > 0;) {
        if (rungs[i].speed == rungs[i + 1].speed)
            continue;
        speed = slowerSpeed(speed, rate);
        REQUIRE(speed == rungs[i].speed);
    }
}

TEST_CASE(
    "at 40 kHz and 60 frames a second one plane a frame is 0.0015x, between 1/1000 and 1/500") {
    const auto rungs = speedLadder(40000);
    REQUIRE(rungs[0].label == "1/1000x");
    REQUIRE(rungs[1].label == "1 plane/frame");
    REQUIRE(rungs[1].speed == Approx(0.0015));
    REQUIRE(rungs[2].label == "1/500x");
}

TEST_CASE("a speed between two rungs goes to the next one") {
    REQUIRE(fasterSpeed(0.3, 40000) == 0.5);
    REQUIRE(slowerSpeed(0.3, 40000) == 0.2);
    REQUIRE(fasterSpeed(17, 40000) == maxSpeed);
    REQUIRE(slowerSpeed(17, 40000) == 2);
    REQUIRE(slowerSpeed(maxSpeed, 40000) == 2);
}

TEST_CASE("no rung is faster than a configuration may ask for") {
    for (const double rate : {0.001, 0.05, 0.06, 1.0})
        for (const SpeedRung &rung : speedLadder(rate))
            REQUIRE(rung.speed <= speedLimit);
}
