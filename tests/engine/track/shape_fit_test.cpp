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
    a.capture(before.view(), {20, 20, 20, 16});
    Cells other;
    other.fill(30, 8, 12, 12);
    ObjectShape b;
    b.capture(other.view(), {60, 16, 24, 24});

    // Both touch now: a is one cell further right than expected, b is where it should be.
    Cells now;
    now.fill(11, 10, 10, 8);
    now.fill(18, 8, 12, 12);
    const Occupancy seen = now.view();
    ShapeFit fit;
    fit.begin(seen);
    fit.add(a, 30, 28);
    fit.add(b, 48, 28);
    const ShapeOffset offsetA = fit.find(a, 30, 28);
    const ShapeOffset offsetB = fit.find(b, 48, 28);
    REQUIRE(offsetA.x);
    CHECK(*offsetA.x == Approx(2).margin(1.1));
    REQUIRE(offsetB.x);
    CHECK(*offsetB.x == Approx(0).margin(1.1));
    CHECK(offsetB.y.value_or(0) == Approx(0).margin(1.1));
}

TEST_CASE("a shape that is quite hidden, or nothing at all, tells nothing") {
    Cells all;
    all.fill(0, 0, 60, 40);
    ObjectShape big;
    big.capture(all.view(), {0, 0, 120, 80});
    ObjectShape small;
    small.capture(all.view(), {40, 40, 16, 16});
    const Occupancy seen = all.view();
    ShapeFit fit;
    fit.begin(seen);
    fit.add(big, 60, 40);
    fit.add(small, 48, 48);
    CHECK_FALSE(fit.find(small, 48, 48).x);
    CHECK_FALSE(fit.find(ObjectShape{}, 10, 10).x);
    CHECK_FALSE(fit.find(ObjectShape{}, 10, 10).y);
}

TEST_CASE("shapes may reach beyond the picture") {
    Cells all;
    all.fill(0, 0, 10, 10);
    ObjectShape shape;
    shape.capture(all.view(), {-10, -10, 30, 30});
    const Occupancy seen = all.view();
    ShapeFit fit;
    fit.begin(seen);
    fit.add(shape, -30, -40);
    (void)fit.find(shape, -30, -40);
    (void)fit.find(shape, 125, 85);
    CHECK(shape.known());
}
