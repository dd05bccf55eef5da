// SPDX-License-Identifier: Apache-2.0
// Shapes are found again where they touch others.
#include "engine/track/shape_fit.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

struct Cells {
    std::vector<std::uint8_t> cells = std::vector<std::uint8_t>(64 * 40, 0);
    void fill(int x0, int y0, int w, int h) {
        for (int y = y0; y < y0 + h; ++y)
            for (int x = x0; x < x0 + w; ++x)
                cells[static_cast<std::size_t>(y * 64 + x)] = 1;
    }
    [[nodiscard]] Occupancy view() const { return {cells, 60, 40, 64, 2}; }
};

}  // namespace

TEST_CASE("a shape that moved is found, and its neighbour does not pull it") {
    Cells before;
    before.fill(10, 10, 10, 8);
    ObjectShape a;
    (void)a.capture(before.view(), {20, 20, 20, 16});
    Cells other;
    other.fill(30, 8, 12, 12);
    ObjectShape b;
    (void)b.capture(other.view(), {60, 16, 24, 24});

    // Both touch now: a is one cell further right than expected, b is where it should be.
    Cells now;
    now.fill(11, 10, 10, 8);
    now.fill(18, 8, 12, 12);
    const Occupancy seen = now.view();
    ShapeFit fit;
    fit.begin(seen);
    fit.add(a, 30, 28, 0, 0);
    fit.add(b, 72, 28, 0, 0);
    const ShapeOffset offsetA = fit.find(0);
    const ShapeOffset offsetB = fit.find(1);
    REQUIRE(offsetA.x);
    CHECK(*offsetA.x == Approx(2).margin(1.1));
    CHECK(offsetA.seen > 0.5F);
    REQUIRE(offsetB.x);
    CHECK(*offsetB.x == Approx(-24).margin(20));  // as far as it looks
    CHECK(offsetB.y.value_or(0) == Approx(0).margin(1.1));
}

TEST_CASE("a shape that is quite hidden, or nothing at all, tells nothing") {
    Cells all;
    all.fill(0, 0, 60, 40);
    ObjectShape big;
    (void)big.capture(all.view(), {0, 0, 120, 80});
    ObjectShape small;
    (void)small.capture(all.view(), {40, 40, 16, 16});
    const Occupancy seen = all.view();
    ShapeFit fit;
    fit.begin(seen);
    fit.add(big, 60, 40, 0, 0);
    fit.add(small, 48, 48, 0, 0);
    fit.add(ObjectShape{}, 10, 10, 0, 0);
    const ShapeOffset hidden = fit.find(1);
    CHECK_FALSE(hidden.x);
    CHECK(hidden.seen == 0);
    CHECK_FALSE(fit.find(2).x);
    CHECK_FALSE(fit.find(2).y);
}

TEST_CASE("the rate of what both may cover tells who is in front") {
    Cells all;
    all.fill(0, 0, 60, 40);
    std::vector<float> rates(64 * 40, 20);
    Occupancy seen = all.view();
    ObjectShape big;
    (void)big.capture(seen, {20, 20, 60, 40});
    ObjectShape small;
    (void)small.capture(seen, {40, 30, 16, 16});
    seen.rates = rates;
    for (const float front : {20.0F, 25.0F}) {
        ShapeFit fit;
        fit.begin(seen);
        fit.add(big, 50, 40, 0, front == 20 ? 25.0F : 20.0F);
        fit.add(small, 48, 38, 0, front);
        CHECK(fit.find(1).seen == (front == 20 ? 1.0F : 0.0F));
    }
}

TEST_CASE("shapes may reach beyond the picture") {
    Cells all;
    all.fill(0, 0, 10, 10);
    ObjectShape shape;
    (void)shape.capture(all.view(), {-10, -10, 30, 30});
    const Occupancy seen = all.view();
    ShapeFit fit;
    fit.begin(seen);
    fit.add(shape, -30, -40, 0.3F, 0);
    fit.add(shape, 125, 85, -2, 0);
    (void)fit.find(0);
    CHECK(fit.find(1).seen == 0);
}
