// SPDX-License-Identifier: Apache-2.0
// Pictures turned over.
#include "engine/core/picture.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("a turned picture has its last row first", "[core]") {
    const std::vector<std::uint8_t> grey{1, 2, 3, 4, 5, 6};
    std::vector<std::uint8_t> turned(6);
    copyTurned(grey, {2, 3}, turned);
    CHECK(turned == std::vector<std::uint8_t>{5, 6, 3, 4, 1, 2});
    copyTurned(grey, {6, 1}, turned);
    CHECK(turned == grey);
}
