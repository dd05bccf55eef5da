// SPDX-License-Identifier: Apache-2.0
// Looks: medians of covered cells, and what does not fit.
#include "engine/track/appearance.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace fovea;

TEST_CASE("the look of a box is the median rate of what is covered in it") {
    constexpr std::uint32_t side = 20;
    std::vector<std::uint8_t> cells(side * side, 0);
    std::vector<float> rates(side * side, 5);
    for (std::uint32_t y = 4; y < 12; ++y)
        for (std::uint32_t x = 6; x < 14; ++x) {
            cells[y * side + x] = 1;
            rates[y * side + x] = x == 6 ? 30.0F : 17.0F;  // one odd column does not matter
        }
    const Occupancy occupancy{cells, side, side, side, 2, rates};
    CHECK(lookOf(occupancy, {8, 4, 24, 24}) == Approx(17).margin(0.2));
    CHECK(lookOf(occupancy, {0, 0, 4, 4}) == 0);
    CHECK(lookOf(occupancy, {-50, -50, 500, 500}) == Approx(17).margin(0.2));
    CHECK(lookOf({cells, side, side, side, 2, {}}, {8, 4, 24, 24}) == 0);
    CHECK(lookOf({}, {8, 4, 24, 24}) == 0);
}

TEST_CASE("looks differ as a share of the brighter one; unknown ones do not") {
    CHECK(lookDifference(10, 9) == Approx(0.1));
    CHECK(lookDifference(9, 10) == Approx(0.1));
    CHECK(lookDifference(0, 10) == 0);
}

TEST_CASE("an appearance keeps its look while others are seen") {
    Appearance appearance;
    for (int i = 0; i < Appearance::settled; ++i) {
        CHECK_FALSE(appearance.known());
        appearance.take(20);
    }
    REQUIRE(appearance.known());
    for (int i = 1; i <= 6; ++i)
        appearance.take(17);
    CHECK(appearance.look() == Approx(20).margin(0.2));
    appearance.take(0);  // not known: says nothing
    CHECK(appearance.look() == Approx(20).margin(0.2));
}
