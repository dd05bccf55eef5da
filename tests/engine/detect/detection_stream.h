// SPDX-License-Identifier: Apache-2.0
// Blocks of a small scene as a camera may give them, and what a detector says about them.
#pragma once

#include "engine/core/random.h"
#include "engine/detect/detector.h"
#include "tests/engine/detect/random_planes.h"

#include <tuple>

namespace fovea::test {

using Boxes = std::vector<std::tuple<std::uint64_t, float, float, float, float>>;

inline DetectionHandler into(Boxes &boxes) {
    return [&boxes](const DetectionFrame &frame) {
        boxes.emplace_back(frame.plane, -1.0F, 0.0F, 0.0F, 0.0F);
        for (const Detection &found : frame.detections)
            boxes.emplace_back(frame.plane, found.box.x, found.box.y, found.box.w, found.box.h);
    };
}

/// Blocks with gaps, of random length, now and then going back.
struct DetectionStream {
    DetectionStream(PlaneShape shape, std::uint32_t planes, std::uint64_t seed) {
        SquareScene scene(shape, 0.15F, 24);
        Random random(seed);
        std::uint64_t number = 1000;
        for (std::uint32_t at = 0; at < planes;) {
            const auto count = static_cast<std::uint32_t>(1 + random.below(90));
            SpikeBlock block(shape, count);
            block.begin(number, 40000);
            for (std::uint32_t i = 0; i < count; ++i, ++at) {
                if (random.below(60) == 0)
                    block.appendGap(1 + random.below(70), DropReason::Link);
                scene.next(block.append());
            }
            number = random.below(12) == 0 ? number - 20 : block.endPlane();
            blocks.push_back(std::move(block));
        }
    }
    std::vector<SpikeBlock> blocks;
};

}  // namespace fovea::test
