// SPDX-License-Identifier: Apache-2.0
// The random bits of kernel bodies are those of RandomMask and drawBits.
#include "engine/noise/noise_bodies.h"

#include "engine/cuda/device.h"
#include "engine/noise/random_mask.h"
#include "tests/engine/noise/noisy_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::noise_bodies;

TEST_CASE("threads draw the bits that the CPU draws", "[noise]") {
    for (const PlaneShape shape : test::noiseShapes)
        for (const double probability :
             {0.0, 1e-7, 0.001, 0.0399, 0.04, 0.25, 0.3, 0.5, 0.9, 0.99999, 1.0}) {
            INFO(toString(shape) << ", probability " << probability);
            constexpr std::uint32_t planes = 5;
            const auto stride = static_cast<std::uint32_t>(shape.wordStride());
            std::vector<std::uint64_t> seeds;
            for (std::uint64_t i = 0; i < planes; ++i)
                seeds.push_back(mixBits(i + stride));
            std::vector<std::uint64_t> words(planes * stride);
            const PlaneSeeds from{seeds.data(), nullptr, 0, 0};
            const PlaneRow masks{words.data(), stride, planes, shape.pixels()};
            const RandomMask random(probability);
            const auto distances = random.distances();
            if (random.rare() && random.probability() != 0) {
                const RareMaskBody body{from, masks, distances.data()};
                deviceKernel<RareMaskBody>().onHost(&body, 0, planes);
            } else {
                const DenseMaskBody body{from, masks, random.probability(), nullptr};
                deviceKernel<DenseMaskBody>().onHost(&body, 0, DenseMaskBody::lanes * planes);
            }
            std::vector<std::uint64_t> wanted(stride);
            for (std::uint32_t i = 0; i < planes; ++i) {
                random.draw(seeds[i], shape.pixels(), wanted);
                CHECK(std::equal(wanted.begin(), wanted.end(), words.begin() + i * stride));
            }
        }
}
