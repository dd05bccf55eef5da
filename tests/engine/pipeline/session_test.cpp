// SPDX-License-Identifier: Apache-2.0
// The whole line: every plane accounted for, results independent of blocks, bounded stops.
#include "engine/pipeline/session.h"

#include "tests/fakes/scripted_source.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;

namespace {

struct Collector final : FrameSink {
    std::string name() const override { return "collector"; }
    Result<void> consume(const FrameResult &frame) override {
        if (delay.count() > 0)
            std::this_thread::sleep_for(delay);
        frames.push_back(frame);
        return {};
    }
    std::vector<FrameResult> frames;
    std::chrono::microseconds delay{0};
};

struct Recorder final : SpikeSink {
    std::string name() const override { return "recorder"; }
    Result<void> begin(const SourceInfo &info) override {
        shape = info.shape;
        return {};
    }
    Result<void> write(const SpikeBlock &block) override {
        if (failAt > 0 && planes.size() >= failAt)
            return fail(ErrorCode::Io, "disk full");
        for (std::uint32_t i = 0; i < block.planeCount(); ++i) {
            planes.push_back(block.planeNumber(i));
            std::vector<std::uint64_t> wanted(shape.wordStride());
            fillScripted(planes.back(), shape, wanted.data());
            wrong += std::equal(wanted.begin(), wanted.end(), block.plane(i)) ? 0 : 1;
        }
        return {};
    }
    Result<void> finish() override {
        ++finished;
        return {};
    }
    PlaneShape shape;
    std::vector<std::uint64_t> planes;
    std::size_t failAt = 0;
    int wrong = 0;
    int finished = 0;
};

Config quiet() {
    Config config;
    config.detect.enabled = false;
    config.display.views.clear();
    return config;
}

std::chrono::nanoseconds limit(std::chrono::milliseconds time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time * slowness());
}

SessionStatus runToEnd(Session &session, const Config &config) {
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    REQUIRE(session.waitFinished(limit(60s)));
    const Result<void> stopped = session.stop();
    INFO((stopped ? std::string() : stopped.error().message));
    CHECK(stopped.has_value());
    return session.status();
}

}  // namespace

TEST_CASE("a file-like source loses nothing and the planes arrive as they were") {
    const PlaneShape shape = GENERATE(PlaneShape{16, 9}, PlaneShape{1, 1}, PlaneShape{65, 3});
    Script script;
    script.shape = shape;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    const auto recorder = std::make_shared<Recorder>();
    session.addSpikeSink(recorder, 2, true);
    const SessionStatus status = runToEnd(session, quiet());
    CHECK(status.planes.received == 4000);
    CHECK(status.planes.delivered == 4000);
    CHECK(status.planes.balanced());
    CHECK(status.finished);
    CHECK(recorder->wrong == 0);
    CHECK(recorder->finished == 1);
    REQUIRE(recorder->planes.size() == 4000);
    CHECK(recorder->planes.back() == 3999);
}

TEST_CASE("A1: injected loss of 1, 7 and 1000 planes on the link is counted to the plane") {
    const std::uint64_t lost = GENERATE(1, 7, 1000);
    Script script;
    script.gaps[50] = lost;
    script.gaps[2000] = lost;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    const auto recorder = std::make_shared<Recorder>();
    session.addSpikeSink(recorder, 2, true);
    const SessionStatus status = runToEnd(session, quiet());
    CHECK(status.planes.received == 4000);
    CHECK(status.planes.of(DropReason::Link) == 2 * lost);
    CHECK(status.planes.delivered == 4000 - 2 * lost);
    CHECK(status.planes.balanced());
    CHECK(recorder->planes.size() == 4000 - 2 * lost);
    CHECK(recorder->planes[50] == 50 + lost);
}

TEST_CASE("A1: planes that a noise injector removes are counted as injected") {
    ScriptedCatalog catalog(Script{});
    SteadyClock clock;
    Session session(catalog, clock);
    Config config = quiet();
    config.noise.injectors = {parseInjectors("drop:0.1").value().front()};
    const SessionStatus status = runToEnd(session, config);
    CHECK(status.planes.received == 4000);
    CHECK(status.planes.of(DropReason::Injected) > 200);
    CHECK(status.planes.of(DropReason::Injected) < 700);
    CHECK(status.planes.balanced());
    CHECK_FALSE(status.noise.empty());
}

