// SPDX-License-Identifier: Apache-2.0
// Truncation, gain and gamma of single levels.
#include "engine/recon/grey_level.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("levels are truncated, brightened and clamped", "[recon]") {
    ReconSettings settings;
    CHECK(greyLevel(254.99F, settings) == 254);
    CHECK(greyLevel(255, settings) == 255);
    settings.gain = 3;
    CHECK(greyLevel(51, settings) == 153);
    CHECK(greyLevel(200, settings) == 255);
    settings.gain = 1;
    settings.gamma = 2;
    CHECK(greyLevel(255, settings) == 255);
    CHECK(greyLevel(255.0F / 4, settings) == 127);
    CHECK(greyLevel(0, settings) == 0);
}
