// SPDX-License-Identifier: Apache-2.0
// A session with the camera behind unmodified libusb: full rate, unplugging, returning, waiting.
#include "tests/drivers/usb/libusb/libusb_bench.h"
#include "tests/support/allocations.h"

#include <algorithm>
#include <cmath>
#include <iostream>

using namespace fovea;
using namespace fovea::test;

namespace {

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
    BenchCatalog catalog(bench);
    Session session(catalog, bench.clock);
    Config config;
    config.detect.enabled = false;
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    const auto begin = std::chrono::steady_clock::now();
    const auto look = [&](double until) {
        while (secondsSince(begin) < until) {
            (void)session.takeFrame();
            std::this_thread::sleep_for(5ms);
        }
    };
    look(seconds / 2);
    // Nobody takes what comes until more has come than all buffers hold.
    const std::uint64_t most = (bench.settings.ring.inFlight + bench.settings.ring.spare) *
                               bench.settings.ring.slotBytes / 12516;
    if (rate > 10000)
        catalog.holdUntil(bench.camera.frames().sent() + most + 1000);
    look(seconds);
    REQUIRE(session.stop());
    const UsbCounts counts = catalog.counts();
    const double measured = counts.measuredRateHz;
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
    REQUIRE((rate <= 10000 || seen.lostOnHost > 0));
    // What the engine was told is what the script says, to the plane.
    REQUIRE(status.planes.of(DropReason::Link) ==
            bench.camera.frames().lost(0, status.planes.received));
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
    BenchCatalog catalog(bench);
    Session session(catalog, bench.clock);
    Config config;
    config.detect.enabled = false;
    config.display.views.clear();
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    const Allocations allocations;
    Footprint first;
    double slowest = 0;
    std::vector<double> noticed;
    std::vector<std::int64_t> held;
    for (int round = 1; round <= rounds; ++round) {
        const std::uint64_t before = session.status().planes.received;
        waitFor(session, [&](const SessionStatus &s) { return s.planes.received > before; });
        if (round == rounds / 4)
            first = footprint();
        held.push_back(allocations.now());
        const bool told = round % 2 == 0;
        const auto pulled = std::chrono::steady_clock::now();
        bench.bed.pull(told);
        waitFor(session, [](const SessionStatus &s) {
            return s.state == SourceState::Lost || s.state == SourceState::Opening;
        });
        noticed.push_back(secondsSince(pulled));
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
    // What is allocated goes up and down with what is on its way: the least of some rounds stays.
    const auto quarter = static_cast<std::ptrdiff_t>(held.size() / 4);
    const std::int64_t early =
        *std::min_element(held.begin() + quarter, held.begin() + 2 * quarter);
    const std::int64_t late = *std::min_element(held.end() - quarter, held.end());
    REQUIRE(session.stop());
    const SessionStatus status = session.status();
    std::sort(noticed.begin(), noticed.end());
    std::cout << "B3 (libusb): " << rounds << " unplugs, noticed after "
              << noticed[noticed.size() / 2] * 1000 << " ms, at most " << noticed.back() * 1000
              << " ms, slowest return " << slowest * 1000 << " ms; files " << first.files << " -> "
              << last.files << ", threads " << first.threads << " -> " << last.threads
              << ", allocated " << early / 1024 << " -> " << late / 1024 << " KiB, resident "
              << first.kilobytes << " -> " << last.kilobytes << " KiB; A1: received "
              << status.planes.received << " = delivered " << status.planes.delivered
              << " + dropped " << status.planes.droppedTotal() << "\n";
    REQUIRE(last.files == first.files);
    REQUIRE(last.threads == first.threads);
    REQUIRE(status.planes.balanced(status.planesInFlight));
    // What a round would leave behind, a hundred leave behind a hundred times. (The resident part
    // also depends on how far the buffers, anew with every opening, have been filled.) The pool of
    // blocks grows by one when the engine is late as never before.
    const double blockBytes =
        std::round(status.source->planeRateHz * config.engine.blockMilliseconds / 1000) *
        static_cast<double>(status.source->shape.wordStride() * sizeof(std::uint64_t));
    const double grown = static_cast<double>(late - early);
    const double blocks = std::max(0.0, std::round(grown / blockBytes));
    REQUIRE(blocks <= 3);
    REQUIRE(grown - blocks * blockBytes <= 64 * 1024);
}

/// Of a core, over `time`.
double processorShare(std::chrono::milliseconds time) {
    const double used = processorSeconds();
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(time);
    return (processorSeconds() - used) / secondsSince(begin);
}

/// What a camera that is away costs: noticed soon, told, and waited for at almost no expense.
void waitForReturn(std::size_t slotBytes) {
    Bench bench;
    bench.settings.ring.slotBytes = slotBytes;
    bench.camera.setPace(500 * 12516.0);
    const double bedShare = processorShare(500ms);  // what the fake bus costs
    BenchCatalog catalog(bench);
    Session session(catalog, bench.clock);
    Config config;
    config.detect.enabled = false;
    config.display.views.clear();
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    waitFor(session, [](const SessionStatus &s) { return s.planes.delivered > 200; });
    const auto pulled = std::chrono::steady_clock::now();
    bench.bed.pull();
    waitFor(session, [](const SessionStatus &s) { return s.losses == 1; });
    const double noticed = secondsSince(pulled);
    REQUIRE(session.status().lossReason.find("unplugged") != std::string::npos);
    std::this_thread::sleep_for(500ms);
    const Footprint before = footprint();
    const double share = processorShare(2s) - bedShare;
    const Footprint after = footprint();
    REQUIRE(session.status().state != SourceState::Streaming);
    bench.bed.plugIn(5);
    const auto back = std::chrono::steady_clock::now();
    waitFor(session, [](const SessionStatus &s) { return s.reconnects == 1; });
    std::cout << "B1 (session, " << slotBytes / 1024 << " KiB transfers): lost after "
              << noticed * 1000 << " ms; while waiting " << share * 100
              << " % of a core (the fake bus " << bedShare * 100 << " %), memory "
              << before.kilobytes << " -> " << after.kilobytes << " KiB; back after "
              << secondsSince(back) * 1000 << " ms\n";
    REQUIRE(noticed < 10 * slowness());
    REQUIRE(share < 0.05 * slowness());
    if (slowness() <= 1)
        REQUIRE(after.kilobytes < before.kilobytes + 1024);
    REQUIRE(session.stop());
}

}  // namespace

TEST_CASE("B3: a session comes back after every unplug; files, threads, memory stay flat",
          "[usb]") {
    pullAndReturn(8);
}

TEST_CASE("B1: a lost camera is told soon, and waiting for it costs almost nothing", "[usb]") {
    for (const std::size_t slot : {std::size_t{16} << 10, std::size_t{256} << 10})
        waitForReturn(slot);
}

TEST_CASE("B3: the same a hundred times", "[.soak]") {
    pullAndReturn(100);
}
