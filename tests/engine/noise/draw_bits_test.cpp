// SPDX-License-Identifier: Apache-2.0
// The vector loops: the whole probability counts, and every vector width draws the same bits.
#include "engine/noise/random_mask.h"

#include "tests/engine/noise/noisy_planes.h"

#include <catch2/catch.hpp>
#include <hwy/targets.h>

using namespace fovea;

TEST_CASE("none, all and halves", "[noise]") {
    std::vector<std::uint64_t> words(16, 5);
    drawBits(1, 0, words);
    CHECK(words == std::vector<std::uint64_t>(16, 0));
    drawBits(1, probabilityBits(1), words);
    CHECK(words == std::vector<std::uint64_t>(16, ~std::uint64_t{0}));
    CHECK(probabilityBits(0.5) == std::uint64_t{1} << 31);
    CHECK(probabilityBits(2) == std::uint64_t{1} << 32);
    CHECK(probabilityBits(-1) == 0);
}

TEST_CASE("each of eight words decides by the whole probability", "[noise]") {
    for (const double p : {1.5 / 256, 0.5, 0.7, 1.0 / 1024}) {
        std::vector<std::uint64_t> words(8 * 2000);
        std::array<std::size_t, 8> set{};
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
            drawBits(seed, probabilityBits(p), words);
            for (std::size_t i = 0; i < words.size(); ++i)
                set[i % 8] += static_cast<std::size_t>(std::popcount(words[i]));
        }
        for (const std::size_t count : set) {
            CAPTURE(p, count);
            CHECK(test::believable(count, 20000 * 64, p));
        }
    }
}

TEST_CASE("the last 16 of the 32 bits count too", "[noise]") {
    std::vector<std::uint64_t> words(8 * 20000);
    std::size_t set = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        drawBits(seed, 0xC000, words);
        for (const std::uint64_t word : words)
            set += static_cast<std::size_t>(std::popcount(word));
    }
    CAPTURE(set);
    CHECK(test::believable(set, 40 * 64 * words.size(), 0.75 / 65536));
}

TEST_CASE("words are unlike each other", "[noise]") {
    std::vector<std::uint64_t> words(8 * 1000);
    drawBits(4, probabilityBits(0.5), words);
    for (std::size_t distance = 1; distance <= 16; ++distance) {
        std::size_t equal = 0;
        for (std::size_t i = distance; i < words.size(); ++i)
            equal += static_cast<std::size_t>(std::popcount(~(words[i] ^ words[i - distance])));
        CAPTURE(distance);
        CHECK(test::believable(equal, 64 * (words.size() - distance), 0.5));
    }
}

TEST_CASE("every instruction set draws the same bits", "[noise]") {
    std::vector<std::uint64_t> expected(64);
    std::vector<std::uint64_t> words(64);
    for (const double p : {0.001, 0.07, 0.5, 0.9}) {
        drawBits(11, probabilityBits(p), expected);
        for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
            hwy::SetSupportedTargetsForTest(rest & -rest);
            drawBits(11, probabilityBits(p), words);
            CHECK(words == expected);
            hwy::SetSupportedTargetsForTest(0);
        }
    }
}
