// SPDX-License-Identifier: Apache-2.0
// A camera whose bytes hold no new frames any more.
#include "drivers/usb/usb_source.h"

#include "tests/fakes/fake_usb_transport.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("bytes that are no frames any more are a loss; repeated frames are none", "[usb]") {
    constexpr PlaneShape smallShape{40, 10};
    const auto bus = std::make_shared<FakeBus>(smallShape);
    bus->camera.setPace(20000 * 66.0);
    SteadyClock clock;
    UsbSettings settings;
    settings.shape = smallShape;
    settings.planeRateHz = 20000;
    settings.ring = {.slotBytes = 1024, .inFlight = 4, .spare = 2000};  // nothing is dropped
    settings.framePatience = std::chrono::milliseconds(static_cast<int>(300 * slowness()));
    UsbSource source(settings, std::make_unique<FakeUsbTransport>(bus), clock);
    REQUIRE(source.open());
    const bool repeats = GENERATE(true, false);
    bus->camera.frames().setFaultEvery(1, repeats ? FrameFault{.repeats = 100000}
                                                  : FrameFault{.badSync = true});
    SpikeBlock block(smallShape, 100);
    const auto begin = std::chrono::steady_clock::now();
    Result<ReadOutcome> outcome = ReadOutcome::Idle;
    while (outcome &&
           std::chrono::steady_clock::now() - begin < (repeats ? 2 * settings.framePatience : 60s))
        outcome = source.read(block, 20ms);
    REQUIRE(outcome.has_value() == repeats);
    if (repeats) {
        CHECK(source.counts().frames.repeated > 0);
        return;
    }
    CHECK(outcome.error().code == ErrorCode::DeviceLost);
    CHECK_THAT(outcome.error().message, Contains("no frames of 40x10 (66 bytes each)"));
    CHECK(source.state() == SourceState::Lost);
}
