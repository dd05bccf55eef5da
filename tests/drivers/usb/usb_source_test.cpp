// SPDX-License-Identifier: Apache-2.0
// The camera as a source on a fake bus: exact loss, loss of the device and return, every state.
#include "drivers/usb/usb_source.h"

#include "engine/pipeline/session.h"
#include "tests/fakes/fake_usb_transport.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <iostream>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

constexpr PlaneShape cameraShape{40, 10};

struct Camera {
    std::shared_ptr<FakeBus> bus;
    SteadyClock clock;
    UsbSettings settings;

    explicit Camera(std::uint32_t firstCounter = 0)
        : bus(std::make_shared<FakeBus>(cameraShape, firstCounter)) {
        settings.shape = cameraShape;
        settings.planeRateHz = 20000;
        settings.ring = {.slotBytes = 1024, .inFlight = 4, .spare = 12};
        settings.ring.watchdog = Milliseconds(200);
        bus->camera.setPace(20000 * 66.0);
    }
    static std::chrono::milliseconds Milliseconds(int count) {
        return std::chrono::milliseconds(static_cast<int>(count * slowness()));
    }
    std::unique_ptr<UsbSource> make() {
        return std::make_unique<UsbSource>(settings, std::make_unique<FakeUsbTransport>(bus),
                                           clock);
    }
};

struct Sum {
    std::uint64_t planes = 0, link = 0, buffer = 0;
    std::uint32_t epoch = 0;
    std::uint64_t first = 0, end = 0;
};

// Reads blocks that follow each other until `enough` says so, or `outcome` comes.
template <class Enough> Result<ReadOutcome> readUntil(UsbSource &source, Sum &sum, Enough enough) {
    SpikeBlock block(cameraShape, 100);
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!enough() && std::chrono::steady_clock::now() < deadline) {
        Result<ReadOutcome> outcome = source.read(block, 100ms);
        if (!outcome || *outcome == ReadOutcome::End)
            return outcome;
        if (*outcome == ReadOutcome::Idle)
            continue;
        REQUIRE(block.firstPlane() == sum.end);
        sum.planes += block.planeCount();
        for (const Gap &gap : block.gaps())
            (gap.reason == DropReason::Link ? sum.link : sum.buffer) += gap.planes;
        sum.end = block.endPlane();
        sum.epoch = block.epoch();
    }
    return ReadOutcome::Planes;
}

}  // namespace

TEST_CASE("planes are the camera's, top row first, numbered from 0", "[usb]") {
    Camera camera(4000000000U);
    const bool flip = GENERATE(true, false);
    camera.settings.flip = flip;
    camera.settings.ring.spare = 1000;  // nothing may be dropped, however late a busy machine reads
    const auto source = camera.make();
    const Result<SourceInfo> info = source->open();
    REQUIRE(info);
    REQUIRE(info->shape == cameraShape);
    REQUIRE(info->planeRateHz == 20000);
    REQUIRE(info->serial == "F601-0001");
    REQUIRE(info->name == "Spike camera");
    REQUIRE(info->live);
    REQUIRE(info->warnings.empty());
    SpikeBlock block(cameraShape, 50);
    std::vector<std::uint64_t> wanted(cameraShape.wordStride());
    for (std::uint64_t plane = 0; plane < 500;) {
        REQUIRE(source->read(block, 5s).value() == ReadOutcome::Planes);
        REQUIRE(block.firstPlane() == plane);
        for (std::uint32_t i = 0; i < block.planeCount(); ++i, ++plane) {
            unpackPlane(camera.bus->camera.frames().payload(plane).data(), 0, cameraShape.width,
                        flip, cameraShape, wanted.data());
            REQUIRE(std::equal(wanted.begin(), wanted.end(), block.plane(i)));
        }
    }
}

