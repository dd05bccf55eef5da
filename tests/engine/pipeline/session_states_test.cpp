// SPDX-License-Identifier: Apache-2.0
// B2, B6: every call of a session in every state it can be in; stopping from anywhere, also from
// its own outputs.
#include "tests/engine/pipeline/session_fixture.h"

#include <iostream>

using namespace fovea;
using namespace fovea::test;

namespace {

enum class Stage { Never, Opening, Streaming, Lost, Refused, Ended, Stopped };
constexpr std::array stages{Stage::Never,   Stage::Opening, Stage::Streaming, Stage::Lost,
                            Stage::Refused, Stage::Ended,   Stage::Stopped};

const char *nameOf(Stage stage) {
    constexpr std::array names{"never started", "opening", "streaming", "lost",
                               "not opened",    "ended",   "stopped"};
    return names[static_cast<std::size_t>(stage)];
}

Script scriptOf(Stage stage) {
    Script script;
    script.live = true;
    script.readTime = 1ms;
    script.planes = stage == Stage::Ended ? 400 : 1000000000;
    script.slowOpen = stage == Stage::Opening;
    if (stage == Stage::Refused)
        script.openError.message = "no camera";
    if (stage == Stage::Lost) {
        script.failures[400] = {ErrorCode::DeviceLost, "cable pulled"};
        script.reopenError.message = "still no camera";
    }
    return script;
}

/// A session that has been brought to a stage.
struct Staged {
    explicit Staged(Stage stage) : catalog(scriptOf(stage)), session(catalog, clock) {
        if (stage == Stage::Never)
            return;
        REQUIRE(session.start(quiet()));
        const auto ready = [&](const SessionStatus &s) {
            switch (stage) {
            case Stage::Opening:
                return s.state == SourceState::Opening;
            case Stage::Lost:
                return s.losses == 1 && s.state == SourceState::Lost;
            case Stage::Refused:
            case Stage::Ended:
                return s.finished;
            default:
                return s.planes.delivered > 0;
            }
        };
        const auto end = std::chrono::steady_clock::now() + limit(60s);
        while (!ready(session.status()) && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(1ms);
        REQUIRE(ready(session.status()));
        if (stage == Stage::Stopped)
            REQUIRE(session.stop());
    }
    SteadyClock clock;
    ScriptedCatalog catalog;
    Session session;
};

double seconds(std::chrono::steady_clock::duration time) {
    return std::chrono::duration<double>(time).count();
}

/// A call and in which stages it gives a result (elsewhere WrongState or its own reason).
struct Call {
    const char *name;
    std::function<bool(Session &)> make;
    std::array<bool, stages.size()> works;
};

std::vector<Call> calls() {
    const auto output = [] { return Output{std::make_shared<Collector>(), 4, false}; };
    return {
        {"start", [](Session &s) { return s.start(quiet()).has_value(); }, {1, 0, 0, 0, 1, 1, 1}},
        {"stop", [](Session &s) { return s.stop().has_value(); }, {1, 1, 1, 1, 1, 1, 1}},
        {"apply", [](Session &s) { return s.apply(quiet()).has_value(); }, {1, 1, 1, 1, 1, 1, 1}},
        {"waitFinished", [](Session &s) { return s.waitFinished(0ns); }, {1, 0, 0, 0, 1, 1, 1}},
        {"running", [](Session &s) { return s.running(); }, {0, 1, 1, 1, 0, 0, 0}},
        {"addOutput",
         [output](Session &s) { return s.addOutput(output()).has_value(); },
         {0, 1, 1, 1, 0, 0, 0}},
        {"removeOutput",
         [](Session &s) { return s.removeOutput(99999999, 0ns).has_value(); },
         {0, 0, 0, 0, 0, 0, 0}},
        {"playback", [](Session &s) { return s.playback().has_value(); }, {0, 0, 0, 0, 0, 0, 0}},
        {"seek, step, pause, reverse",
         [](Session &s) {
             s.seek(10);
             s.step(-1);
             s.setPaused(true);
             s.setReverse(true);
             return true;
         },
         {1, 1, 1, 1, 1, 1, 1}},
        {"takeFrame, status, config",
         [](Session &s) {
             (void)s.takeFrame();
             (void)s.status();
             return s.config() != nullptr;
         },
         {1, 1, 1, 1, 1, 1, 1}},
    };
}

}  // namespace

TEST_CASE("B6: every call of a session in every state gives a result or a reason") {
    int pairs = 0;
    for (const Call &call : calls()) {
        for (std::size_t i = 0; i < stages.size(); ++i) {
            Staged staged(stages[i]);
            CAPTURE(call.name, nameOf(stages[i]));
            CHECK(call.make(staged.session) == call.works[i]);
            CHECK(staged.session.stop());
            CHECK(staged.session.status().planes.balanced());
            ++pairs;
        }
    }
    std::cout << "B6: " << pairs << " pairs of (state, call) of a session answered as written\n";
}

TEST_CASE("B2: stop() returns within a second in every state") {
    double slowest = 0;
    std::string where;
    for (const Stage stage : stages) {
        Staged staged(stage);
        const auto begin = std::chrono::steady_clock::now();
        REQUIRE(staged.session.stop());
        const double took = seconds(std::chrono::steady_clock::now() - begin);
        REQUIRE_FALSE(staged.session.running());
        REQUIRE(staged.session.status().planes.balanced());
        where = took > slowest ? nameOf(stage) : where;
        slowest = std::max(slowest, took);
    }
    std::cout << "B2: slowest stop() of " << stages.size() << " states: " << slowest * 1000
              << " ms (" << where << ")\n";
    REQUIRE(slowest < 10 * slowness());
}

TEST_CASE("B2: stop() may be called by an output in the middle of a result") {
    struct Stopper final : FrameSink {
        std::string name() const override { return "stopper"; }
        Result<void> consume(const FrameResult &) override {
            if (took < 0) {
                const auto begin = std::chrono::steady_clock::now();
                (void)session->stop();  // this output is not done yet, and that is said
                took = seconds(std::chrono::steady_clock::now() - begin);
                done = true;
            }
            return {};
        }
        Session *session = nullptr;
        double took = -1;
        std::atomic<bool> done{false};
    };
    ScriptedCatalog catalog(scriptOf(Stage::Streaming));
    SteadyClock clock;
    Session session(catalog, clock);
    const auto stopper = std::make_shared<Stopper>();
    stopper->session = &session;
    Config config = quiet();
    config.detect.enabled = true;
    REQUIRE(session.start(config, {{stopper, 4, false}}));
    const auto end = std::chrono::steady_clock::now() + limit(30s);
    while (!stopper->done && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(1ms);
    REQUIRE(stopper->done);
    std::cout << "B2: stop() from an output returned after " << stopper->took * 1000 << " ms\n";
    REQUIRE_FALSE(session.running());
    REQUIRE(session.status().planes.balanced());
    REQUIRE(session.start(quiet()));  // and all works again
    REQUIRE(session.waitOpened());
    REQUIRE(session.stop());
}

TEST_CASE("B5: starting and stopping a session again and again loses no plane") {
    Script script;
    script.planes = 1200;
    ScriptedCatalog catalog(script);
    SteadyClock clock;
    Session session(catalog, clock);
    const int rounds = slowness() > 1 ? 40 : 200;
    for (int round = 0; round < rounds; ++round) {
        const auto recorder = std::make_shared<Recorder>();
        REQUIRE(session.start(quiet(), {{recorder, 4, true}}));
        if (round % 3 == 1)
            REQUIRE(session.waitOpened());
        if (round % 3 == 2)
            REQUIRE(session.waitFinished(limit(60s)));
        REQUIRE(session.stop());
        const SessionStatus status = session.status();
        REQUIRE(status.planes.balanced());
        REQUIRE(recorder->wrong == 0);
        REQUIRE(recorder->planes.size() == status.planes.delivered);
        if (round % 3 == 2)
            REQUIRE(status.planes.delivered == 1200);
    }
    std::cout << "B5: " << rounds << " times started and stopped, no plane lost\n";
}
