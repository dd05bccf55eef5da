// SPDX-License-Identifier: Apache-2.0
// What both versions of the inner loops rely on: where noise is read, how pixel state lies.
#include "drivers/synthetic/kernels.h"
#include "engine/core/plane_shape.h"
#include "engine/core/random.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::synthetic;

TEST_CASE("noise offsets stay in the table and differ between tiles and planes") {
    std::size_t same = 0;
    for (std::uint64_t i = 0; i < 2000; ++i) {
        const std::size_t offset = noiseOffset(mixBits(i), i % 50);
        REQUIRE(offset % noiseStep == 0);
        REQUIRE(offset < noiseSize);
        same += offset == noiseOffset(mixBits(i), i % 50 + 1) ? 1U : 0U;
        same += offset == noiseOffset(mixBits(i + 1), i % 50) ? 1U : 0U;
    }
    REQUIRE(same < 30);  // 4000 pairs, 512 offsets: 8 expected
}

TEST_CASE("tiles cover any plane exactly, so no kernel needs a special last step") {
    for (const PlaneShape shape : {PlaneShape{1, 1}, PlaneShape{7, 3}, PlaneShape{512, 1},
                                   PlaneShape{513, 1}, PlaneShape{400, 250}}) {
        const std::size_t lanes = shape.wordStride() * 64;
        REQUIRE(lanes % tilePixels == 0);
        REQUIRE(lanes >= shape.pixels());
        REQUIRE(lanes < shape.pixels() + tilePixels);
    }
}

TEST_CASE("every offset leaves room in the noise table for a whole tile") {
    for (std::uint64_t i = 0; i < 5000; ++i)
        REQUIRE(noiseOffset(mixBits(i), i) + tilePixels <= noiseSize + tilePixels);
}
