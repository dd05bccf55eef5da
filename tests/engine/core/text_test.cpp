// SPDX-License-Identifier: Apache-2.0
// Numbers and names as people write them.
#include "engine/core/text.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

using namespace fovea;

TEST_CASE("a number is all of the text or none of it", "[core]") {
    CHECK(parseNumber<double>("0.25") == 0.25);
    CHECK(parseNumber<std::uint32_t>("4294967295") == 4294967295U);
    CHECK_FALSE(parseNumber<std::uint32_t>("4294967296"));
    for (const char *const text : {"", " 1", "1 ", "1,5", "+1", "0x10", "1e", "one"}) {
        CHECK_FALSE(parseNumber<double>(text));
        CHECK_FALSE(parseNumber<std::uint64_t>(text));
    }
}

TEST_CASE("the nearest name is a near one or none") {
    const std::vector<std::string> names = {"window", "reach", "gamma"};
    CHECK(nearestName("windw", names) == "window");
    CHECK(nearestName("gama", names) == "gamma");
    CHECK(nearestName("zzzzzzzz", names).empty());
    CHECK(nearestName("", names).empty());
    CHECK(nearestName(std::string(100000, 'w'), names).empty());
}

TEST_CASE("sizes have three digits and a unit that fits") {
    CHECK(byteText(0) == "0 bytes");
    CHECK(byteText(999) == "999 bytes");
    CHECK(byteText(1000) == "1.00 kB");
    CHECK(byteText(12'345) == "12.3 kB");
    CHECK(byteText(999'960) == "1.00 MB");
    CHECK(byteText(123.4e6) == "123 MB");
    CHECK(byteText(9.999e9) == "10.0 GB");
    CHECK(byteText(1.25e18) == "1.25 EB");
    CHECK(byteText(1e24) == "1000000 EB");
}
