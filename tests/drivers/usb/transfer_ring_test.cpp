// SPDX-License-Identifier: Apache-2.0
// The ring of transfers on a fake bus: rotation, whole drops, stall, watchdog, errors, the end.
#include "drivers/usb/transfer_ring.h"

#include "tests/fakes/fake_usb_transport.h"

#include <catch2/catch.hpp>

#include <iostream>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;

namespace {

constexpr PlaneShape ringShape{64, 16};

// Everything on one thread and with a clock that the test moves.
struct Ring {
    std::shared_ptr<FakeBus> bus = std::make_shared<FakeBus>(ringShape);
    FakeUsbTransport transport{bus};
    ManualClock clock;
    std::unique_ptr<TransferRing> ring;

    explicit Ring(const RingSettings &settings = {.slotBytes = 4096, .inFlight = 4, .spare = 8}) {
        ring = std::make_unique<TransferRing>(transport, settings, clock);
        REQUIRE(transport.open(bus->device) == UsbCode::Ok);
    }
    void begin() { REQUIRE(ring->start() == UsbCode::Ok); }
    void pump(int times = 1) {
        for (int i = 0; i < times; ++i)
            ring->pump(0ms);
    }
    std::vector<TransferRing::Piece> takeAll() {
        std::vector<TransferRing::Piece> pieces;
        while (const auto piece = ring->take(0ns))
            pieces.push_back(*piece);
        return pieces;
    }
};

}  // namespace

TEST_CASE("pieces come in order and their buffers go round", "[usb]") {
    Ring test;
    test.begin();
    REQUIRE(test.bus->camera.streaming());
    REQUIRE(test.bus->camera.commands() == 4);
    UsbFrameStream truth(ringShape);
    std::vector<std::uint8_t> wanted(4096);
    for (int round = 0; round < 100; ++round) {
        test.pump();
        for (const auto &piece : test.takeAll()) {
            truth.read(wanted);
            REQUIRE(std::ranges::equal(piece.bytes, wanted));
            REQUIRE_FALSE(piece.cutBefore);
            test.ring->giveBack(piece);
        }
    }
    const RingCounts counts = test.ring->counts();
    REQUIRE(counts.transfers == 400);
    REQUIRE(counts.bytes == 400 * 4096);
    REQUIRE(counts.droppedSlots == 0);
    REQUIRE(counts.leastSpare == 4);
}

TEST_CASE("A4: a late reader loses whole transfers, and is told how many bytes and where",
          "[usb]") {
    Ring test;
    test.begin();
    test.pump(10);  // 40 transfers: 8 are kept, 32 let go
    const RingCounts counts = test.ring->counts();
    REQUIRE(counts.transfers == 40);
    REQUIRE(counts.droppedSlots == 32);
    REQUIRE(counts.droppedBytes == 32 * 4096);
    REQUIRE(counts.leastSpare == 0);
    auto pieces = test.takeAll();
    REQUIRE(pieces.size() == 8);
    for (const auto &piece : pieces)
        test.ring->giveBack(piece);
    test.pump();
    pieces = test.takeAll();
    REQUIRE(pieces.size() == 4);
    REQUIRE(pieces[0].cutBefore == 32 * 4096);
    REQUIRE_FALSE(pieces[1].cutBefore);
    std::cout << "A4: reader away for 40 transfers with room for 8: 32 let go, "
              << *pieces[0].cutBefore << " bytes announced\n";
}

TEST_CASE("a kernel that lends little memory makes the ring shallow, not broken", "[usb]") {
    Ring test({.slotBytes = 4096, .inFlight = 16, .spare = 8});
    test.bus->slotsThatFit = 6;
    test.begin();
    REQUIRE(test.ring->depth() == 6);
    test.pump(20);
    REQUIRE(test.ring->counts().transfers == 80);

    Ring hopeless({.slotBytes = 4096, .inFlight = 16, .spare = 8});
    hopeless.bus->slotsThatFit = 3;
    REQUIRE(hopeless.ring->start() == UsbCode::NoMemory);
}

TEST_CASE("B4: a stall is cleared, the stream goes on behind a mark", "[usb]") {
    Ring test;
    test.begin();
    test.bus->camera.failTransfer(5, TransferFault::Stall);
    test.pump(8);
    REQUIRE(test.bus->camera.halts() == 1);
    const auto pieces = test.takeAll();
    REQUIRE(pieces.size() > 5);
    for (std::size_t i = 0; i < pieces.size(); ++i)
        REQUIRE(pieces[i].cutBefore.has_value() == (i == 5));
    REQUIRE(pieces[5].cutBefore == 0);  // how much the stall cost only the counter knows
    REQUIRE(test.ring->counts().stalls == 1);
    REQUIRE(test.ring->counts().restarts == 1);
    REQUIRE_FALSE(test.ring->failure());
    std::cout << "B4: stall at transfer 5: halt cleared, " << pieces.size()
              << " pieces, mark before the 6th\n";
}

