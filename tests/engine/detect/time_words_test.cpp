// SPDX-License-Identifier: Apache-2.0
// Planes to words and back, whole and in parts.
#include "engine/detect/time_words.h"

#include "tests/engine/detect/time_word_planes.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("words hold the planes' bits") {
    constexpr PlaneShape shape{37, 30};
    forEachTarget([&] {
        Random random(4);
        const auto expected = randomWords(shape, 0, 0.3, random);
        std::vector<std::vector<std::uint64_t>> planes;
        std::vector<const std::uint64_t *> pointers;
        for (std::size_t t = 0; t < timeWordPlanes; ++t)
            planes.push_back(planeOf(expected.data(), t, shape));
        for (const auto &plane : planes)
            pointers.push_back(plane.data());
        for (const std::size_t count : {32, 31, 7, 1}) {
            std::vector<std::uint32_t> found(roundUp(shape), 1);
            for (std::size_t chunk = 0; chunk < found.size() / timeWordChunk; ++chunk)
                planesToWords(std::span(pointers).first(count), chunk,
                              found.data() + chunk * timeWordChunk);
            for (std::size_t p = 0; p < found.size(); ++p)
                REQUIRE(found[p] == (expected[p] & (~0U >> (32 - count))));
        }
    });
}

TEST_CASE("planes are taken out of time words") {
    constexpr PlaneShape shape{37, 30};
    forEachTarget([&] {
        Random random(4);
        auto words = randomWords(shape, 0, 0.1, random);
        std::fill_n(words.begin(), timeWordChunk, 1U << 31);
        std::vector<std::uint64_t> a(shape.wordStride(), ~0ULL);
        std::vector<std::uint64_t> b(shape.wordStride(), ~0ULL);
        for (const std::size_t t : {0, 13, 30}) {
            std::uint64_t *const planes[] = {a.data(), b.data()};
            wordsToPlanes(words.data(), t, planes, 0, roundUp(shape) / timeWordChunk);
            CHECK(a == planeOf(words.data(), t, shape));
            CHECK(b == planeOf(words.data(), t + 1, shape));
        }
    });
}
