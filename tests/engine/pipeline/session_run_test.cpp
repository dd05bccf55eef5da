// SPDX-License-Identifier: Apache-2.0
// Bounded stops, outputs that fail or hang, starting again.
#include "tests/engine/pipeline/session_fixture.h"

using namespace fovea;
using namespace fovea::test;

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
