// SPDX-License-Identifier: Apache-2.0
// Frames out of the ring: order, drops, buffers given back, the last frame.
#include "drivers/usb/usb_source.h"

#include "tests/fakes/fake_usb_transport.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;

namespace {

constexpr PlaneShape shape{40, 10};  // 66 bytes a frame

struct Reading {
    std::shared_ptr<FakeBus> bus = std::make_shared<FakeBus>(shape);
    FakeUsbTransport transport{bus};
    SteadyClock clock;
    TransferRing ring{transport, {.slotBytes = 1024, .inFlight = 4, .spare = 4}, clock};
    UsbFrameReader reader{ring, UsbFrameParser(shape), clock};

    Reading() {
        REQUIRE(transport.open(bus->device) == UsbCode::Ok);
        REQUIRE(ring.start() == UsbCode::Ok);
    }
};

}  // namespace

TEST_CASE("frames follow each other over the borders of transfers", "[usb]") {
    Reading test;
    std::uint64_t wanted = 0;
    for (int i = 0; i < 200; ++i) {
        test.ring.pump(0ms);
        while (const auto frame = test.reader.next(0ns)) {
            REQUIRE(frame->number == wanted);
            REQUIRE(std::equal(frame->bytes, frame->bytes + shape.bytes(),
                               test.bus->camera.frames().payload(wanted).begin()));
            ++wanted;
        }
    }
    REQUIRE(wanted == (200 * 4 * 1024 - 16) / 66);  // the next one waits for its successor
    REQUIRE(test.ring.counts().droppedSlots == 0);
    REQUIRE_FALSE(test.reader.ended());
}

TEST_CASE("drops are told between the right frames", "[usb]") {
    Reading test;
    std::uint64_t frames = 0;
    std::uint64_t lost = 0;
    for (int i = 0; i < 50; ++i) {
        test.ring.pump(0ms);
        if (i % 10 != 9)
            continue;  // away for nine rounds
        while (const auto frame = test.reader.next(0ns)) {
            REQUIRE(frame->lostOnLink == 0);
            REQUIRE(frame->number == frames + lost + frame->lostOnHost);
            lost += frame->lostOnHost;
            ++frames;
        }
    }
    REQUIRE(lost > 0);
    REQUIRE(test.reader.counts().lostOnHost == lost);
    REQUIRE(test.reader.counts().frames == frames);
}

TEST_CASE("at the end the last frame is given, then nothing", "[usb]") {
    Reading test;
    test.bus->camera.failTransfer(33, TransferFault::Unplug);  // 33 * 1024 = 512 * 66
    std::uint64_t frames = 0;
    while (!test.reader.ended()) {
        test.ring.pump(0ms);
        while (test.reader.next(0ns))
            ++frames;
    }
    REQUIRE(frames == 512);
    REQUIRE(test.ring.failure() == UsbCode::NoDevice);
    REQUIRE_FALSE(test.reader.next(0ns));
}
