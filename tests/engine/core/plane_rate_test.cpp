// SPDX-License-Identifier: Apache-2.0
// Measured rates become those of cameras, or keep three digits.
#include "engine/core/plane_rate.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("a measured rate near a known one is that one") {
    CHECK(roundPlaneRate(18100) == 20000);
    CHECK(roundPlaneRate(21900) == 20000);
    CHECK(roundPlaneRate(41234) == 40000);
    CHECK(roundPlaneRate(17234) == 17200);
    CHECK(roundPlaneRate(2857.4) == 2860);
    CHECK(roundPlaneRate(0.3) == Approx(0.3));
    // What it was before wins.
    CHECK(roundPlaneRate(2857.4, 2900) == 2900);
    CHECK(roundPlaneRate(20100, 22000) == 22000);
}
