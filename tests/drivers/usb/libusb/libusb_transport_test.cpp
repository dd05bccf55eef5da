// SPDX-License-Identifier: Apache-2.0
// Unmodified libusb against the model camera (umockdev): streaming, faults, unplugging, full rate.
#include "drivers/usb/libusb/libusb_transport.h"

#include "tests/drivers/usb/libusb/libusb_bench.h"

#include <cerrno>
#include <iostream>

using namespace fovea;
using namespace fovea::test;
using Catch::Contains;

namespace {

struct Sum {
    std::uint64_t planes = 0, link = 0, buffer = 0, end = 0;
};

template <class Enough>
Result<ReadOutcome> readUntil(UsbSource &source, Bench &bench, Sum &sum, Enough enough) {
    SpikeBlock block(vidar, 50);
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::uint64_t> wanted(vidar.wordStride());
    while (!enough() && secondsSince(begin) < 60 * slowness()) {
        Result<ReadOutcome> outcome = source.read(block, 100ms);
        if (!outcome || *outcome == ReadOutcome::End)
            return outcome;
        if (*outcome == ReadOutcome::Idle)
            continue;
        REQUIRE(block.firstPlane() == sum.end);
        for (const Gap &gap : block.gaps())
            (gap.reason == DropReason::Link ? sum.link : sum.buffer) += gap.planes;
        sum.planes += block.planeCount();
        sum.end = block.endPlane();
        // The last plane is that of its number: no byte was lost or doubled.
        unpackPlane(bench.camera.frames().payload(sum.end - 1).data(), 0, vidar.width, true, vidar,
                    wanted.data());
        REQUIRE(std::equal(wanted.begin(), wanted.end(), block.plane(block.planeCount() - 1)));
    }
    REQUIRE(enough());
    return ReadOutcome::Planes;
}

}  // namespace

TEST_CASE("the camera is listed with serial and speed while it is there", "[usb]") {
    Bench bench;
    const auto transport = makeLibusbTransport();
    // A real kernel lists its hubs, too.
    const auto cameras = [&] {
        std::vector<UsbDevice> found = transport->devices();
        std::erase_if(found, [](const UsbDevice &device) { return !UsbMatch{}.fits(device); });
        return found;
    };
    auto devices = cameras();
    REQUIRE(devices.size() == 1);
    REQUIRE(devices[0].serial == "F601-0001");
    REQUIRE(devices[0].megabits == 5000);
    REQUIRE(devices[0].address == bench.bed.address());
    REQUIRE(devices[0].permitted);
    bench.bed.pull();
    REQUIRE(cameras().empty());
    bench.bed.plugIn(7);
    devices = cameras();
    REQUIRE(devices.size() == 1);
    REQUIRE(devices[0].address == bench.bed.address());
}

TEST_CASE("planes stream through libusb with losses counted exactly", "[usb]") {
    Bench bench;
    const bool scatterGather = GENERATE(true, false);
    bench.bed.setScatterGather(scatterGather);
    bench.camera.frames().setFaultEvery(333, {.lose = 7});
    bench.camera.frames().setFault(1000, {.lose = 1000});
    bench.camera.frames().setFault(2100, {.repeats = 3});
    const auto source = bench.make();
    const auto info = source->open();
    INFO((info ? std::string() : info.error().message));
    REQUIRE(info);
    REQUIRE(info->serial == "F601-0001");
    REQUIRE(info->warnings.empty());
    Sum sum;
    REQUIRE(readUntil(*source, bench, sum, [&] { return sum.end > 4000; }));
    const UsbCounts counts = source->counts();
    UsbFrameStream &frames = bench.camera.frames();
    std::cout << "A2 (libusb" << (scatterGather ? "" : ", split transfers") << "): " << sum.end
              << " planes, lost in the device " << sum.link << " (script "
              << frames.lost(0, sum.end) << "), repeats " << counts.frames.repeated << " (script "
              << frames.repeats(0, sum.end) << "), on the host " << sum.buffer << "\n";
    REQUIRE(sum.link == frames.lost(0, sum.end));
    REQUIRE(counts.frames.repeated == frames.repeats(0, sum.end));
    REQUIRE(sum.buffer + sum.link + sum.planes == sum.end);
    REQUIRE(bench.bed.unknownCalls() == 0);
    source->close();
    REQUIRE_FALSE(bench.camera.streaming());
}