TEST_CASE("A1, A2: loss in the device, repeats and drops on the host are counted exactly",
          "[usb]") {
    Camera camera;
    camera.settings.ring.spare = 200;  // 0.16 s: a busy machine drops none of the scripted repeats
    for (const auto &[frame, lost] :
         std::map<std::uint64_t, std::uint32_t>{{500, 1}, {700, 7}, {900, 1000}})
        camera.bus->camera.frames().setFault(frame, {.lose = lost});
    camera.bus->camera.frames().setFault(2500, {.repeats = 5});
    const auto source = camera.make();
    REQUIRE(source->open());
    Sum sum;
    REQUIRE(readUntil(*source, sum, [&] { return sum.end > 3000; }));
    REQUIRE(sum.link == 1008);
    // Nobody reads until the ring is full and lets whole transfers go.
    std::this_thread::sleep_for(300ms);
    const auto drops = [&] { return source->counts().ring.droppedSlots > 0 && sum.buffer > 0; };
    while (!drops()) {
        std::this_thread::sleep_for(20ms);
        const std::uint64_t until = sum.end + 100;
        REQUIRE(readUntil(*source, sum, [&] { return drops() || sum.end >= until; }));
    }
    const std::uint64_t until = sum.end + 2000;
    REQUIRE(readUntil(*source, sum, [&] { return sum.end >= until; }));
    const UsbCounts counts = source->counts();
    UsbFrameStream &frames = camera.bus->camera.frames();
    std::cout << "A1/A2: " << sum.end << " planes of the camera: " << sum.planes << " given, "
              << sum.link << " lost in the device (script " << frames.lost(0, sum.end) << "), "
              << sum.buffer << " on the host in " << counts.ring.droppedSlots
              << " whole transfers, repeats " << counts.frames.repeated << " (script "
              << frames.repeats(0, sum.end) << ")\n";
    REQUIRE(sum.end == sum.planes + sum.link + sum.buffer);
    REQUIRE(sum.link == frames.lost(0, sum.end));
    REQUIRE(counts.frames.repeated == frames.repeats(0, sum.end));
    REQUIRE(counts.frames.damaged == 0);
}

TEST_CASE("B1, B3: a pulled camera is lost with a reason and comes back at another address",
          "[usb]") {
    Camera camera;
    const auto source = camera.make();
    REQUIRE(source->open());
    Sum sum;
    REQUIRE(readUntil(*source, sum, [&] { return sum.end > 200; }));
    camera.bus->camera.unplug();
    const auto pulled = std::chrono::steady_clock::now();
    const auto outcome = readUntil(*source, sum, [] { return false; });
    const std::chrono::duration<double, std::milli> noticed =
        std::chrono::steady_clock::now() - pulled;
    REQUIRE_FALSE(outcome);
    REQUIRE(outcome.error().code == ErrorCode::DeviceLost);
    REQUIRE_THAT(outcome.error().message, Contains("usb:F601-0001") && Contains("unplugged"));
    REQUIRE(source->state() == SourceState::Lost);
    std::cout << "B1: pulled cable noticed after " << noticed.count() << " ms (fake bus)\n";

    // Not there yet, or only another one: still lost, and said so.
    const auto refused = source->open();
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code == ErrorCode::NoDevice);
    REQUIRE(source->state() == SourceState::Lost);
    UsbDevice other = camera.bus->device;
    other.serial = "OTHER";
    camera.bus->others = {other};
    REQUIRE_THAT(source->open().error().message, Contains("there are: usb:OTHER"));

    camera.bus->device.address = 9;
    camera.bus->camera.plugIn();
    const Result<SourceInfo> info = source->open();
    REQUIRE(info);
    REQUIRE(info->serial == "F601-0001");
    REQUIRE(source->state() == SourceState::Streaming);
    const std::uint64_t before = sum.end;
    REQUIRE(readUntil(*source, sum, [&] { return sum.end > before + 200; }));
    REQUIRE(sum.epoch == 1);
    REQUIRE(source->counts().opens == 2);
}

TEST_CASE("B6: every call in every state", "[usb]") {
    Camera camera;
    const auto source = camera.make();
    SpikeBlock block(cameraShape, 10);
    const auto refused = [](const auto &result) {
        return !result && result.error().code == ErrorCode::WrongState;
    };
    for (int round = 0; round < 3; ++round) {
        REQUIRE(refused(source->read(block, 1ms)));
        REQUIRE(refused(source->drain()));
        source->close();
        REQUIRE(source->open());
        REQUIRE(refused(source->open()));
        SpikeBlock wrong({41, 10}, 10);
        REQUIRE(source->state() == SourceState::Streaming);
        REQUIRE(source->drain());
        REQUIRE(refused(source->open()));
        REQUIRE(refused(source->drain()));
        REQUIRE(source->state() == SourceState::Draining);
        Sum sum;
        REQUIRE(readUntil(*source, sum, [] { return false; }).value() == ReadOutcome::End);
        REQUIRE(source->read(block, 1ms).value() == ReadOutcome::End);
        source->close();
        source->close();
        REQUIRE(source->state() == SourceState::Closed);
        REQUIRE_FALSE(camera.bus->camera.streaming());
    }
    REQUIRE(source->open());
    SpikeBlock wrong({41, 10}, 10);
    REQUIRE(source->read(wrong, 1ms).error().code == ErrorCode::InvalidArgument);
    REQUIRE(camera.bus->opens == 4);
    source->close();
    REQUIRE(camera.bus->closes == 4);
    std::cout << "B6: closed, streaming, draining, lost: every call gives a result or a reason\n";
}

