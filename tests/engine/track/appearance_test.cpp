// SPDX-License-Identifier: Apache-2.0
// Looks: medians of covered cells, and what does not fit.
#include "engine/track/appearance.h"

#include <catch2/catch.hpp>

#include <algorithm>
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
    CHECK(lookOf(occupancy, {8, 4, 24, 24}).rate == Approx(17).margin(0.2));
    CHECK(lookOf(occupancy, {8, 4, 24, 24}).cells == 64);
    CHECK(lookOf(occupancy, {0, 0, 4, 4}).rate == 0);
    CHECK(lookOf(occupancy, {-50, -50, 500, 500}).rate == Approx(17).margin(0.2));
    CHECK(lookOf({cells, side, side, side, 2, {}}, {8, 4, 24, 24}).rate == 0);
    CHECK(lookOf({cells, side, side, side, 2, {}}, {8, 4, 24, 24}).cells == 64);
    CHECK(lookOf({}, {8, 4, 24, 24}).rate == 0);
}

TEST_CASE("looks differ as a share of the brighter one; unknown ones do not") {
    CHECK(lookDifference(10, 9) == Approx(0.1));
    CHECK(lookDifference(9, 10) == Approx(0.1));
    CHECK(lookDifference(0, 10) == 0);
}

TEST_CASE("an appearance is known once views agree, and begins anew when they do not") {
    Appearance appearance;
    for (int i = 0; i < 100; ++i)  // grows: a ghost that something leaves behind
        appearance.take({20, 100.0F + static_cast<float>(14 * i), 1});
    CHECK_FALSE(appearance.known());
    for (int i = 0; i <= Appearance::settled; ++i)
        appearance.take({20, 300, 1});
    REQUIRE(appearance.known());
    CHECK(appearance.mean().rate == Approx(20));
    CHECK(appearance.mean().cells == Approx(300).margin(1));
    CHECK(appearance.agrees({20.2F, 310}));
    CHECK_FALSE(appearance.agrees({21, 300}));
    CHECK_FALSE(appearance.agrees({20, 340}));
    appearance.take({0, 0});  // not known: says nothing
    CHECK(appearance.known());
    appearance.take({17, 300, 1});
    CHECK_FALSE(appearance.known());
    CHECK(appearance.count() == 1);
    CHECK(appearance.mean().rate == Approx(17));
}

TEST_CASE("a view that differs much is not of the same thing") {
    const Look known{20, 300};
    CHECK_FALSE(differsMuch({20.5F, 340}, known));
    CHECK(differsMuch({21, 300}, known));
    CHECK(differsMuch({20, 400}, known));
}

TEST_CASE("a look tells how uniform the thing is") {
    constexpr std::uint32_t side = 20;
    const std::vector<std::uint8_t> cells(side * side, 1);
    std::vector<float> rates(side * side, 10);
    std::fill_n(rates.begin(), side * side / 4, 20.0F);
    CHECK(lookOf({cells, side, side, side, 2, rates}, {0, 0, 40, 40}).uniform == Approx(0.75));
}
