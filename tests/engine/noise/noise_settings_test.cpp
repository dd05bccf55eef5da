// SPDX-License-Identifier: Apache-2.0
// Texts of injectors: what is read, what is refused and how it is said.
#include "engine/noise/noise_settings.h"

#include <catch2/catch.hpp>
#include <clocale>
#include <cmath>

using namespace fovea;
using Catch::Contains;

TEST_CASE("the table names every kind once, in its own place", "[noise]") {
    REQUIRE(injectorInfos().size() == injectorKindCount);
    for (const InjectorInfo &info : injectorInfos()) {
        CHECK(&infoOf(info.kind) == &info);
        const auto parsed = parseInjectors(fmt::format("{}:0.5", info.name));
        REQUIRE(parsed);
        CHECK(parsed->front() == InjectorSettings{info.kind, 0.5, true});
        CHECK(info.neutral <= info.maximum);
        CHECK_FALSE(info.what.empty());
    }
}

TEST_CASE("one and several injectors are read", "[noise]") {
    CHECK(parseInjectors("flip:0.01").value() ==
          std::vector<InjectorSettings>{{InjectorKind::Flip, 0.01, true}});
    CHECK(parseInjectors("hot:1e-3,brightness:2.5,drop:1").value() ==
          std::vector<InjectorSettings>{{InjectorKind::Hot, 0.001, true},
                                        {InjectorKind::Brightness, 2.5, true},
                                        {InjectorKind::Drop, 1, true}});
}

TEST_CASE("wrong texts are refused and explained", "[noise]") {
    const auto message = [](std::string_view text) {
        const auto parsed = parseInjectors(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::Usage);
        return parsed.error().message;
    };
    for (const std::string_view text : {"", "flop:0.1", ":0.1", "FLIP:0.1", "flip:0.1,", " flip:1"})
        CHECK_THAT(message(text), Contains("kinds are") && Contains("flip") && Contains("burst"));
    for (const std::string_view text :
         {"flip", "flip:", "flip:x", "flip:0.1x", "flip:0,1", "flip:+1"})
        CHECK_THAT(message(text), Contains("0 to 1") || Contains("kinds are"));
    for (const std::string_view text : {"flip:1.01", "flip:-0.1", "flip:nan", "flip:inf"})
        CHECK_THAT(message(text), Contains("flip strength") && Contains("0 to 1"));
    CHECK_THAT(message("brightness:5"), Contains("0 to 4"));
    CHECK_THAT(message("flip:0.1,hot:0.1,flip:0.2"), Contains("more than once"));
}

TEST_CASE("settings from elsewhere are checked the same way", "[noise]") {
    CHECK(validate({1, {{InjectorKind::Flip, 0.5, true}, {InjectorKind::Hot, 0, false}}}));
    CHECK_FALSE(validate({1, {{InjectorKind::Flip, std::nan(""), true}}}));
    CHECK_FALSE(validate({1, {{InjectorKind::Flip, 0.1, true}, {InjectorKind::Flip, 0.1, false}}}));
    CHECK_FALSE(validate({1, {{static_cast<InjectorKind>(77), 0.1, true}}}));
}

TEST_CASE("the tag names what acts, in the order in which it acts", "[noise]") {
    NoiseSettings settings{3, {{InjectorKind::Flip, 0.01, true}}};
    CHECK(noiseTag(settings) == "flip:0.01 seed 3");
    settings.injectors.push_back({InjectorKind::Dead, 0.001, true});
    settings.injectors.push_back({InjectorKind::Hot, 0.5, false});
    settings.injectors.push_back({InjectorKind::Brightness, 1, true});
    settings.injectors.push_back({InjectorKind::Extra, 0, true});
    CHECK(noiseTag(settings) == "dead:0.001 flip:0.01 seed 3");
    CHECK(noiseTag({9, {}}).empty());
    CHECK(noiseTag({9, {{InjectorKind::Brightness, 0, true}}}) == "brightness:0 seed 9");
}