TEST_CASE("B4: a stall that comes back at once is the end", "[usb]") {
    Ring test;
    test.begin();
    test.bus->camera.failEvery(1, TransferFault::Stall);
    test.pump(10);
    REQUIRE(test.ring->failure() == UsbCode::Stall);
}

TEST_CASE("B4: short transfers and time-outs with data lose nothing; errors leave a mark",
          "[usb]") {
    for (const auto fault : {TransferFault::Short, TransferFault::TimedOut}) {
        Ring test;
        test.begin();
        test.bus->camera.failTransfer(3, fault);
        test.pump(2);
        const auto pieces = test.takeAll();
        REQUIRE(pieces.size() == 8);
        REQUIRE(pieces[3].bytes.size() == 2048);
        REQUIRE_FALSE(pieces[4].cutBefore);
        REQUIRE(test.ring->counts().shortTransfers == 1);
    }
    for (const auto fault : {TransferFault::Overflow, TransferFault::Error}) {
        Ring test;
        test.begin();
        test.bus->camera.failTransfer(3, fault);
        test.pump(2);
        const auto pieces = test.takeAll();
        REQUIRE(pieces.size() == 7);
        REQUIRE(pieces[3].cutBefore == 0);
        const RingCounts counts = test.ring->counts();
        REQUIRE(counts.overflows == (fault == TransferFault::Overflow ? 1 : 0));
        REQUIRE(counts.errors == (fault == TransferFault::Error ? 1 : 0));
    }
}

TEST_CASE("errors now and then are borne, many in a second are the end", "[usb]") {
    Ring test;
    test.begin();
    test.bus->camera.failEvery(2, TransferFault::Error);
    for (int i = 0; i < 40; ++i) {  // two a pump: four a second
        test.pump();
        test.clock.advance(500ms);
        for (const auto &piece : test.takeAll())
            test.ring->giveBack(piece);
        REQUIRE_FALSE(test.ring->failure());
    }
    test.pump(5);
    REQUIRE(test.ring->failure() == UsbCode::Io);
    REQUIRE(test.ring->counts().errors == 80 + 5);  // four of the last second before
}

TEST_CASE("the watchdog begins the stream anew once, then gives up", "[usb]") {
    Ring test;
    test.begin();
    test.bus->camera.failTransfer(4, TransferFault::Hang);
    test.pump(2);
    REQUIRE(test.ring->counts().transfers == 4);
    test.clock.advance(150ms);
    test.pump(2);
    REQUIRE(test.ring->counts().restarts == 0);
    test.clock.advance(100ms);
    test.pump(4);
    REQUIRE(test.ring->counts().restarts == 1);
    REQUIRE(test.ring->counts().transfers > 4);
    REQUIRE_FALSE(test.ring->failure());
    // Now it hangs again at once, whatever is done.
    for (const auto &piece : test.takeAll())
        test.ring->giveBack(piece);
    test.bus->camera.failEvery(1, TransferFault::Hang);
    for (int i = 0; i < 8 && !test.ring->failure(); ++i) {
        test.clock.advance(300ms);
        test.pump();
    }
    REQUIRE(test.ring->failure() == UsbCode::TimedOut);
    REQUIRE(test.ring->counts().restarts == 2);
}

TEST_CASE("a pulled cable ends it, what came before can be taken", "[usb]") {
    Ring test;
    test.begin();
    test.bus->camera.failTransfer(6, TransferFault::Unplug);
    test.pump(4);
    REQUIRE(test.ring->failure() == UsbCode::NoDevice);
    REQUIRE_FALSE(test.ring->ended());
    REQUIRE(test.takeAll().size() == 6);
    REQUIRE(test.ring->ended());
}

TEST_CASE("B2: stopping ends in time even when a transfer never does", "[usb]") {
    Ring test;
    test.begin();
    test.pump(2);
    REQUIRE(test.ring->stop(100ms));
    REQUIRE_FALSE(test.bus->camera.streaming());
    REQUIRE(test.takeAll().size() == 8);
    REQUIRE(test.ring->ended());

    Ring stuck;
    stuck.begin();
    stuck.bus->neverEnds = true;
    stuck.bus->camera.failTransfer(0, TransferFault::Hang);
    SteadyClock clock;
    stuck.ring = std::make_unique<TransferRing>(stuck.transport, RingSettings{4096, 4, 8}, clock);
    REQUIRE(stuck.ring->start() == UsbCode::Ok);
    const auto before = std::chrono::steady_clock::now();
    REQUIRE_FALSE(stuck.ring->stop(100ms));
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - before;
    std::cout << "B2: stop with 4 transfers that never end: " << took.count() << " ms\n";
}

TEST_CASE("take waits for a piece, a wake or the end", "[usb]") {
    Ring test;
    test.begin();
    REQUIRE_FALSE(test.ring->take(1ms));
    test.ring->wake();
    REQUIRE_FALSE(test.ring->take(1h));
    REQUIRE(test.ring->stop(1h));
    REQUIRE_FALSE(test.ring->take(1h));
}
