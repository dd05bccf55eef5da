// SPDX-License-Identifier: Apache-2.0
// The velocity that a moving pattern was made with is found again.
#include "engine/recon/motion_field.h"

#include "engine/recon/segment_rates.h"

#include "tests/engine/recon/random_planes.h"
#include "tests/engine/recon/test_scene.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

std::vector<Velocity> velocities(const test::MovingPattern &scene) {
    const SpikeBlock block = scene.record(60, 9);
    std::vector<std::uint16_t> bounds{4, 14, 20, 25, 31, 40, 56};
    std::vector<std::vector<std::int16_t>> rates(
        bounds.size() - 1, std::vector<std::int16_t>(ratePictureSize(scene.shape)));
    std::vector<std::int16_t *> pictures;
    for (auto &picture : rates)
        pictures.push_back(picture.data());
    segmentRates(test::pointers(block), bounds, scene.shape, pictures);
    MotionField field(scene.shape, maxSegments);
    RateScratch scratch(scene.shape);
    for (const std::size_t i : {2, 1, 3, 0, 4, 5})
        field.add(pictures[i], (bounds[i] + bounds[i + 1]) / 2.0 - 22.5,
                  std::size_t{bounds[i + 1]} - bounds[i], scratch);
    std::vector<Velocity> blocks(blocksAlong(scene.shape.width) * blocksAlong(scene.shape.height));
    field.estimate(14, blocks);
    return blocks;
}

}  // namespace

TEST_CASE("a pattern's velocity is found in its blocks", "[recon]") {
    for (const auto &[vx, vy] :
         {std::pair{0.0, 0.0}, std::pair{0.15, -0.1}, std::pair{-0.3, 0.25}}) {
        const auto blocks = velocities({{160, 128}, vx, vy});
        double worst = 0;
        for (std::size_t y = 1; y < 7; ++y)
            for (std::size_t x = 1; x < 9; ++x)
                worst = std::max({worst, std::abs(blocks[y * 10 + x].x - vx),
                                  std::abs(blocks[y * 10 + x].y - vy)});
        CAPTURE(vx, vy);
        CHECK(worst < 0.06);
    }
}

TEST_CASE("small pictures and single pieces stand still", "[recon]") {
    for (const Velocity &v : velocities({{60, 200}, 0.2, 0.2})) {
        CHECK(v.x == 0);
        CHECK(v.y == 0);
    }
    MotionField field({128, 128}, 4);
    std::vector<Velocity> blocks(64, {1, 1});
    field.estimate(14, blocks);
    CHECK(blocks[5].x == 0);
}
