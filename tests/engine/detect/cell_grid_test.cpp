// SPDX-License-Identifier: Apache-2.0
// Cells cover every pixel, and each row ends in at least one unused cell.
#include "engine/detect/cell_grid.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("the grid covers odd and even shapes with room behind each row") {
    for (const PlaneShape shape : {PlaneShape{1, 1}, PlaneShape{2, 2}, PlaneShape{31, 3},
                                   PlaneShape{32, 5}, PlaneShape{400, 250}, PlaneShape{401, 251}}) {
        const CellGrid grid(shape);
        CHECK(grid.width * 2 >= shape.width);
        CHECK(grid.height * 2 >= shape.height);
        CHECK((grid.width - 1) * 2 < shape.width);
        CHECK(grid.stride > grid.width);
        CHECK(grid.stride % CellGrid::lanes == 0);
        CHECK(grid.at(grid.width - 1, grid.height - 1) < grid.size());
        CHECK(grid.at(0, 1) == grid.stride);
    }
}
