// SPDX-License-Identifier: Apache-2.0
// Turning bars are measured, discs are not.
#include "engine/track/turn_meter.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace fovea;

namespace {

/// A bar (or disc) around the centre of a picture of 60 x 60 cells of 2 pixels.
ObjectShape shown(float angle, bool disc) {
    std::vector<std::uint8_t> cells(64 * 60, 0);
    for (int y = 0; y < 60; ++y)
        for (int x = 0; x < 60; ++x) {
            const float dx = 2 * static_cast<float>(x) + 1 - 60;
            const float dy = 2 * static_cast<float>(y) + 1 - 60;
            const float u = std::cos(angle) * dx + std::sin(angle) * dy;
            const float v = std::cos(angle) * dy - std::sin(angle) * dx;
            if (disc ? u * u + v * v < 24 * 24 : std::abs(u) < 26 && std::abs(v) < 14)
                cells[static_cast<std::size_t>(y * 64 + x)] = 1;
        }
    ObjectShape shape;
    (void)shape.capture({cells, 60, 60, 64, 2}, {0, 0, 120, 120});
    return shape;
}

float measured(float rate, bool disc, double planes) {
    TurnMeter meter;
    for (double time = 0; time < planes; time += 8)
        meter.take(shown(rate * static_cast<float>(time), disc), time, 2);
    return meter.rate();
}

}  // namespace

TEST_CASE("the turn of a bar is measured, fast or slow, to either side") {
    for (const float rate : {0.004F, -0.004F, 0.001F, -0.0003F})
        CHECK(measured(rate, false, 4000) == Approx(rate).margin(0.0001));
}

TEST_CASE("a disc looks the same at every angle") {
    CHECK(measured(0.002F, true, 2000) == 0);
}

TEST_CASE("a turn that changes is found again") {
    TurnMeter meter;
    float angle = 0;
    for (double time = 0; time < 6000; time += 8) {
        angle += 8 * (time < 3000 ? 0.002F : -0.002F);
        meter.take(shown(angle, false), time, 2);
    }
    CHECK(meter.rate() == Approx(-0.002F).margin(0.0003));
}
