// SPDX-License-Identifier: Apache-2.0
// Fixed-point arithmetic by hand.
#include "engine/recon/rate_rule.h"

#include <catch2/catch.hpp>

using namespace fovea::rates;

TEST_CASE("products are rounded and cut as vectors do it", "[recon]") {
    CHECK(mulFixed15(16384, 16384) == 8192);
    CHECK(mulFixed15(3, 16384) == 2);
    CHECK(mulFixed15(-3, 16384) == -1);
    CHECK(mulFixed15(-32768, 32767) == -32767);
    CHECK(mulHigh(65535, 65535) == 65534);
    CHECK(mulHigh(255, 255) == 0);
    CHECK(clampInt(-3, 0, 9) == 0);
    CHECK(clampInt(12, 0, 9) == 9);
}

TEST_CASE("reciprocals and phases fit in 16 bits", "[recon]") {
    CHECK(reciprocal(1) == 65535);
    CHECK(reciprocal(3) == 21845);
    CHECK(reciprocal(255) == 257);
    for (std::size_t planes = 1; planes <= 64; ++planes) {
        CHECK(planes << phaseBits(planes) < 32768);
        CHECK(mulFixed15(static_cast<int>(planes << phaseBits(planes)), phaseScale(planes)) ==
              Approx(16384).margin(1));
    }
}

TEST_CASE("cubic weights sum up to one", "[recon]") {
    for (int place = 1; place < 64; ++place) {
        int sum = 0;
        for (const std::int16_t weight : cubic.weights[place])
            sum += weight;
        CHECK(sum == Approx(32768).margin(2));
        for (int tap = 0; tap < 4; ++tap)
            CHECK(cubic.weights[place][tap] == cubic.weights[64 - place][3 - tap]);
    }
}
