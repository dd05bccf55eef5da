// SPDX-License-Identifier: Apache-2.0
// Spikes in every plane of a batch, neurons at every border, on every instruction set.
#include "engine/detect/batch_kernels.h"

#include "engine/detect/lif_layer.h"

#include "tests/engine/detect/time_word_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

/// Two batches of random planes through the kernel and through the exact layer.
void checkLif(PlaneShape shape, double rate, Random &random) {
    const std::size_t margin = shape.width + 16;
    std::vector<float> potential(roundUp(shape), 0.0F);
    std::vector<std::uint32_t> fired(roundUp(shape), 0);
    LifLayer exact({}, shape);
    std::vector<std::uint64_t> expected(shape.wordStride());
    for (const std::size_t planes : {std::size_t{32}, 1 + random() % 32}) {
        auto words = randomWords(shape, margin, rate, random);
        for (std::uint32_t &word : words)
            word &= ~0U >> (32 - planes);
        const std::uint32_t *passed = words.data() + margin;
        const std::size_t half = shape.height / 2;
        batch_kernels::lifBatch({}, potential.data(), passed, shape, planes, half, shape.height,
                                fired.data());
        batch_kernels::lifBatch({}, potential.data(), passed, shape, planes, 0, half, fired.data());
        for (std::size_t t = 0; t < planes; ++t) {
            exact.update(planeOf(passed, t, shape).data(), expected.data());
            REQUIRE(planeOf(fired.data(), t, shape) == expected);
        }
        for (std::size_t p = 0; p < shape.pixels(); ++p)
            REQUIRE(potential[p] == exact.potential()[p]);
    }
}

}  // namespace

TEST_CASE("LIF batches are the exact layer's at every border, rare or busy") {
    forEachTarget([&] {
        Random random(3);
        for (std::uint32_t width = 1; width < 40; ++width)
            checkLif({width, 1 + width % 5}, width % 3 == 0 ? 0.3 : 0.02, random);
    });
}

TEST_CASE("a spike of each plane of a batch is seen once") {
    constexpr PlaneShape shape{20, 2};
    forEachTarget([&] {
        const std::size_t pixels = roundUp(shape);
        batch_kernels::StpFactors factors{};
        std::fill_n(factors.deficit, 32, 1.0F);
        std::fill_n(factors.drive, 32, 1.0F);
        std::fill_n(factors.half, 32, 1.0F);
        factors.u0 = 0.5F;  // R halves at every spike
        for (std::size_t t = 0; t < 32; ++t) {
            std::vector<float> deficit(pixels, 0.5F), drive(pixels, 0), gradient(pixels, 0),
                before(pixels, 0);
            std::vector<std::uint32_t> passed(pixels, ~0U);
            std::vector<std::vector<std::uint64_t>> planes(
                32, std::vector<std::uint64_t>(shape.wordStride(), 0));
            setBit(planes[t].data(), 19);
            std::vector<const std::uint64_t *> pointers;
            for (const auto &plane : planes)
                pointers.push_back(plane.data());
            batch_kernels::stpBatch(factors,
                                    {deficit.data(), drive.data(), gradient.data(), before.data()},
                                    pointers, 0, 1, passed.data());
            CHECK(passed[19] == 1U << t);
            CHECK(passed[18] == 0);
            CHECK(before[19] == 0.5F);
            CHECK(deficit[19] == 0.75F);
            CHECK(deficit[20] == 0.5F);
        }
    });
}
