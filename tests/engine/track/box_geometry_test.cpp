// SPDX-License-Identifier: Apache-2.0
// Sums with boxes.
#include "engine/track/box_geometry.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("boxes") {
    const Box a{0, 0, 10, 10};
    const Box b{5, 5, 10, 20};
    CHECK(overlap(a, b) == 25);
    CHECK(overlap(a, {20, 0, 5, 5}) == 0);
    CHECK(inside(a, b) == Approx(0.25));
    CHECK(inside({0, 0, 0, 0}, b) == 0);
    CHECK(hull(a, b) == Box{0, 0, 15, 25});
    CHECK(grown(a, 2) == Box{-2, -2, 14, 14});
    CHECK(likeness(a, b) == Approx(0.5));
}
