// SPDX-License-Identifier: Apache-2.0
// The attention method finds a fast square, and is refused another shape.
#include "engine/detect/attention_detector.h"

#include "tests/engine/detect/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("attention goes to what moves") {
    constexpr PlaneShape shape{200, 80};
    AttentionDetector detector({}, shape);
    test::SquareScene scene(shape, 0.6F, 24);
    SpikeBlock block(shape, 220);
    block.begin(0, 40000);
    while (!block.full())
        scene.next(block.append());
    std::size_t frames = 0;
    std::size_t touching = 0;
    REQUIRE(detector.process(block, [&](const DetectionFrame &frame) {
        ++frames;
        const Box truth{10 + 0.6F * static_cast<float>(frame.plane), scene.y(), 24, 24};
        for (const Detection &detection : frame.detections)
            if (iou(detection.box, truth) > 0.1F) {
                ++touching;
                break;
            }
    }));
    CHECK(frames == 70);
    CHECK(touching > 40);
    SpikeBlock other(PlaneShape{8, 8}, 1);
    CHECK_FALSE(detector.process(other, [](const DetectionFrame &) {}));
}