TEST_CASE("what keeps a camera from opening is said with the remedy", "[usb]") {
    Camera camera;
    const auto message = [&] {
        const auto source = camera.make();
        const auto result = source->open();
        REQUIRE_FALSE(result);
        REQUIRE(result.error().code == ErrorCode::NoDevice);
        REQUIRE(source->state() == SourceState::Closed);
        return result.error().message;
    };
    SECTION("none is there") {
        camera.bus->camera.unplug();
        REQUIRE_THAT(message(), Contains("no camera is plugged in") && Contains("0403:601f"));
    }
    SECTION("another one is there") {
        camera.settings.match.serial = "X";
        REQUIRE_THAT(message(), Contains("usb:X") && Contains("there are: usb:F601-0001"));
    }
    SECTION("no permission") {
        camera.settings.accessPatience = 10ms;
        camera.bus->openCodes.assign(1000, UsbCode::Access);
        REQUIRE_THAT(message(), Contains("no permission") && Contains("51-fovea-camera.rules"));
    }
    SECTION("busy") {
        camera.bus->openCodes = {UsbCode::Busy};
        REQUIRE_THAT(message(), Contains("another program") && Contains("fuser"));
    }
    SECTION("not the right interfaces") {
        camera.bus->maxPacketBytes = 0;
        REQUIRE_THAT(message(), Contains("interfaces"));
    }
    SECTION("no memory") {
        camera.bus->slotsThatFit = 2;
        REQUIRE_THAT(message(), Contains("usbfs_memory_mb"));
    }
    SECTION("it sends nothing") {
        camera.settings.framePatience = 20ms;
        camera.settings.ring.watchdog = 1h;
        camera.bus->camera.failTransfer(0, TransferFault::Hang);
        REQUIRE_THAT(message(), Contains("sends nothing"));
    }
    SECTION("it sends something else") {
        camera.settings.framePatience = 200ms;
        camera.settings.shape = {48, 10};
        REQUIRE_THAT(message(), Contains("no frames of 48x10 (76 bytes each)"));
    }
    REQUIRE_FALSE(camera.bus->camera.streaming());
}

TEST_CASE("what is odd but works is a warning", "[usb]") {
    Camera camera;
    camera.bus->device.megabits = 480;
    camera.bus->configCode = UsbCode::Stall;
    camera.settings.ring.inFlight = 8;
    camera.bus->slotsThatFit = 5;
    camera.bus->openCodes = {UsbCode::Access, UsbCode::Access};  // set a little later by udev
    const auto source = camera.make();
    const auto info = source->open();
    REQUIRE(info);
    REQUIRE(info->warnings.size() == 3);
    REQUIRE_THAT(info->warnings[0], Contains("USB 2"));
    REQUIRE_THAT(info->warnings[1], Contains("configuration"));
    REQUIRE_THAT(info->warnings[2], Contains("5 of 8") && Contains("usbfs_memory_mb"));
}

TEST_CASE("the rate is measured by the counter when nobody says it", "[usb]") {
    Camera camera;
    camera.settings.planeRateHz.reset();
    camera.settings.rateWindow = 800ms;
    camera.bus->camera.setPace(2000 * 66.0);
    camera.bus->camera.frames().setFaultEvery(10, {.lose = 3});
    const auto source = camera.make();
    const auto info = source->open();
    REQUIRE(info);
    // 7 of 10 planes are sent, 2000 a second: the camera makes 2857.
    std::cout << "measured " << info->planeRateHz << " planes/s of a camera that makes 2857\n";
    REQUIRE(info->planeRateHz > 2000);
    REQUIRE(info->planeRateHz < 4000);
}

