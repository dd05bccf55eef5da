// SPDX-License-Identifier: Apache-2.0
// Unmodified libusb against the model camera (umockdev): streaming, faults, unplugging, full rate.
#include "drivers/usb/libusb/libusb_transport.h"

#include "drivers/usb/usb_source.h"
#include "engine/pipeline/session.h"
#include "tests/fakes/usb_testbed.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <fstream>
#include <iostream>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

constexpr PlaneShape vidar{400, 250};
using Seconds = std::chrono::duration<double>;

double secondsSince(std::chrono::steady_clock::time_point begin) {
    return Seconds(std::chrono::steady_clock::now() - begin).count();
}

struct Bench {
    SteadyClock clock;
    Ft60xModel camera{vidar};
    UsbTestbed bed{camera};
    UsbSettings settings;

    Bench() {
        REQUIRE(UsbTestbed::possible());
        settings.planeRateHz = 20000;
        settings.ring.spare = 64;
        settings.ring.watchdog = std::chrono::milliseconds(static_cast<int>(2000 * slowness()));
        settings.framePatience = 20s;
        settings.accessPatience = 0ms;
        bed.plugIn(2);
        camera.setPace(2000 * 12516.0);
    }
    std::unique_ptr<UsbSource> make() {
        return std::make_unique<UsbSource>(settings, makeLibusbTransport(), clock);
    }
};

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

struct Footprint {
    std::size_t files = 0, threads = 0, kilobytes = 0;
};

Footprint footprint() {
    Footprint now;
    for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator("/proc/self/fd"))
        ++now.files;
    for ([[maybe_unused]] const auto &entry :
         std::filesystem::directory_iterator("/proc/self/task"))
        ++now.threads;
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmRSS:")
            status >> now.kilobytes;
    return now;
}

}  // namespace

