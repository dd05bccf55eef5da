// SPDX-License-Identifier: Apache-2.0
// What is foreground, and what is not: flicker, gaps, things that stay.
#include "engine/detect/change_model.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>

using namespace fovea;

namespace {

int marked(const ChangeModel &model) {
    int count = 0;
    for (const std::uint8_t mark : model.marks())
        count += mark != 0 ? 1 : 0;
    return count;
}

std::vector<std::uint8_t> scene(const CellGrid &grid, std::uint8_t light, bool thing) {
    std::vector<std::uint8_t> counts(grid.size(), 0);
    for (std::uint32_t y = 0; y < grid.height; ++y)
        for (std::uint32_t x = 0; x < grid.width; ++x)
            counts[grid.at(x, y)] = thing && x >= 10 && x < 20 && y >= 10 && y < 20
                                        ? static_cast<std::uint8_t>(3 * light)
                                        : light;
    return counts;
}

}  // namespace

TEST_CASE("something new is foreground, its place is background again when it goes") {
    const CellGrid grid(PlaneShape{100, 80});
    ChangeModel model(grid, {});
    for (int i = 0; i < 50; ++i)
        model.update(scene(grid, 8, false), 1);
    CHECK(marked(model) == 0);
    for (int i = 0; i < 5; ++i)
        model.update(scene(grid, 8, true), 1);
    CHECK(marked(model) == 100);
    for (int i = 0; i < 5; ++i)
        model.update(scene(grid, 8, false), 1);
    CHECK(marked(model) == 0);
}

TEST_CASE("light that changes everywhere is no motion") {
    const CellGrid grid(PlaneShape{100, 80});
    ChangeModel model(grid, {});
    for (int i = 0; i < 200; ++i)
        model.update(scene(grid, static_cast<std::uint8_t>(8 + 4 * std::sin(i * 0.1)), false), 1);
    CHECK(marked(model) == 0);
    CHECK(model.gain() < 1.6F);
}

TEST_CASE("what stays for long joins the background; a gap changes nothing") {
    const CellGrid grid(PlaneShape{100, 80});
    ChangeModelSettings settings;
    settings.absorbGroups = 60;
    ChangeModel model(grid, settings);
    for (int i = 0; i < 50; ++i)
        model.update(scene(grid, 8, false), 1);
    model.skip(1000);
    model.update(scene(grid, 8, false), 1);
    CHECK(marked(model) == 0);
    for (int i = 0; i < 70; ++i)
        model.update(scene(grid, 8, true), 1);
    CHECK(marked(model) == 0);
}