TEST_CASE("B2: closing ends within a second, whatever the transfers do", "[usb]") {
    double slowest = 0;
    for (const bool neverEnds : {false, true}) {
        for (const auto fault : {TransferFault::Hang, TransferFault::Stall, TransferFault::Unplug,
                                 TransferFault::Error}) {
            Camera camera;
            camera.settings.ring.watchdog = 50ms;
            const auto source = camera.make();
            REQUIRE(source->open());
            camera.bus->neverEnds = neverEnds;
            camera.bus->camera.failEvery(1, fault);
            SpikeBlock block(cameraShape, 10);
            for (int i = 0; i < 5; ++i)
                (void)source->read(block, 10ms);
            const auto before = std::chrono::steady_clock::now();
            source->close();
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
            slowest = std::max(slowest, took.count());
            REQUIRE(source->state() == SourceState::Closed);
        }
    }
    std::cout << "B2: slowest close with broken transfers: " << slowest * 1000 << " ms\n";
    REQUIRE(slowest < 10 * slowness());
}

TEST_CASE("interrupting ends a read and an open that wait", "[usb]") {
    Camera camera;
    const auto source = camera.make();
    REQUIRE(source->open());
    camera.settings.ring.watchdog = 1h;
    camera.bus->camera.setPace(1);
    std::thread other([&] {
        std::this_thread::sleep_for(30ms);
        source->interrupt();
    });
    SpikeBlock block(cameraShape, 100);
    while (source->read(block, 1min).value_or(ReadOutcome::Idle) == ReadOutcome::Planes) {
    }
    other.join();
    source->close();

    camera.bus->openCodes.assign(100000, UsbCode::Access);
    camera.settings.accessPatience = 1h;
    const auto waiting = camera.make();
    std::thread third([&] {
        while (waiting->state() != SourceState::Opening)
            std::this_thread::sleep_for(1ms);
        std::this_thread::sleep_for(60ms);
        waiting->interrupt();
    });
    REQUIRE(waiting->open().error().code == ErrorCode::Cancelled);
    third.join();
}

namespace {

class FakeCatalog final : public SourceCatalog {
public:
    explicit FakeCatalog(Camera &camera) : camera_(camera) {}
    std::vector<SourceDescription> list() override { return {}; }
    Result<std::unique_ptr<SpikeSource>> make(const SourceConfig &) override {
        return camera_.make();
    }

private:
    Camera &camera_;
};

}  // namespace

TEST_CASE("A1, B3: a session keeps its books and its settings over twenty unplugs", "[usb]") {
    Camera camera;
    camera.bus->camera.frames().setFaultEvery(977, {.lose = 7});
    FakeCatalog catalog(camera);
    Session session(catalog, camera.clock);
    Config config;
    config.detect.enabled = false;
    config.display.views.clear();
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    constexpr std::uint64_t rounds = 20;
    const auto waitFor = [&](auto &&ready) {
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (!ready(session.status()) && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(2ms);
        REQUIRE(ready(session.status()));
    };
    double slowest = 0;
    for (std::uint64_t round = 1; round <= rounds; ++round) {
        const std::uint64_t before = session.status().planes.received;
        waitFor([&](const SessionStatus &s) { return s.planes.received > before + 50; });
        camera.bus->camera.unplug();
        waitFor([](const SessionStatus &s) { return s.state == SourceState::Lost && s.error; });
        REQUIRE_THAT(session.status().error->message, Contains("F601-0001"));
        camera.bus->device.address = static_cast<int>(2 + round);
        camera.bus->camera.plugIn();
        const auto back = std::chrono::steady_clock::now();
        waitFor([&](const SessionStatus &s) {
            return s.reconnects == round && s.state == SourceState::Streaming && !s.error;
        });
        slowest = std::max(
            slowest,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - back).count());
    }
    REQUIRE(session.stop());
    const SessionStatus status = session.status();
    REQUIRE(status.planes.balanced(status.planesInFlight));
    std::cout << "B3: " << rounds << " unplugs, each back within " << slowest * 1000
              << " ms; A1: received " << status.planes.received << " = delivered "
              << status.planes.delivered << " + dropped " << status.planes.droppedTotal()
              << " (link " << status.planes.of(DropReason::Link) << ")\n";
}
