// SPDX-License-Identifier: Apache-2.0
// Settings out of range are refused by name; noise scales as a person expects.
#include "drivers/synthetic/settings.h"

#include <catch2/catch.hpp>
#include <functional>
#include <limits>

using namespace fovea;

TEST_CASE("the defaults and the limits are allowed") {
    REQUIRE(SyntheticSettings{}.check());
    SyntheticSettings edge;
    edge.shape = {1, 1};
    edge.planeRateHz = 1;
    edge.objects = SyntheticSettings::maxObjects;
    edge.minSpeed = edge.maxSpeed = 0;
    edge.photonsPerSpike = 0;
    REQUIRE(edge.check());
    edge.planeRateHz = 100000;
    edge.photonsPerSpike = 12;
    edge.deadShare = edge.hotShare = 0.5;
    REQUIRE(edge.check());
}

TEST_CASE("a bad setting is refused with its name") {
    using Spoil = std::function<void(SyntheticSettings &)>;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<std::pair<std::string, Spoil>> cases{
        {"shape",
         [](auto &s) {
             s.shape = {0, 4};
         }},
        {"shape",
         [](auto &s) {
             s.shape = {16384, 16384};
         }},
        {"planeRateHz", [](auto &s) { s.planeRateHz = 0.5; }},
        {"planeRateHz", [](auto &s) { s.planeRateHz = 100001; }},
        {"planeRateHz", [=](auto &s) { s.planeRateHz = nan; }},
        {"objects", [](auto &s) { s.objects = 65; }},
        {"minSpeed", [](auto &s) { s.minSpeed = s.maxSpeed + 1; }},
        {"minSpeed", [](auto &s) { s.minSpeed = -1; }},
        {"maxSpeed", [=](auto &s) { s.minSpeed = 0, s.maxSpeed = 2e9; }},
        {"lightDepth", [](auto &s) { s.lightDepth = 1.1; }},
        {"lightHz", [](auto &s) { s.light = SceneLight::Fluorescent, s.planeRateHz = 150; }},
        {"photonsPerSpike", [](auto &s) { s.photonsPerSpike = 3; }},
        {"darkCurrent", [](auto &s) { s.darkCurrent = 0.3; }},
        {"gainSpread", [=](auto &s) { s.gainSpread = nan; }},
        {"thresholdSpread", [](auto &s) { s.thresholdSpread = -0.1; }},
        {"deadShare", [](auto &s) { s.deadShare = 0.6; }},
        {"hotShare", [](auto &s) { s.hotShare = 1; }},
    };
    for (const auto &[name, spoil] : cases) {
        SyntheticSettings settings;
        spoil(settings);
        const auto checked = settings.check();
        INFO(name);
        REQUIRE_FALSE(checked);
        REQUIRE(checked.error().code == ErrorCode::InvalidArgument);
        REQUIRE(checked.error().message.find(name) != std::string::npos);
    }
}

TEST_CASE("sensor noise scales from ideal to strong and stays allowed") {
    SyntheticSettings settings;
    settings.scaleSensorNoise(2);
    REQUIRE(settings.photonsPerSpike == Approx(75));
    REQUIRE(settings.gainSpread == Approx(0.04));
    settings.scaleSensorNoise(1e6);
    REQUIRE(settings.check());
    settings.scaleSensorNoise(0);
    REQUIRE(settings.photonsPerSpike == 0);
    REQUIRE(settings.darkCurrent == 0);
    REQUIRE(settings.hotShare == 0);
}

TEST_CASE("seconds become planes, 0 is endless") {
    SyntheticSettings settings;
    settings.limitSeconds(0.5);
    REQUIRE(settings.planes == 20000U);
    settings.limitSeconds(1e-9);
    REQUIRE(settings.planes == 1U);
    settings.limitSeconds(0);
    REQUIRE_FALSE(settings.planes);
}

TEST_CASE("lights have names") {
    for (const auto light : {SceneLight::Constant, SceneLight::Fluorescent, SceneLight::Drift})
        REQUIRE(parseSceneLight(toString(light)) == light);
    const auto bad = parseSceneLight("neon");
    REQUIRE(bad.error().code == ErrorCode::Usage);
    REQUIRE(bad.error().message.find("fluorescent") != std::string::npos);
}
