// SPDX-License-Identifier: Apache-2.0
// A chain that goes on from another one's state.
#include "engine/detect/attention_chain.h"

#include "tests/engine/detect/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("a chain goes on where another one was", "[detect]") {
    const PlaneShape shape{67, 45};
    test::SquareScene scene(shape, 0.1F, 20);
    std::vector<std::vector<std::uint64_t>> planes(320);
    for (auto &plane : planes) {
        plane.resize(shape.wordStride());
        scene.next(plane.data());
    }
    CpuAttention whole({}, shape, nullptr);
    auto part = std::make_unique<CpuAttention>(AttentionSettings{}, shape, nullptr);
    std::vector<Detection> a;
    std::vector<Detection> b;
    const auto into = [](std::vector<Detection> &to) {
        return [&to](const DetectionFrame &frame) {
            to.insert(to.end(), frame.detections.begin(), frame.detections.end());
        };
    };
    for (std::size_t i = 0; i < planes.size(); i += 32) {
        std::vector<const std::uint64_t *> some;
        for (std::size_t k = 0; k < 32; ++k)
            some.push_back(planes[i + k].data());
        const std::size_t fresh = i % 3 == 0 ? 6 : 5;
        whole.take(some, i >= 64);
        part->take(some, i >= 64);
        if (i >= 64) {
            whole.finishStep(i + 32, fresh, into(a));
            part->finishStep(i + 32, fresh, into(b));
        }
        whole.skip(i % 7);
        part->skip(i % 7);
        REQUIRE(part->finishBlock(into(b)));
        auto next = std::make_unique<CpuAttention>(AttentionSettings{}, shape, nullptr);
        next->setState(part->state());
        part = std::move(next);
    }
    CHECK(a.size() > 5);
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        CHECK(a[i].box == b[i].box);
    whole.reset();
    CHECK(whole.state().field == std::vector<float>(shape.pixels(), 0));
}
