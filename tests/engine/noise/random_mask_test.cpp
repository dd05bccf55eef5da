// SPDX-License-Identifier: Apache-2.0
// The random bits: right probability, independent, reproducible, none behind the last pixel.
#include "engine/noise/random_mask.h"

#include "tests/engine/noise/noisy_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("bits are set with the asked probability", "[noise]") {
    constexpr std::size_t pixels = 100000;
    std::vector<std::uint64_t> words((pixels + 511) / 512 * 8);
    for (const double p : {0.0, 1e-7, 1e-5, 0.001, 0.0039, 0.01, 0.03, 0.0399, 0.04, 0.06, 0.1,
                           0.25, 0.3333, 0.5, 0.75, 0.9, 0.999, 1.0}) {
        const RandomMask mask(p);
        std::size_t set = 0;
        constexpr std::size_t draws = 60;
        for (std::size_t draw = 0; draw < draws; ++draw) {
            mask.draw(draw, pixels, words);
            for (const std::uint64_t word : words)
                set += static_cast<std::size_t>(std::popcount(word));
        }
        CAPTURE(p, set);
        CHECK(test::believable(set, draws * pixels, p));
    }
}

TEST_CASE("every pixel is as likely and neighbours are independent", "[noise]") {
    constexpr std::size_t pixels = 300;
    constexpr std::size_t draws = 20000;
    for (const double p : {0.01, 0.03, 0.05, 0.4}) {
        const RandomMask mask(p);
        std::vector<std::uint64_t> words(8);
        std::vector<std::size_t> hits(pixels);
        std::size_t pairs = 0;
        for (std::size_t draw = 0; draw < draws; ++draw) {
            mask.draw(mixBits(draw), pixels, words);
            for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
                const bool set = testBit(words.data(), pixel);
                hits[pixel] += set ? 1 : 0;
                pairs += set && pixel > 0 && testBit(words.data(), pixel - 1) ? 1 : 0;
            }
        }
        CAPTURE(p);
        for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
            CAPTURE(pixel, hits[pixel]);
            CHECK(test::believable(hits[pixel], draws, p));
        }
        CHECK(test::believable(pairs, draws * (pixels - 1), p * p));
    }
}

TEST_CASE("the same seed draws the same bits, another seed others", "[noise]") {
    for (const double p : {0.02, 0.3}) {
        const RandomMask mask(p);
        std::vector<std::uint64_t> a(16), b(16), c(16);
        mask.draw(5, 1000, a);
        mask.draw(5, 1000, b);
        mask.draw(6, 1000, c);
        CHECK(a == b);
        CHECK(a != c);
    }
}

TEST_CASE("nothing is set behind the last pixel", "[noise]") {
    for (const double p : {0.04, 0.5, 1.0})
        for (const std::size_t pixels : {1, 63, 64, 65, 127, 200}) {
            std::vector<std::uint64_t> words(8, ~std::uint64_t{0});
            RandomMask(p).draw(3, pixels, words);
            for (std::size_t bit = pixels; bit < 512; ++bit)
                REQUIRE_FALSE(testBit(words.data(), bit));
        }
}
