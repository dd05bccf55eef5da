// SPDX-License-Identifier: Apache-2.0
// Spike-Zoo's models against the methods that they share their definitions with.
#include "engine/recon/zoo_models.h"

#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("Spike-Zoo's mean is that of the window around the middle plane", "[recon]") {
    const PlaneShape shape{33, 31};
    const SpikeBlock block = test::randomPlanes(shape, 80, 6);
    const auto planes = test::pointers(block);
    for (const std::uint32_t window : {1U, 16U, 17U, 41U}) {
        const auto mean = zooTfp(planes, shape, window);
        const auto grey = test::slowTfp(planes, 40, window / 2, shape);
        for (std::size_t pixel = 0; pixel < grey.size(); ++pixel)
            REQUIRE(static_cast<std::uint8_t>(mean[pixel] * 255.0F) == grey[pixel]);
    }
}

TEST_CASE("Spike-Zoo's interval is that of the single convention", "[recon]") {
    const PlaneShape shape{33, 31};
    const SpikeBlock block = test::randomPlanes(shape, 90, 6);
    const auto planes = test::pointers(block);
    for (const std::uint32_t window : {3U, 16U, 41U, 64U}) {
        const auto inverse = zooTfi(planes, shape, window);
        const auto grey = test::slowTfi(planes, 45, TfiConvention::Single, window / 2, shape);
        for (std::size_t pixel = 0; pixel < grey.size(); ++pixel)
            REQUIRE(static_cast<std::uint8_t>(255.0 / std::round(1 / inverse[pixel])) ==
                    grey[pixel]);
    }
}