TEST_CASE("B4: faults of transfers are overcome, and what they cost is counted", "[usb]") {
    struct Row {
        const char *name;
        TransferFault fault;
        bool loses;
    };
    for (const Row &row :
         {Row{"short", TransferFault::Short, false}, Row{"stall", TransferFault::Stall, false},
          Row{"overflow", TransferFault::Overflow, true},
          Row{"error", TransferFault::Error, true}}) {
        Bench bench;
        const auto source = bench.make();
        REQUIRE(source->open());
        Sum sum;
        REQUIRE(readUntil(*source, bench, sum, [&] { return sum.end > 100; }));
        bench.camera.failTransfer(3, row.fault);
        REQUIRE(readUntil(*source, bench, sum, [&] { return sum.end > 800; }));
        const UsbCounts counts = source->counts();
        std::cout << "B4 (libusb): " << row.name << ": short " << counts.ring.shortTransfers
                  << ", stalls " << counts.ring.stalls << ", overflows " << counts.ring.overflows
                  << ", errors " << counts.ring.errors << ", restarts " << counts.ring.restarts
                  << ", planes lost " << sum.link << "\n";
        REQUIRE(counts.ring.shortTransfers == (row.fault == TransferFault::Short ? 1 : 0));
        REQUIRE(counts.ring.stalls >= (row.fault == TransferFault::Stall ? 1 : 0));
        REQUIRE(counts.ring.overflows == (row.fault == TransferFault::Overflow ? 1 : 0));
        REQUIRE(counts.ring.errors == (row.fault == TransferFault::Error ? 1 : 0));
        // One transfer is 21 planes and the two that it cuts.
        REQUIRE(sum.link <= (row.loses ? 23 : 2));
        REQUIRE(sum.link >= (row.loses ? 20 : 0));
        REQUIRE(sum.buffer == 0);
    }
}

TEST_CASE("B1: a pulled cable is noticed, with and without udevd, whatever the transfers' size",
          "[usb]") {
    for (const std::size_t slot : {std::size_t{16} << 10, std::size_t{256} << 10}) {
        for (const bool told : {true, false}) {
            Bench bench;
            bench.settings.ring.slotBytes = slot;
            bench.camera.setPace(500 * 12516.0);
            const auto source = bench.make();
            REQUIRE(source->open());
            Sum sum;
            REQUIRE(readUntil(*source, bench, sum, [&] { return sum.end > 100; }));
            std::atomic<std::chrono::steady_clock::time_point> pulled{};
            std::thread puller([&] {
                pulled = std::chrono::steady_clock::now();
                bench.bed.pull(told);
            });
            const auto outcome = readUntil(*source, bench, sum, [] { return false; });
            const double took = secondsSince(pulled);
            puller.join();
            REQUIRE_FALSE(outcome);
            REQUIRE(outcome.error().code == ErrorCode::DeviceLost);
            REQUIRE_THAT(outcome.error().message, Contains("unplugged"));
            REQUIRE(source->state() == SourceState::Lost);
            std::cout << "B1 (libusb, " << slot / 1024 << " KiB transfers"
                      << (told ? "" : ", no udevd") << "): noticed after " << took * 1000
                      << " ms\n";
            REQUIRE(took < 10 * slowness());
            // It comes back at another port, and nothing of the old one is in the way.
            bench.bed.plugIn(9, told);
            REQUIRE(source->open());
            REQUIRE(source->state() == SourceState::Streaming);
        }
    }
}

TEST_CASE("B2: open, stream, close in any order and at any moment", "[usb]") {
    Bench bench;
    bench.settings.ring.spare = 8;
    double slowest = 0;
    SpikeBlock block(vidar, 50);
    const int rounds = slowness() > 1 ? 10 : 40;
    for (int round = 0; round < rounds; ++round) {
        const auto source = bench.make();
        REQUIRE(source->open());
        for (int i = 0; i < round % 4; ++i)
            (void)source->read(block, 5ms);
        if (round % 3 == 0)
            bench.camera.failTransfer(static_cast<std::uint64_t>(round), TransferFault::Hang);
        const auto begin = std::chrono::steady_clock::now();
        source->close();
        slowest = std::max(slowest, secondsSince(begin));
        REQUIRE_FALSE(bench.camera.streaming());
        bench.camera.plugIn();
    }
    std::cout << "B2 (libusb): " << rounds << " times opened, slowest close " << slowest * 1000
              << " ms\n";
    REQUIRE(slowest < 10 * slowness());
}

TEST_CASE("a busy camera and a stingy kernel are told apart", "[usb]") {
    Bench bench;
    {
        bench.bed.setClaimError(EBUSY);
        const auto refused = bench.make()->open();
        REQUIRE_FALSE(refused);
        REQUIRE_THAT(refused.error().message, Contains("another program") && Contains("fuser"));
        bench.bed.setClaimError(0);
    }
    {
        bench.bed.setMemory(6);
        const auto source = bench.make();
        const auto info = source->open();
        REQUIRE(info);
        REQUIRE(info->warnings.size() == 1);
        REQUIRE_THAT(info->warnings[0], Contains("of 16") && Contains("usbfs_memory_mb"));
        Sum sum;
        REQUIRE(readUntil(*source, bench, sum, [&] { return sum.end > 200; }));
    }
}
