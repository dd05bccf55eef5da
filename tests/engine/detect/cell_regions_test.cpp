// SPDX-License-Identifier: Apache-2.0
// Regions of marked cells.
#include "engine/detect/cell_regions.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("near cells are one region, far ones are not") {
    const CellGrid grid(PlaneShape{40, 20});
    std::vector<std::uint8_t> marks(grid.size(), 0);
    marks[grid.at(0, 0)] = markForeground | markMoving | markRecent;
    marks[grid.at(1, 1)] = markForeground;
    marks[grid.at(3, 1)] = markForeground | markTrusted;
    marks[grid.at(19, 9)] = markForeground | markRecent;
    CellRegions finder(grid, 2);
    const auto regions = finder.find(marks);
    REQUIRE(regions.size() == 2);
    CHECK(regions[0].cells == 3);
    CHECK(regions[0].area == 2);
    CHECK(regions[0].moving == 1);
    CHECK(regions[0].recent == 1);
    CHECK(regions[0].whole.x1 == 4);
    CHECK(regions[0].whole.y1 == 2);
    CHECK(regions[1].area == 0);
    CHECK(regions[1].whole.x0 == 19);
    CHECK(finder.runs().size() == 4);
}

TEST_CASE("a U is one region") {
    const CellGrid grid(PlaneShape{40, 20});
    std::vector<std::uint8_t> marks(grid.size(), 0);
    for (std::uint32_t y = 0; y < 8; ++y)
        marks[grid.at(2, y)] = marks[grid.at(12, y)] = markForeground;
    for (std::uint32_t x = 2; x <= 12; ++x)
        marks[grid.at(x, 8)] = markForeground;
    CellRegions finder(grid, 1);
    REQUIRE(finder.find(marks).size() == 1);
    CHECK(finder.found()[0].cells == 27);
}