TEST_CASE("A1: what a live source loses to a slow output or engine is counted") {
    Script script;
    script.live = true;
    script.planes = 20000;
    script.planesPerRead = 400;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    Config config = quiet();
    config.detect.enabled = true;
    config.detect.every = 400;
    config.engine.ringMilliseconds = 20;
    // The engine waits for this one, so the ring overflows.
    const auto slow = std::make_shared<Collector>();
    slow->delay = 5ms;
    session.addFrameSink(slow, 1, true);
    const SessionStatus status = runToEnd(session, config);
    CHECK(status.planes.received == 20000);
    CHECK(status.planes.balanced());
    const std::uint64_t lost =
        status.planes.of(DropReason::Ring) + status.planes.of(DropReason::Buffer);
    CHECK(lost > 0);
    CHECK(lost == status.planes.droppedTotal());
    REQUIRE(status.sinks.size() == 1);
    CHECK(status.sinks[0].offered == status.sinks[0].written);
}

TEST_CASE("a slow lossy output loses and counts its own, and nobody else's") {
    Script script;
    script.planes = 8000;
    script.readTime = 500us;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    Config config = quiet();
    config.detect.enabled = true;
    config.detect.every = 40;
    const auto slow = std::make_shared<Collector>();
    slow->delay = 10ms;
    session.addFrameSink(slow, 4, false);
    const SessionStatus status = runToEnd(session, config);
    CHECK(status.planes.delivered == 8000);
    CHECK(status.results == 200);
    REQUIRE(status.sinks.size() == 1);
    CHECK(status.sinks[0].offered == 200);
    CHECK(status.sinks[0].dropped > 0);
    CHECK(status.sinks[0].offered ==
          status.sinks[0].written + status.sinks[0].dropped + status.sinks[0].waiting);
}

TEST_CASE("a recorder that fails stops recording, says why, and the rest goes on") {
    ScriptedCatalog catalog(Script{});
    SteadyClock clock;
    Session session(catalog, clock);
    const auto recorder = std::make_shared<Recorder>();
    recorder->failAt = 1000;
    session.addSpikeSink(recorder, 4, true);
    REQUIRE(session.start(quiet()));
    REQUIRE(session.waitFinished(limit(60s)));
    const Result<void> stopped = session.stop();
    REQUIRE_FALSE(stopped.has_value());
    CHECK(stopped.error().message.find("disk full") != std::string::npos);
    const SessionStatus status = session.status();
    CHECK(status.planes.delivered == 4000);
    REQUIRE(status.sinks.size() == 1);
    CHECK(status.sinks[0].error == "disk full");
    CHECK(status.sinks[0].offered == status.sinks[0].written + status.sinks[0].dropped);
    CHECK(recorder->finished == 1);
}

TEST_CASE("H3: results do not depend on how planes are cut into blocks") {
    const auto resultsWith = [](std::uint32_t planesPerRead) {
        Script script;
        script.shape = {64, 48};
        script.planesPerRead = planesPerRead;
        script.gaps[1234] = 17;
        ScriptedCatalog catalog(script);
        SteadyClock clock;
        Session session(catalog, clock);
        Config config = quiet();
        config.detect.enabled = true;
        config.detect.every = 10;
        config.noise.injectors = {parseInjectors("flip:0.02").value().front()};
        const auto collector = std::make_shared<Collector>();
        session.addFrameSink(collector, 8, true);
        (void)runToEnd(session, config);
        return collector->frames;
    };
    const auto reference = resultsWith(100);
    REQUIRE(reference.size() >= 398);
    for (const std::uint32_t planes : {1U, 7U, 400U}) {
        const auto other = resultsWith(planes);
        REQUIRE(other.size() == reference.size());
        for (std::size_t i = 0; i < other.size(); ++i) {
            REQUIRE(other[i].plane == reference[i].plane);
            REQUIRE(other[i].sequence == i);
            REQUIRE(other[i].tracks == reference[i].tracks);
        }
    }
}

TEST_CASE("a lost source comes back and the count of reconnects grows") {
    Script script;
    script.live = true;
    script.failures[1000] = {ErrorCode::DeviceLost, "cable pulled"};
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    const SessionStatus status = runToEnd(session, quiet());
    CHECK(status.reconnects == 1);
    CHECK(status.planes.received == 4000);
    CHECK_FALSE(status.error.has_value());
}

