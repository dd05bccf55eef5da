// SPDX-License-Identifier: Apache-2.0
// The few primitives that kernel bodies use.
#include "engine/cuda/both.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("bits are found and counted", "[cuda]") {
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
        CHECK(lowestBit(~0U << bit) == bit);
        CHECK(countBits(~0U << bit) == 32 - bit);
    }
    CHECK(countBits(0) == 0);
    for (std::uint32_t bit = 0; bit < 64; ++bit)
        CHECK(lowestBit64(~std::uint64_t{0} << bit) == bit);
}

TEST_CASE("roots and nearest integers", "[cuda]") {
    CHECK(squareRoot(2.25F) == 1.5F);
    CHECK(squareRoot(0) == 0);
    CHECK(nearestInt(2.5F) == 2);
    CHECK(nearestInt(3.5F) == 4);
    CHECK(nearestInt(-2.5F) == -2);
    CHECK(nearestInt(-2.51F) == -3);
}

TEST_CASE("the lesser and the greater one", "[cuda]") {
    CHECK(lesser(3, 5) == 3);
    CHECK(lesser(5, 3) == 3);
    CHECK(greater(3, 5) == 5);
    CHECK(greater(5, 3) == 5);
}
