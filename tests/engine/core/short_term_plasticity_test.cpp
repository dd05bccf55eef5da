// SPDX-License-Identifier: Apache-2.0
// The rule by hand.
#include "engine/core/short_term_plasticity.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("a spike takes resources and raises the utilisation; both come back") {
    const PlasticityRule rule{0.2F, 1, 1, 0.5F};
    float R = 1;
    float u = rule.u0;
    takeSpike(R, u, rule, 1, 1);  // no time at all since the last one
    CHECK(R == Approx(0.8));
    CHECK(u == Approx(0.6));
    takeSpike(R, u, rule, 0.5F, 0.25F);
    CHECK(R == Approx(1 - (1 - 0.8 * 0.4) * 0.5));
    CHECK(u == Approx(0.2 + (0.6 + 0.5 * 0.4 - 0.2) * 0.25));
    takeSpike(R, u, rule, 0, 0);  // very long ago
    CHECK(R == 1);
    CHECK(u == Approx(0.2));
}