TEST_CASE("a source that cannot be opened tells why") {
    Script script;
    script.openError = {ErrorCode::NoDevice, "no camera"};
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    REQUIRE(session.start(quiet()));
    const Result<SourceInfo> info = session.waitOpened();
    REQUIRE_FALSE(info.has_value());
    CHECK(info.error().message == "no camera");
    CHECK(session.waitFinished(limit(5s)));
    CHECK(session.stop().has_value());
}

TEST_CASE("stop returns soon in the middle of a stream, and starting again works") {
    Script script;
    script.planes = 1000000000;
    script.live = true;
    script.readTime = 1ms;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    for (int round = 0; round < 5; ++round) {
        REQUIRE(session.start(quiet()));
        CHECK_FALSE(session.start(quiet()).has_value());
        REQUIRE(session.waitOpened());
        std::this_thread::sleep_for(20ms);
        const auto before = std::chrono::steady_clock::now();
        CHECK(session.stop().has_value());
        CHECK(std::chrono::steady_clock::now() - before < limit(1s));
        CHECK(session.status().planes.balanced());
        CHECK_FALSE(session.running());
    }
}

TEST_CASE("B2: an output that never lets go cannot hold stop()") {
    struct Stuck final : FrameSink {
        std::string name() const override { return "stuck"; }
        Result<void> consume(const FrameResult &) override {
            while (!*release)
                std::this_thread::sleep_for(1ms);
            return {};
        }
        std::shared_ptr<std::atomic<bool>> release = std::make_shared<std::atomic<bool>>(false);
    };
    const bool lossless = GENERATE(true, false);
    Script script;
    script.planes = 1000000000;
    script.live = true;
    script.readTime = 1ms;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    Config config = quiet();
    config.detect.enabled = true;
    const auto stuck = std::make_shared<Stuck>();
    session.addFrameSink(stuck, 2, lossless);
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    std::this_thread::sleep_for(100ms);
    const auto before = std::chrono::steady_clock::now();
    const Result<void> stopped = session.stop();
    CHECK(std::chrono::steady_clock::now() - before < limit(1500ms));
    CHECK_FALSE(stopped.has_value());
    CHECK(session.status().planes.balanced());
    *stuck->release = true;
    std::this_thread::sleep_for(50ms);
}

TEST_CASE("display frames show both views, and noise only in the one that wants it") {
    Script script;
    script.planes = 2000;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    Config config = quiet();
    config.display.views = {{"raw", false}, {"raw", true}};
    config.noise.injectors = {parseInjectors("flip:0.5").value().front()};
    (void)runToEnd(session, config);
    const FrameResultPtr frame = session.takeFrame();
    REQUIRE(frame);
    CHECK(frame->plane == 1999);
    REQUIRE(frame->views.size() == 2);
    std::vector<std::uint64_t> wanted(script.shape.wordStride());
    fillScripted(1999, script.shape, wanted.data());
    std::size_t differing = 0;
    for (std::size_t p = 0; p < script.shape.pixels(); ++p) {
        CHECK(frame->views[1].picture.grey[p] == (testBit(wanted.data(), p) ? 255 : 0));
        differing += frame->views[0].picture.grey[p] != frame->views[1].picture.grey[p];
    }
    CHECK(differing > script.shape.pixels() / 4);
    CHECK(session.takeFrame() == nullptr);
}

TEST_CASE("settings change while running, without a restart") {
    Script script;
    script.planes = 1000000000;
    script.live = true;
    script.readTime = 1ms;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    Config config = quiet();
    config.display.views = {{"raw", false}};
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    config.noise.injectors = {parseInjectors("hot:1").value().front()};
    session.apply(config);
    bool white = false;
    for (int i = 0; i < 500 && !white; ++i) {
        std::this_thread::sleep_for(10ms);
        if (const FrameResultPtr frame = session.takeFrame(); frame && !frame->noise.empty())
            white = std::all_of(frame->views[0].picture.grey.begin(),
                                frame->views[0].picture.grey.end(),
                                [](std::uint8_t v) { return v == 255; });
    }
    CHECK(white);
    CHECK(session.stop().has_value());
}
