// SPDX-License-Identifier: Apache-2.0
// Our sine is the sine.
#include "drivers/synthetic/portable_math.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea::synthetic;

TEST_CASE("sine and cosine of turns agree with the library") {
    for (std::uint64_t i = 0; i < 10000; ++i) {
        const auto turns = static_cast<std::uint32_t>(i * 429497);
        const double angle = static_cast<double>(turns) * 6.283185307179586 / 4294967296.0;
        REQUIRE(sineOfTurns(turns) == Approx(std::sin(angle)).margin(1e-7));
        REQUIRE(cosineOfTurns(turns) == Approx(std::cos(angle)).margin(1e-7));
    }
}
