// SPDX-License-Identifier: Apache-2.0
// What the engine thread does with blocks: slow outputs, display, new settings.
#include "tests/engine/pipeline/session_fixture.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("D2: a slow lossy output loses and counts its own, and nobody else's") {
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
    const SessionStatus status = runToEnd(session, config, {{slow, 4, false}});
    CHECK(status.planes.delivered == 8000);
    CHECK(status.results == 200);
    REQUIRE(status.sinks.size() == 1);
    CHECK(status.sinks[0].offered == 200);
    CHECK(status.sinks[0].dropped > 0);
    CHECK(status.sinks[0].offered ==
          status.sinks[0].written + status.sinks[0].dropped + status.sinks[0].waiting);
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
    REQUIRE(session.apply(config));
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
