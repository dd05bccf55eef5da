// SPDX-License-Identifier: Apache-2.0
// Opening, loss and return of the source; every plane of it accounted for.
#include "tests/engine/pipeline/session_fixture.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("A1: injected loss of 1, 7 and 1000 planes on the link is counted to the plane") {
    const std::uint64_t lost = GENERATE(1, 7, 1000);
    Script script;
    script.gaps[50] = lost;
    script.gaps[2000] = lost;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    const auto recorder = std::make_shared<Recorder>();
    const SessionStatus status = runToEnd(session, quiet(), {{recorder, 2, true}});
    CHECK(status.planes.received == 4000);
    CHECK(status.planes.of(DropReason::Link) == 2 * lost);
    CHECK(status.planes.delivered == 4000 - 2 * lost);
    CHECK(status.planes.balanced());
    CHECK(recorder->planes.size() == 4000 - 2 * lost);
    CHECK(recorder->planes[50] == 50 + lost);
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
    const SessionStatus status = runToEnd(session, config, {{slow, 1, true}});
    CHECK(status.planes.received == 20000);
    CHECK(status.planes.balanced());
    const std::uint64_t lost =
        status.planes.of(DropReason::Ring) + status.planes.of(DropReason::Buffer);
    CHECK(lost > 0);
    CHECK(lost == status.planes.droppedTotal());
    REQUIRE(status.sinks.size() == 1);
    CHECK(status.sinks[0].offered == status.sinks[0].written);
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

TEST_CASE("a loss is told with its reason, and is the end when nobody wants to wait") {
    Script script;
    script.live = true;
    script.failures[1000] = {ErrorCode::DeviceLost, "cable pulled"};
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    const SessionStatus back = runToEnd(session, quiet());
    CHECK(back.losses == 1);
    CHECK(back.reconnects == 1);
    CHECK(back.lossReason == "cable pulled");
    Config config = quiet();
    config.source.reconnect = false;
    const SessionStatus gone = runToEnd(session, config);
    CHECK(gone.losses == 1);
    CHECK(gone.reconnects == 0);
    CHECK(gone.planes.received == 1000);
    CHECK(gone.planes.balanced());
    REQUIRE(gone.error);
    CHECK(gone.error->code == ErrorCode::DeviceLost);
    CHECK(gone.error->message == "source lost: cable pulled");
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

TEST_CASE("why the source was lost stays told while settings come in, good and bad ones") {
    Script script;
    script.live = true;
    script.failures[1000] = {ErrorCode::DeviceLost, "cable pulled"};
    script.reopenError.message = "still no camera";
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    Config config = quiet();
    REQUIRE(session.start(config));
    const auto waitUntil = [&](auto ready) {
        for (int i = 0; i < 3000 && !ready(session.status()); ++i)
            std::this_thread::sleep_for(10ms);
        REQUIRE(ready(session.status()));
    };
    waitUntil([](const SessionStatus &status) { return status.error.has_value(); });
    config.display.views = {{"nonsense", false}};
    REQUIRE(session.apply(config));
    waitUntil([](const SessionStatus &status) { return status.settingsError.has_value(); });
    CHECK(session.status().error);
    config.display.views = {{"raw", false}};
    REQUIRE(session.apply(config));
    waitUntil([](const SessionStatus &status) { return !status.settingsError.has_value(); });
    CHECK(session.status().error);
    REQUIRE(session.stop());
}

TEST_CASE("what a source throws is an error, not the end of the program") {
    Script script;
    script.beforeRead = [](std::uint64_t plane) {
        if (plane == 500)
            throw std::bad_alloc();
    };
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    const SessionStatus status = runToEnd(session, quiet());
    CHECK(status.planes.delivered == 500);
    CHECK(status.planes.balanced());
    REQUIRE(status.error);
    CHECK(status.error->message.find("memory") != std::string::npos);
}

TEST_CASE("sizes that follow from the source's shape and rate are bounded") {
    Script script;
    script.shape = {16384, 16384};
    script.planeRateHz = 1e6;
    script.planes = 3;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    // A file is read in small blocks, however many planes come in a millisecond.
    CHECK(runToEnd(session, quiet()).planes.delivered == 3);

    script.live = true;
    ScriptedCatalog camera(script);
    Session live(camera, clock);
    REQUIRE(live.start(quiet()));
    const Result<SourceInfo> info = live.waitOpened();
    REQUIRE_FALSE(info.has_value());
    CHECK(info.error().message.find("engine.ring_ms: found 300") != std::string::npos);
    CHECK(live.waitFinished(limit(5s)));
    CHECK(live.stop().has_value());
}

TEST_CASE("B2: a source that opens for ever does not hold stop()") {
    Script script;
    script.slowOpen = true;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    for (int round = 0; round < 20; ++round) {
        REQUIRE(session.start(quiet()));
        if (round % 2 == 0)
            std::this_thread::sleep_for(5ms);
        REQUIRE(session.stop());
        CHECK_FALSE(session.status().error);
        CHECK_FALSE(session.waitOpened().has_value());
    }
}
