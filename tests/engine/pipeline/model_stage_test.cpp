// SPDX-License-Identifier: Apache-2.0
// A network inside the Session: results, pictures, classes of tracks, changed settings.
#include "engine/pipeline/stages.h"
#include "tests/engine/pipeline/session_fixture.h"
#include "tests/fakes/stream_models.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape scripted{16, 9};  // a Script's

Config classifying(const Metadata &metadata = {{"stream_steps", "8"}}) {
    Config config = quiet();
    config.detect.enabled = true;
    config.detect.every = 8;
    config.detect.detector.method = DetectionMethod::Snn;
    config.model = useOf(sidesNetwork(scripted), metadata);
    return config;
}

std::vector<FrameResult> resultsOf(const Config &config, const Script &script) {
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    const auto collector = std::make_shared<Collector>();
    const SessionStatus status = runToEnd(session, config, {{collector, 64, true}});
    CHECK_FALSE(status.error);
    return collector->frames;
}

}  // namespace

TEST_CASE("a session tells what its network decided, the same however blocks are cut") {
    Script script;
    script.planes = 400;
    const std::vector<FrameResult> frames = resultsOf(classifying(), script);
    REQUIRE(frames.size() == 50);
    CHECK_FALSE(frames[0].network);  // plane 0: nothing is decided yet
    for (std::size_t i = 1; i < frames.size(); ++i) {
        REQUIRE(frames[i].network);
        CHECK(frames[i].network->end == frames[i].plane);
        CHECK(frames[i].network->decisions == i);
    }
    script.planesPerRead = 7;
    const std::vector<FrameResult> again = resultsOf(classifying(), script);
    REQUIRE(again.size() == frames.size());
    for (std::size_t i = 1; i < frames.size(); ++i) {
        CHECK(again[i].network->scores == frames[i].network->scores);
        CHECK(again[i].network->synops == frames[i].network->synops);
    }
}

TEST_CASE("lost planes cost decisions, and the session says how many") {
    Script script;
    script.planes = 400;
    script.gaps = {{100, 3}};
    const std::vector<FrameResult> frames = resultsOf(classifying(), script);
    const NetworkReport &last = *frames.back().network;
    CHECK(last.lostPlanes == 3);
    CHECK(last.skipped == 1);
    CHECK(last.decisions + last.skipped == frames.back().plane / 8);
}

TEST_CASE("a picture network is a view like any other") {
    Config config = quiet();
    config.display.views = {{"snn", false}, {"tfp", false}};
    config.model = useOf(pixelNetwork(scripted), {{"stream_steps", "4"}});
    auto stages = Stages::make(config, scripted, 40000).value();
    CHECK(stages->reach().before == 16);
    SpikeBlock planes(scripted, 60);
    planes.begin(0, 40000);
    for (int i = 0; i < 60; ++i)
        paint(scripted, planes.append(), [](std::uint32_t x, std::uint32_t) { return x < 8; });
    REQUIRE(stages->process(std::make_shared<SpikeBlock>(std::move(planes)),
                            [](const FrameResult &) {}));
    const FrameResult frame = stages->display();
    REQUIRE(frame.views.size() == 2);
    CHECK(frame.views[0].picture.grey == frame.views[1].picture.grey);
    REQUIRE(frame.network);
    CHECK(frame.network->steps == 4);
}

TEST_CASE("settings of the model act at once, wrong ones change nothing") {
    auto stages = Stages::make(classifying(), scripted, 40000).value();
    std::vector<std::uint64_t> windows;
    const auto take = [&](const FrameResult &frame) {
        if (frame.network)
            windows.push_back(frame.network->end - frame.network->begin);
    };
    CHECK_FALSE(stages->settled());
    REQUIRE(stages->process(sidesBlock(scripted, 0, 17, true), take));
    CHECK(stages->settled());
    Config changed = classifying();
    changed.model.settings.steps = 4;
    REQUIRE(stages->configure(changed));
    CHECK_FALSE(stages->settled());
    REQUIRE(stages->process(sidesBlock(scripted, 17, 16, true), take));
    CHECK(windows == std::vector<std::uint64_t>{8, 8, 4, 4});
    changed.model = useOf(sidesNetwork({5, 5}));
    changed.model.settings.file = "other.nir";
    CHECK(stages->configure(changed).error().message.find("model.fit") == 0);
    changed.model = {};
    CHECK(stages->configure(changed).error().message.find("model.file") == 0);
    windows.clear();
    REQUIRE(stages->process(sidesBlock(scripted, 33, 8, true), take));
    CHECK(windows == std::vector<std::uint64_t>{4});
}

TEST_CASE("a session takes settings of its model alone while it runs") {
    Script script;
    script.planes = 1000000000;
    script.live = true;
    script.readTime = 1ms;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    Config config = classifying();
    config.display.views = {{"raw", false}};
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    const auto decidesIn = [&](std::uint32_t steps) {
        for (int i = 0; i < 3000; ++i, std::this_thread::sleep_for(10ms))
            if (const FrameResultPtr frame = session.takeFrame();
                frame && frame->network && frame->network->steps == steps)
                return true;
        return false;
    };
    CHECK(decidesIn(8));
    config.model.settings.steps = 4;
    REQUIRE(session.apply(config));
    CHECK(decidesIn(4));
    CHECK(session.stop());
}

TEST_CASE("tracks get the class that their boxes mostly had") {
    Tracker tracker({.confirmPixels = 0}, {100, 100}, 40000);
    std::span<const Track> tracks;
    for (std::uint64_t plane = 0; plane < 400; plane += 8) {
        const std::vector<Detection> seen{{{10, 10, 20, 20}, 0.9F, plane % 32 == 0 ? 1 : 2}};
        tracks = tracker.update(plane, seen);
    }
    REQUIRE(tracks.size() == 1);
    CHECK(tracks[0].label == 2);
}
