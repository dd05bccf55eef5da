// SPDX-License-Identifier: Apache-2.0
// Cell counts against counting pixel by pixel, for awkward shapes.
#include "engine/detect/cell_counter.h"

#include "engine/core/plane_bits.h"

#include "tests/engine/detect/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("counts of 2x2 cells") {
    std::mt19937 random(3);
    const PlaneShape shape = GENERATE(PlaneShape{1, 1}, PlaneShape{3, 5}, PlaneShape{64, 2},
                                      PlaneShape{65, 7}, PlaneShape{400, 10}, PlaneShape{33, 4});
    std::vector<std::vector<std::uint64_t>> planes;
    std::array<const std::uint64_t *, 8> pointers{};
    for (int i = 0; i < 8; ++i)
        planes.push_back(test::randomPlane(shape, random));
    for (std::size_t i = 0; i < 8; ++i)
        pointers[i] = planes[i].data();

    CellCounter counter(shape);
    const CellGrid &grid = counter.grid();
    std::vector<std::uint8_t> expected(grid.size(), 0);
    for (std::uint32_t y = 0; y < grid.height; ++y)
        for (std::uint32_t x = 0; x < grid.width; ++x) {
            std::uint32_t sum = 0;
            std::uint32_t pixels = 0;
            for (std::uint32_t py = 2 * y; py < std::min(2 * y + 2, shape.height); ++py)
                for (std::uint32_t px = 2 * x; px < std::min(2 * x + 2, shape.width); ++px) {
                    ++pixels;
                    for (const auto &plane : planes)
                        sum += testBit(plane.data(), std::size_t{py} * shape.width + px) ? 1U : 0U;
                }
            expected[grid.at(x, y)] = static_cast<std::uint8_t>(sum * 4 / pixels);
        }
    std::vector<std::uint8_t> counts(grid.size(), 77);
    counter.addEight(pointers);
    counter.cells(counts);
    std::vector<std::uint8_t> one(grid.size(), 0);
    counter.clear();
    for (const auto &plane : planes)
        counter.add(plane.data());
    CHECK(counter.planes() == 8);
    counter.cells(one);
    for (std::uint32_t y = 0; y < grid.height; ++y)
        for (std::uint32_t x = 0; x < grid.width; ++x) {
            REQUIRE(int{counts[grid.at(x, y)]} == int{expected[grid.at(x, y)]});
            REQUIRE(int{one[grid.at(x, y)]} == int{expected[grid.at(x, y)]});
        }
}
