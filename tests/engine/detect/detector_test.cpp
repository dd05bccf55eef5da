// SPDX-License-Identifier: Apache-2.0
// Methods by name; settings out of range.
#include "engine/detect/detector.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("methods have names") {
    for (const auto method : {DetectionMethod::Motion, DetectionMethod::Attention}) {
        CHECK(parseDetectionMethod(toString(method)).value() == method);
        DetectorSettings settings;
        settings.method = method;
        const auto made = makeDetector(settings, {40, 30}, 40000);
        REQUIRE(made);
        CHECK((*made)->name() == toString(method));
        CHECK((*made)->step() >= 1);
    }
    CHECK(parseDetectionMethod("magic").error().code == ErrorCode::Usage);
}

TEST_CASE("what is out of range is refused") {
    CHECK_FALSE(makeDetector({}, {0, 5}, 40000));
    CHECK_FALSE(makeDetector({}, {5, 5}, 0));
    DetectorSettings settings;
    settings.motion.groupSeconds = 0;
    CHECK_FALSE(makeDetector(settings, {5, 5}, 40000));
    settings = {};
    settings.motion.changeSigmas = -1;
    CHECK_FALSE(makeDetector(settings, {5, 5}, 40000));
    settings = {};
    settings.attention.attentionSize = 0;
    CHECK_FALSE(makeDetector(settings, {5, 5}, 40000));
}
