// SPDX-License-Identifier: Apache-2.0
// Boxes go into cells and come back; the loss wants them there.
#include "engine/train/box_grid.h"

#include <ATen/ATen.h>
#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;

namespace {

constexpr std::size_t gridColumns = 4, gridRows = 2, gridCells = 8;

Track boxed(float x, float y, float w, float h, int label) {
    Track track;
    track.box = {x, y, w, h};
    track.label = label;
    return track;
}

std::vector<float> targetOf(const std::vector<Track> &objects) {
    std::vector<float> target(boxTargetPlanes * gridCells, 9);
    encodeBoxes(objects, {40, 20}, gridColumns, gridRows, target);
    return target;
}

/// A grid of 5 + 3 channels that says what the target says.
std::vector<float> answerTo(const std::vector<float> &target) {
    const auto logit = [](float p) {
        const float inner = std::min(std::max(p, 1e-3F), 1 - 1e-3F);
        return std::log(inner / (1 - inner));
    };
    std::vector<float> grid(8 * gridCells, 0);
    for (std::size_t cell = 0; cell < gridCells; ++cell) {
        const auto value = [&](std::size_t plane) { return target[plane * gridCells + cell]; };
        grid[cell] = value(0) > 0 ? 8.0F : -8.0F;
        grid[gridCells + cell] = logit(value(1));
        grid[2 * gridCells + cell] = logit(value(2));
        grid[3 * gridCells + cell] = value(3);
        grid[4 * gridCells + cell] = value(4);
        grid[(5 + static_cast<std::size_t>(value(5))) * gridCells + cell] = 8;
    }
    return grid;
}

double lossAt(const std::vector<float> &grid, const std::vector<float> &target) {
    const at::Tensor given = at::tensor(grid).reshape({1, 8, 2, 4});
    return boxLoss(given, at::tensor(target).reshape({1, -1})).item<double>();
}

}  // namespace

TEST_CASE("an object lies in the cell of its centre", "[train]") {
    const std::vector<float> target = targetOf({boxed(10, 2, 10, 5, 2)});
    // Centre (15, 4.5): the middle of column 1; no neighbour is near.
    for (std::size_t cell = 0; cell < gridCells; ++cell)
        REQUIRE(target[cell] == (cell == 1 ? 1.0F : 0.0F));
    REQUIRE(target[gridCells + 1] == Approx(0.5));
    REQUIRE(target[2 * gridCells + 1] == Approx(0.45));
    REQUIRE(target[3 * gridCells + 1] == Approx(0).margin(1e-6));
    REQUIRE(target[4 * gridCells + 1] == Approx(std::log(0.5)));
    REQUIRE(target[5 * gridCells + 1] == 2);
    // At a border the cell beyond may say what it likes, and a corner of the picture has a cell.
    const std::vector<float> near = targetOf({boxed(16, 2, 10, 5, 0), boxed(40, 20, 0, 0, 1)});
    REQUIRE(near[1] == -1);
    REQUIRE(near[2] == 1);
    REQUIRE(near[7] == 1);
}

TEST_CASE("the loss is small for the right answer and grows with every part", "[train]") {
    const std::vector<float> target = targetOf({boxed(10, 2, 10, 5, 2), boxed(30, 11, 8, 8, 0)});
    const std::vector<float> right = answerTo(target);
    const double least = lossAt(right, target);
    REQUIRE(least < 0.02);
    // Score of an object, of an empty cell, centre, width, class.
    for (const std::size_t value :
         {std::size_t{1}, std::size_t{0}, gridCells + 1, 3 * gridCells + 1, 5 * gridCells + 1}) {
        std::vector<float> wrong = right;
        wrong[value] = value == 1 ? -2.0F : wrong[value] + 9;
        INFO(value);
        REQUIRE(lossAt(wrong, target) > least + 0.4);
    }
    // Nobody's fault: the cell beside an object.
    const std::vector<float> border = targetOf({boxed(16, 2, 10, 5, 0)});
    std::vector<float> answer = answerTo(border);
    const double before = lossAt(answer, border);
    answer[1] = 8;
    REQUIRE(lossAt(answer, border) == Approx(before));
    // An empty picture is no division by zero.
    REQUIRE(std::isfinite(lossAt(right, targetOf({}))));
}

TEST_CASE("the meter counts what a grid says", "[train]") {
    const std::vector<float> target = targetOf({boxed(10, 2, 10, 5, 2), boxed(30, 11, 8, 8, 0)});
    std::vector<float> grid = answerTo(target);
    BoxMeter meter;
    meter.add(grid, gridColumns, gridRows, target);
    REQUIRE(meter.meanPrecision() == Approx(1));
    // Of the second sample one class is wrong.
    grid[(5 + 2) * gridCells + 1] = 0;
    grid[(5 + 1) * gridCells + 1] = 8;
    meter.add(at::tensor(grid).reshape({1, 8, 2, 4}), target);
    REQUIRE(meter.meanPrecision() == Approx(0.75));
}
