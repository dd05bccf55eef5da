// SPDX-License-Identifier: Apache-2.0
// Known answers, independence of order, and the spread of the random numbers.
#include "engine/core/random.h"

#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <set>

using namespace fovea;

static_assert(std::uniform_random_bit_generator<Random>);

TEST_CASE("mixing gives the published splitmix64 sequence", "[core]") {
    // First outputs of splitmix64 seeded with 0 and with 1234567.
    CHECK(mixBits(0) == 0xE220A8397B1DCDAFULL);
    CHECK(mixBits(1234567) == 6457827717110365317ULL);
    CHECK(mixBits(1234567 + 0x9E3779B97F4A7C15ULL) == 3203168211198807973ULL);
}

TEST_CASE("random numbers depend on seed, stream and position only", "[core]") {
    constexpr std::uint64_t once = randomAt(1, 2, 3);
    CHECK(randomAt(1, 2, 3) == once);
    std::set<std::uint64_t> seen;
    for (std::uint64_t seed = 0; seed < 10; ++seed)
        for (std::uint64_t stream = 0; stream < 10; ++stream)
            for (std::uint64_t position = 0; position < 10; ++position)
                seen.insert(randomAt(seed, stream, position));
    CHECK(seen.size() == 1000);
}

TEST_CASE("one changed input bit changes about half of the output bits", "[core]") {
    double flipped = 0;
    for (int bit = 0; bit < 64; ++bit)
        for (std::uint64_t position = 0; position < 100; ++position)
            flipped += std::popcount(randomAt(7, 1, position) ^
                                     randomAt(7, 1, position ^ (std::uint64_t{1} << bit)));
    CHECK(flipped / 6400 == Approx(32).margin(0.5));
}

TEST_CASE("the unit interval includes 0 and excludes 1", "[core]") {
    CHECK(unitInterval(0) == 0.0);
    CHECK(unitInterval(~std::uint64_t{0}) < 1.0);
    CHECK(unitInterval(std::uint64_t{1} << 63) == 0.5);
}

TEST_CASE("the same seed gives the same sequence, another seed another one", "[core]") {
    Random a(5);
    Random b(5);
    Random c(6);
    int same = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto value = a();
        CHECK(value == b());
        same += value == c() ? 1 : 0;
    }
    CHECK(same == 0);
}

TEST_CASE("uniform numbers have the mean and variance they should", "[core]") {
    Random random(42);
    constexpr int count = 100000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; ++i) {
        const double value = random.uniform(-2, 4);
        REQUIRE((value >= -2 && value < 4));
        sum += value;
        squares += value * value;
    }
    const double mean = sum / count;
    // 36 / 12 = 3; five standard errors of the mean are 0.027.
    CHECK(mean == Approx(1).margin(0.03));
    CHECK(squares / count - mean * mean == Approx(3).margin(0.05));
}

TEST_CASE("numbers below a bound are in it and equally likely", "[core]") {
    Random random(9);
    std::array<int, 10> hits{};
    for (int i = 0; i < 100000; ++i) {
        const auto value = random.below(hits.size());
        REQUIRE(value < hits.size());
        ++hits[value];
    }
    double chiSquare = 0;
    for (const int hit : hits)
        chiSquare += std::pow(hit - 10000.0, 2) / 10000.0;
    CHECK(chiSquare < 33.7);  // 9 degrees of freedom: exceeded once in 10,000 seeds
    CHECK(random.below(1) == 0);
}
