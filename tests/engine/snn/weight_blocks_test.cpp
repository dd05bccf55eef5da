// SPDX-License-Identifier: Apache-2.0
// Blocks cover all outputs of all groups once.
#include "engine/snn/weight_blocks.h"

#include "tests/engine/snn/conv_runs.h"

#include <catch2/catch.hpp>

#include <atomic>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("blocks lie one behind the other and end with their group", "[snn]") {
    ConvForm form = ConvRun(1, 1, 0).form;
    form.groups = 5;
    form.out.channels = 5 * 150;
    form.in.channels = 10;
    const auto blocks = WeightBlock::cut(form);
    REQUIRE(blocks.size() == 10);
    std::size_t output = 0;
    std::size_t weight = 0;
    for (const WeightBlock &block : blocks) {
        CHECK(block.first == output);
        CHECK(block.weights == weight);
        CHECK(block.group == output / 150);
        CHECK(block.outputs == (output % 150 == 0 ? 128 : 22));
        CHECK(block.width == (output % 150 == 0 ? 128 : 32));
        output += block.outputs;
        weight += form.rows() * block.width;
        CHECK(block.end(form) == weight);
        CHECK(block.column(form) + block.width == weight / form.rows());
    }
    CHECK(output == 750);
    CHECK(WeightBlock::pitch(form) == 752 + 16);
    CHECK(WeightBlock::nearPlaces(form, 1) == 5);
    CHECK(WeightBlock::nearPlaces(form, 100) == 1);
    CHECK_FALSE(WeightBlock::far(1 << 20));
}

TEST_CASE("work is shared out with and without helpers", "[snn]") {
    TilePool pool(2);
    for (TilePool *helpers : {static_cast<TilePool *>(nullptr), &pool}) {
        std::atomic<std::size_t> sum = 0;
        shareOut(helpers, 10, 3, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i)
                sum += i;
        });
        CHECK(sum == 45);
    }
}
