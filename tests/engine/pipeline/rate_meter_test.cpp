// SPDX-License-Identifier: Apache-2.0
// Rates over a second and percentiles of delays.
#include "engine/pipeline/rate_meter.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace std::chrono_literals;

namespace {
const RateMeter::TimePoint start{1000h};
}

TEST_CASE("a steady flow is measured exactly") {
    RateMeter meter;
    for (int i = 0; i < 300; ++i)
        meter.add(400, start + i * 10ms);
    CHECK(meter.perSecond(start + 3000ms) == Approx(40000));
}

TEST_CASE("a young flow is measured over its age") {
    RateMeter meter;
    CHECK(meter.perSecond(start) == 0);
    for (int i = 0; i < 30; ++i)
        meter.add(1, start + i * 10ms);
    CHECK(meter.perSecond(start + 300ms) == Approx(100));
}

TEST_CASE("a flow that stopped falls to zero within a second") {
    RateMeter meter;
    for (int i = 0; i < 200; ++i)
        meter.add(1, start + i * 10ms);
    CHECK(meter.perSecond(start + 2500ms) == Approx(50));
    CHECK(meter.perSecond(start + 3100ms) == 0);
    CHECK(meter.perSecond(start + 100h) == 0);
}

TEST_CASE("a pause does not leave old amounts behind") {
    RateMeter meter;
    meter.add(1000, start);
    meter.add(1, start + 50s);
    CHECK(meter.perSecond(start + 50s + 100ms) == Approx(1));
}

TEST_CASE("percentiles of the last 512 delays") {
    LatencyMeter meter;
    CHECK(meter.percentile(0.5) == 0);
    for (int i = 0; i < 5000; ++i)
        meter.add(5);
    for (int i = 0; i < 512; ++i)
        meter.add(i);
    CHECK(meter.percentile(0.5) == Approx(255));
    CHECK(meter.percentile(0.99) == Approx(505));
    CHECK(meter.percentile(1) == 511);
}
