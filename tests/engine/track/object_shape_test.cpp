// SPDX-License-Identifier: Apache-2.0
// Shapes are taken from covered cells, turned and put elsewhere.
#include "engine/track/object_shape.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

std::vector<std::uint8_t> bar(int x0, int y0, int w, int h) {
    std::vector<std::uint8_t> cells(64 * 40, 0);
    for (int y = y0; y < y0 + h; ++y)
        for (int x = x0; x < x0 + w; ++x)
            cells[static_cast<std::size_t>(y * 64 + x)] = 1;
    return cells;
}

}  // namespace

TEST_CASE("a shape has its centre of gravity and its size") {
    const auto cells = bar(10, 12, 20, 6);
    ObjectShape shape;
    CHECK_FALSE(shape.known());
    const auto centre = shape.capture({cells, 60, 40, 64, 2}, {20, 24, 40, 12});
    CHECK(centre.x == Approx(40));
    CHECK(centre.y == Approx(30));
    CHECK(shape.points().size() == 120);
    const Box box = shape.boxAt(0, 2);
    CHECK(box.x == Approx(-20));
    CHECK(box.w == Approx(40));
    CHECK(box.h == Approx(12));
    const Box turned = shape.boxAt(1.5707963F, 2);
    CHECK(turned.w == Approx(12).margin(0.01));
    CHECK(turned.h == Approx(40).margin(0.01));
}

TEST_CASE("a placed shape covers the cells around its place") {
    const auto cells = bar(10, 12, 20, 6);
    ObjectShape shape;
    (void)shape.capture({cells, 60, 40, 64, 2}, {20, 24, 40, 12});
    PlacedShape placed;
    shape.place(61, 51, 0, 2, placed);
    REQUIRE(placed.cells.size() == 120);
    // Its left top corner belongs at 41, 45: half a cell off the grid on both axes.
    CHECK(std::abs(placed.restX) == Approx(1));
    CHECK(std::abs(placed.restY) == Approx(1));
    CHECK(placed.cells[0].x == static_cast<int>((41 + placed.restX) / 2));
    CHECK(placed.cells[0].y == static_cast<int>((45 + placed.restY) / 2));
}

TEST_CASE("where nothing is covered there is no shape") {
    const std::vector<std::uint8_t> none(64 * 40, 0);
    ObjectShape shape;
    const auto centre = shape.capture({none, 60, 40, 64, 2}, {20, 24, 40, 12});
    CHECK(centre.x == 40);
    CHECK(centre.y == 30);
    CHECK_FALSE(shape.known());
    PlacedShape placed;
    shape.place(10, 10, 1, 2, placed);
    CHECK(placed.cells.empty());
}
