// SPDX-License-Identifier: Apache-2.0
// Boxes of a moving square; block borders, gaps and odd shapes make no difference.
#include "engine/detect/motion_detector.h"

#include "tests/engine/detect/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

struct Found {
    std::uint64_t plane;
    std::vector<Detection> detections;
};

std::vector<Found> run(PlaneShape shape, float side, std::uint32_t planes, std::uint32_t perBlock,
                       std::uint32_t gapAt = 0, std::uint64_t gap = 0) {
    MotionDetector detector({}, shape, 40000);
    test::SquareScene scene(shape, 0.2F, side);
    std::vector<Found> all;
    const auto keep = [&](const DetectionFrame &frame) {
        all.push_back({frame.plane, {frame.detections.begin(), frame.detections.end()}});
    };
    SpikeBlock block(shape, perBlock);
    std::uint64_t number = 0;
    for (std::uint32_t done = 0; done < planes;) {
        block.begin(number, 40000);
        for (; done < planes && !block.full(); ++done) {
            if (gap > 0 && done == gapAt)
                block.appendGap(gap, DropReason::Link);
            scene.next(block.append());
        }
        number = block.endPlane();
        REQUIRE(detector.process(block, keep));
    }
    return all;
}

}  // namespace

TEST_CASE("a moving square gets its box") {
    const std::vector<Found> all = run({200, 100}, 24, 720, 100);
    REQUIRE(all.size() == 90);
    for (const Found &frame : all)
        if (frame.plane > 500) {
            REQUIRE(frame.detections.size() == 1);
            const float x = 10 + 0.2F * (static_cast<float>(frame.plane) - 6);
            CHECK(iou(frame.detections[0].box, {x, 38, 24, 24}) > 0.75F);
        }
}

TEST_CASE("nothing moves, nothing is found") {
    for (const Found &frame : run({160, 100}, 0, 800, 64))
        CHECK(frame.detections.empty());
}

TEST_CASE("the same planes give the same boxes whatever the blocks are") {
    const std::vector<Found> whole = run({99, 77}, 20, 300, 300);
    for (const std::uint32_t perBlock : {1U, 7U, 64U}) {
        const std::vector<Found> cut = run({99, 77}, 20, 300, perBlock);
        REQUIRE(cut.size() == whole.size());
        for (std::size_t i = 0; i < cut.size(); ++i) {
            CHECK(cut[i].plane == whole[i].plane);
            REQUIRE(cut[i].detections.size() == whole[i].detections.size());
            for (std::size_t k = 0; k < cut[i].detections.size(); ++k)
                CHECK(cut[i].detections[k].box == whole[i].detections[k].box);
        }
    }
}

TEST_CASE("lost planes let the time pass and invent nothing") {
    const std::uint64_t gap = GENERATE(std::uint64_t{1}, 7, 1000, std::uint64_t{1} << 50);
    const std::vector<Found> all = run({160, 100}, 0, 400, 100, 203, gap);
    REQUIRE_FALSE(all.empty());
    CHECK(all.back().plane >= 399 + gap - 8);
    for (const Found &frame : all)
        CHECK(frame.detections.empty());
}

TEST_CASE("any shape works") {
    const PlaneShape shape = GENERATE(PlaneShape{1, 1}, PlaneShape{3, 1}, PlaneShape{65, 7});
    CHECK(run(shape, 0, 64, 10).size() == 8);
}

TEST_CASE("another shape is refused, an earlier plane starts anew") {
    MotionDetector detector({}, {16, 16}, 40000);
    SpikeBlock other(PlaneShape{8, 8}, 1);
    const auto ignore = [](const DetectionFrame &) {};
    CHECK_FALSE(detector.process(other, ignore));
    test::SquareScene scene({16, 16}, 0, 0);
    SpikeBlock block(PlaneShape{16, 16}, 16);
    for (const std::uint64_t first : {1000, 0}) {
        block.begin(first, 40000);
        while (!block.full())
            scene.next(block.append());
        CHECK(detector.process(block, ignore));
        CHECK(detector.model().groups() == 2);
    }
}
