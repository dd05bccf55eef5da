// SPDX-License-Identifier: Apache-2.0
// The change of resources by hand.
#include "engine/detect/stp_rule.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("a change of resources is followed and compared") {
    float gradient = 0.5F;
    CHECK(takeChange(0.5F, 0.75F, gradient) == 0.25F);
    CHECK(gradient == 0.5F);
    CHECK(takeChange(0.75F, 0.75F, gradient) == 0);
    CHECK(gradient == 0.25F);
    CHECK(takeChange(1.0F, 0.75F, gradient) == 0.25F);
    CHECK(gradient == 0.25F);
    CHECK(passesStp(0.25F, gradient, 0.375F));
    CHECK_FALSE(passesStp(0.25F, gradient, 0.38F));
    CHECK_FALSE(passesStp(0, gradient, 0));
}
