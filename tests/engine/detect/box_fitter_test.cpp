// SPDX-License-Identifier: Apache-2.0
// Boxes shrink to what fired in the last six planes.
#include "engine/detect/box_fitter.h"

#include "engine/core/plane_bits.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {
constexpr PlaneShape shape{60, 50};

void fire(BoxFitter &fitter, std::uint32_t x0, std::uint32_t y0, std::uint32_t side) {
    std::uint64_t *plane = fitter.push();
    std::fill_n(plane, shape.wordStride(), std::uint64_t{0});
    for (std::uint32_t y = y0; y < y0 + side; ++y)
        for (std::uint32_t x = x0; x < x0 + side; ++x)
            setBit(plane, y * shape.width + x);
}
}  // namespace

TEST_CASE("a box is cut to what fired lately, and stays as it is when nothing did") {
    BoxFitter fitter(shape);
    const AttentionBox box{5, 6, 45, 56};
    const AttentionBox small{0, 0, 4, 4};
    const std::vector<AttentionBox> both{small, box};
    fire(fitter, 20, 15, 10);
    auto found = fitter.detections(both, true);
    REQUIRE(found.size() == 2);
    CHECK(found[0].box == Box{20, 15, 10, 10});
    CHECK(found[1].box == Box{0, 0, 4, 4});
    found = fitter.detections(both, false);
    CHECK(found[0].box == Box{6, 5, 50, 40});
    for (int i = 0; i < 5; ++i)
        fire(fitter, 0, 0, 0);
    CHECK(testBit(fitter.fired(5), 15 * 60 + 20));
    CHECK_FALSE(testBit(fitter.fired(0), 15 * 60 + 20));
    CHECK(fitter.detections(both, true)[0].box == Box{6 + 14, 15, 10, 10});
    fire(fitter, 0, 0, 0);
    CHECK(fitter.detections(both, true)[0].box == Box{6, 5, 50, 40});
}

TEST_CASE("forgetting is complete") {
    BoxFitter fitter(shape);
    fire(fitter, 20, 15, 10);
    fitter.reset();
    const std::vector<AttentionBox> box{{5, 6, 45, 56}};
    CHECK(fitter.detections(box, true)[0].box == Box{6, 5, 50, 40});
    CHECK(fitter.detections({}, true).empty());
}
