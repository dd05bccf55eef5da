// SPDX-License-Identifier: Apache-2.0
// The quick exponential against the library's.
#include "engine/train/vector_clones.h"

#include <catch2/catch.hpp>
#include <cmath>

TEST_CASE("the quick exponential is one", "[train]") {
    for (double x = -87; x <= 87; x += 0.0371)
        REQUIRE(fovea::quickExp(static_cast<float>(x)) ==
                Approx(std::exp(static_cast<double>(static_cast<float>(x)))).epsilon(3e-7));
    REQUIRE(fovea::quickExp(0) == 1);
    REQUIRE(fovea::quickExp(-1000) < 1e-37F);
    REQUIRE(std::isfinite(fovea::quickExp(1000)));
}
