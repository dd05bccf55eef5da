// SPDX-License-Identifier: Apache-2.0
// The whole line: nothing lost from file-like sources, results independent of blocks.
#include "tests/engine/pipeline/session_fixture.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("a file-like source loses nothing and the planes arrive as they were") {
    const PlaneShape shape = GENERATE(PlaneShape{16, 9}, PlaneShape{1, 1}, PlaneShape{65, 3});
    Script script;
    script.shape = shape;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    const auto recorder = std::make_shared<Recorder>();
    const SessionStatus status = runToEnd(session, quiet(), {{recorder, 2, true}});
    CHECK(status.planes.received == 4000);
    CHECK(status.planes.delivered == 4000);
    CHECK(status.planes.balanced());
    CHECK(status.finished);
    CHECK(recorder->wrong == 0);
    CHECK(recorder->finished == 1);
    REQUIRE(recorder->planes.size() == 4000);
    CHECK(recorder->planes.back() == 3999);
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
        (void)runToEnd(session, config, {{collector, 8, true}});
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

TEST_CASE("a session that was never started answers everything") {
    ScriptedCatalog catalog(Script{});
    SteadyClock clock;
    Session session(catalog, clock);
    CHECK_FALSE(session.running());
    CHECK(session.waitFinished(0ns));
    CHECK(session.stop().has_value());
    CHECK(session.takeFrame() == nullptr);
    CHECK(session.status().state == SourceState::Closed);
    CHECK_FALSE(session.playback().has_value());
    CHECK_FALSE(session.removeOutput(1, 0ns).has_value());
    CHECK_FALSE(session.addOutput({std::make_shared<Recorder>(), 2, true}).has_value());
    CHECK_FALSE(session.waitOpened().has_value());
    session.seek(5);
    session.setPaused(true);
}