TEST_CASE("the camera is listed with serial and speed while it is there", "[usb]") {
    Bench bench;
    const auto transport = makeLibusbTransport();
    auto devices = transport->devices();
    REQUIRE(devices.size() == 1);
    REQUIRE(devices[0].serial == "F601-0001");
    REQUIRE(devices[0].megabits == 5000);
    REQUIRE(devices[0].address == 2);
    REQUIRE(devices[0].permitted);
    REQUIRE(UsbMatch{}.fits(devices[0]));
    bench.bed.pull();
    REQUIRE(transport->devices().empty());
    bench.bed.plugIn(7);
    devices = transport->devices();
    REQUIRE(devices.size() == 1);
    REQUIRE(devices[0].address == 7);
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

namespace {

class Catalog final : public SourceCatalog {
public:
    explicit Catalog(Bench &bench) : bench_(bench) {}
    std::vector<SourceDescription> list() override { return {}; }
    Result<std::unique_ptr<SpikeSource>> make(const SourceConfig &) override {
        auto source = bench_.make();
        source_ = source.get();
        return source;
    }
    [[nodiscard]] UsbCounts counts() const { return source_->counts(); }

private:
    Bench &bench_;
    UsbSource *source_ = nullptr;
};

template <class Ready> void waitFor(Session &session, Ready ready) {
    const auto begin = std::chrono::steady_clock::now();
    while (!ready(session.status()) && secondsSince(begin) < 60 * slowness())
        std::this_thread::sleep_for(5ms);
    REQUIRE(ready(session.status()));
}

// Streams for `seconds` at `rate` into a session that makes pictures.
void streamAt(double rate, double seconds) {
    Bench bench;
    bench.settings.planeRateHz = rate;
    bench.settings.ring.spare = 240;
    bench.camera.setPace(rate * 12516);
    if (const auto folder = dataFolder())
        for (const auto &entry : std::filesystem::recursive_directory_iterator(*folder))
            if (entry.path().extension() == ".dat" && entry.file_size() % vidar.bytes() == 0) {
                bench.camera.frames().useRecording(readBytes(entry.path()));
                std::cout << "camera streams " << entry.path().filename() << "\n";
                break;
            }
    bench.camera.frames().setFaultEvery(4999, {.lose = 7});
    bench.camera.frames().setFault(1234, {.repeats = 11});
    Catalog catalog(bench);
    Session session(catalog, bench.clock);
    Config config;
    config.detect.enabled = false;
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    const auto begin = std::chrono::steady_clock::now();
    while (secondsSince(begin) < seconds) {
        (void)session.takeFrame();
        std::this_thread::sleep_for(5ms);
    }
    const UsbCounts counts = catalog.counts();
    const double measured = counts.measuredRateHz;
    REQUIRE(session.stop());
    const SessionStatus status = session.status();
    const UsbFrameCounts &seen = counts.frames;
    std::cout << "rate: " << secondsSince(begin) << " s at 400x250, asked " << rate
              << " planes/s, seen " << measured << " (" << measured * 12516 / 1e6
              << " MB/s); planes " << status.planes.received << ", lost in the device "
              << seen.lostOnLink << ", on the host " << seen.lostOnHost << " in "
              << counts.ring.droppedSlots << " whole transfers, repeats " << seen.repeated
              << ", damaged " << seen.damaged << ", fewest spare buffers " << counts.ring.leastSpare
              << "; engine dropped " << status.planes.of(DropReason::Ring) << "\n";
    REQUIRE(status.planes.balanced(status.planesInFlight));
    const std::uint64_t span = seen.frames + seen.lostOnLink + seen.lostOnHost + seen.damaged;
    REQUIRE(seen.lostOnLink == bench.camera.frames().lost(0, span));
    REQUIRE(seen.repeated == bench.camera.frames().repeats(0, span));
    REQUIRE(seen.damaged == 0);
    REQUIRE((seen.lostOnHost == 0) == (counts.ring.droppedSlots == 0));
    REQUIRE(status.planes.of(DropReason::Link) >= seen.lostOnLink);
}

}  // namespace

TEST_CASE("A1, A2: 400x250 at up to 20 kHz streams into the engine, every loss explained",
          "[usb]") {
    if (slowness() > 1)
        streamAt(1000, 2);
    else
        streamAt(20000, 3);
}

TEST_CASE("A1, A2: a minute of 400x250 at 20 kHz streams into the engine", "[.soak]") {
    streamAt(20000, 60);
}

namespace {

void pullAndReturn(int rounds) {
    Bench bench;
    Catalog catalog(bench);
    Session session(catalog, bench.clock);
    Config config;
    config.detect.enabled = false;
    config.display.views.clear();
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    Footprint first;
    double slowest = 0;
    for (int round = 1; round <= rounds; ++round) {
        const std::uint64_t before = session.status().planes.received;
        waitFor(session, [&](const SessionStatus &s) { return s.planes.received > before; });
        if (round == rounds / 4)
            first = footprint();
        const bool told = round % 2 == 0;
        bench.bed.pull(told);
        waitFor(session, [](const SessionStatus &s) {
            return s.state == SourceState::Lost || s.state == SourceState::Opening;
        });
        bench.bed.plugIn(2 + round % 100, told);
        const auto back = std::chrono::steady_clock::now();
        waitFor(session, [&](const SessionStatus &s) {
            return s.reconnects == static_cast<std::uint64_t>(round) &&
                   s.state == SourceState::Streaming && !s.error;
        });
        slowest = std::max(slowest, secondsSince(back));
    }
    const std::uint64_t before = session.status().planes.received;
    waitFor(session, [&](const SessionStatus &s) { return s.planes.received > before; });
    const Footprint last = footprint();
    REQUIRE(session.stop());
    const SessionStatus status = session.status();
    std::cout << "B3 (libusb): " << rounds << " unplugs, slowest return " << slowest * 1000
              << " ms; files " << first.files << " -> " << last.files << ", threads "
              << first.threads << " -> " << last.threads << ", memory " << first.kilobytes << " -> "
              << last.kilobytes << " KiB; A1: received " << status.planes.received
              << " = delivered " << status.planes.delivered << " + dropped "
              << status.planes.droppedTotal() << "\n";
    REQUIRE(last.files == first.files);
    REQUIRE(last.threads == first.threads);
    REQUIRE(status.planes.balanced(status.planesInFlight));
    if (slowness() <= 1)
        REQUIRE(last.kilobytes < first.kilobytes + 8 * 1024);
}

}  // namespace

TEST_CASE("B3: a session comes back after every unplug; files, threads, memory stay flat",
          "[usb]") {
    pullAndReturn(20);
}

TEST_CASE("B3: the same a hundred times", "[.soak]") {
    pullAndReturn(100);
}
