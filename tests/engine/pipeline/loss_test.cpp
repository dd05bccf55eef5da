// SPDX-License-Identifier: Apache-2.0
// A1: losses of 1, 7 and 1000 planes, made at each place where planes can be lost, are counted
// there to the plane.
#include <stdexcept>

#include "tests/engine/pipeline/session_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

/// Waits until `ready`, as long as a test may take.
template <class Ready> void waitFor(Ready ready) {
    const auto end = std::chrono::steady_clock::now() + limit(60s);
    while (!ready() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(200us);
    if (!ready())
        throw std::runtime_error("waited in vain");  // also on threads where Catch may not assert
}

/// An output of either kind that stands still until it is released.
struct Gate {
    std::atomic<bool> open{false};
    std::atomic<int> entered{0};
    Result<void> pass() {
        ++entered;
        while (!open)
            std::this_thread::sleep_for(200us);
        return {};
    }
};
struct FrameGate final : FrameSink, Gate {
    std::string name() const override { return "gate"; }
    Result<void> consume(const FrameResult &) override { return pass(); }
};
struct SpikeGate final : SpikeSink, Gate {
    std::string name() const override { return "gate"; }
    Result<void> begin(const SourceInfo &) override { return {}; }
    Result<void> write(const SpikeBlock &) override { return pass(); }
    Result<void> finish() override { return {}; }
};

/// Live, with results every 10 planes; blocks of 100 planes, and 2 of them in the ring.
struct Line {
    explicit Line(std::uint64_t planes) {
        script.live = true;
        script.planes = planes;
        config.detect.enabled = true;
        config.detect.every = 10;
        config.engine.ringMilliseconds = 20;
    }
    SessionStatus start(std::vector<Output> outputs) {
        catalog = std::make_unique<ScriptedCatalog>(script);
        session = std::make_unique<Session>(*catalog, clock);
        REQUIRE(session->start(config, std::move(outputs)));
        REQUIRE(session->waitOpened());
        return session->status();
    }
    /// Everything has come, and nothing of it has been forgotten.
    SessionStatus end() {
        REQUIRE(session->waitFinished(limit(60s)));
        REQUIRE(session->stop());
        const SessionStatus status = session->status();
        CHECK(status.planes.balanced());
        CHECK(status.planes.received == script.planes);
        return status;
    }
    Script script;
    Config config = quiet();
    SteadyClock clock;
    std::unique_ptr<ScriptedCatalog> catalog;
    std::unique_ptr<Session> session;
};

constexpr std::uint64_t block = 100;

}  // namespace

TEST_CASE("A1: what finds no place in the ring is counted there") {
    const std::uint64_t lost = GENERATE(1, 7, 1000);
    Line line(3 * block + lost);
    const auto gate = std::make_shared<FrameGate>();
    // The engine stands still in its first block: one result is at the gate, one waits for it.
    line.script.beforeRead = [&](std::uint64_t plane) {
        if (plane == block)
            waitFor([&] { return gate->entered == 1 && line.session->status().results == 3; });
    };
    line.start({{gate, 1, true}});
    waitFor([&] { return line.session->status().planes.of(DropReason::Ring) == lost; });
    const SessionStatus standing = line.session->status();
    CHECK(standing.planes.received == line.script.planes);
    CHECK(standing.planesInFlight == 3 * block);  // two in the ring, one in the engine
    CHECK(standing.planes.balanced(standing.planesInFlight));
    gate->open = true;
    const SessionStatus status = line.end();
    CHECK(status.planes.of(DropReason::Ring) == lost);
    CHECK(status.planes.delivered == 3 * block);
    CHECK(status.planes.droppedTotal() == lost);
}

TEST_CASE("A1: what finds no buffer is counted there") {
    const std::uint64_t lost = GENERATE(1, 7, 1000);
    constexpr std::uint64_t poolBlocks = 2 * 2 + 48;
    Line line(poolBlocks * block + lost);
    line.config.detect.enabled = false;
    const auto gate = std::make_shared<SpikeGate>();
    line.script.beforeRead = [&](std::uint64_t plane) {
        if (plane <= poolBlocks * block)
            waitFor([&] { return line.session->status().planes.delivered == plane; });
    };
    line.start({{gate, 100, false}});
    waitFor([&] { return line.session->status().planes.received == line.script.planes; });
    gate->open = true;
    const SessionStatus status = line.end();
    CHECK(status.planes.of(DropReason::Buffer) == lost);
    CHECK(status.planes.droppedTotal() == lost);
    CHECK(status.sinks[0].written == poolBlocks * block);
}

TEST_CASE("A1: planes that were left out to keep pace are counted as such") {
    const std::uint64_t lost = GENERATE(1, 7, 1000);
    Line line(4000);
    line.script.gaps[150] = lost;
    line.script.gapReason = DropReason::Skipped;
    line.start({});
    const SessionStatus status = line.end();
    CHECK(status.planes.of(DropReason::Skipped) == lost);
    CHECK(status.planes.delivered + status.planes.of(DropReason::Ring) +
              status.planes.of(DropReason::Buffer) ==
          4000 - lost);
}

TEST_CASE("A1: whatever a recording says about its gaps, here they are planes that never came") {
    Line line(4000);
    line.script.live = false;
    line.script.gaps[150] = 7;
    line.script.gapReason = GENERATE(DropReason::Sink, DropReason::Ring, DropReason::Engine);
    line.start({});
    const SessionStatus status = line.end();
    CHECK(status.planes.of(DropReason::Link) == 7);
    CHECK(status.planes.droppedTotal() == 7);
}

TEST_CASE("A1: planes that a noise injector removes are counted to the plane") {
    const char *const injectors = GENERATE("drop:0.1", "burst:0.2", "drop:0.0002");
    Line line(4000);
    line.script.live = false;
    line.config.noise.injectors = parseInjectors(injectors).value();
    line.start({});
    const SessionStatus status = line.end();
    const auto chain = NoiseChain::create(line.config.noise, line.script.shape).value();
    SpikeBlock all(line.script.shape, 4000);
    all.begin(0, 40000);
    for (std::uint64_t plane = 0; plane < 4000; ++plane)
        fillScripted(plane, line.script.shape, all.append());
    CHECK(status.planes.of(DropReason::Injected) == chain->apply(all));
    CHECK(status.planes.droppedTotal() == status.planes.of(DropReason::Injected));
    CHECK_FALSE(status.noise.empty());
}

TEST_CASE("A1: blocks on which the engine fails are counted there, told once, and end with it") {
    const std::uint64_t lost = GENERATE(1, 7, 1000);
    Line line(block + lost);
    line.script.live = false;
    line.script.brokenFrom = block;
    line.start({});
    const SessionStatus status = line.end();
    CHECK(status.planes.of(DropReason::Engine) == lost);
    CHECK(status.planes.delivered == block);
    REQUIRE(status.error);
    CHECK(status.error->message.find("was given") != std::string::npos);
}

TEST_CASE("A1: what still waits when the session is stopped is counted, and outputs balance") {
    const std::uint64_t lost = GENERATE(1, 7, 1000);
    Line line(block + lost);
    line.config.engine.ringMilliseconds = 300;
    const auto gate = std::make_shared<FrameGate>();
    line.script.beforeRead = [&](std::uint64_t plane) {
        if (plane == block)
            waitFor([&] { return gate->entered == 1 && line.session->status().results == 3; });
    };
    line.start({{gate, 1, true}});
    waitFor([&] { return line.session->status().planes.received == line.script.planes; });
    CHECK_FALSE(line.session->stop(0ns));  // the gate does not finish
    const SessionStatus status = line.session->status();
    CHECK(status.planes.of(DropReason::Stopped) == lost);
    CHECK(status.planes.delivered == block);
    CHECK(status.planes.balanced());
    gate->open = true;
    waitFor([&] { return line.session->status().sinks[0].finished; });
    const SinkStatus sink = line.session->status().sinks[0];
    CHECK(sink.error.empty());
    CHECK(sink.offered == 10);
    CHECK(sink.written == 2);
    CHECK(sink.dropped == 8);
}

TEST_CASE("A1: what waits in a live driver when the session is stopped came, too") {
    const std::uint64_t waiting = GENERATE(0, 1, 7, 1000);
    Line line(1'000'000'000);
    line.script.waiting = waiting;
    line.script.readTime = 1ms;
    line.start({});
    waitFor([&] { return line.session->status().planes.received > 10 * block; });
    REQUIRE(line.session->stop());
    const SessionStatus status = line.session->status();
    CHECK(status.planes.balanced());
    CHECK(status.planes.of(DropReason::Stopped) >= waiting);
    CHECK((status.planes.received - waiting) % block == 0);
}

TEST_CASE("A1: what an output cannot take is counted by the output") {
    const std::uint64_t lost = GENERATE(1, 7, 1000);
    Line line(2 * block + lost);
    line.config.detect.enabled = false;
    const auto gate = std::make_shared<SpikeGate>();
    line.script.beforeRead = [&](std::uint64_t plane) {
        if (plane == block)
            waitFor([&] { return gate->entered == 1; });
        if (plane <= 2 * block)
            waitFor([&] { return line.session->status().planes.delivered == plane; });
        else
            waitFor([&] { return line.session->status().ringBlocks == 0; });
    };
    line.start({{gate, 1, false}});
    waitFor([&] { return line.session->status().planes.delivered == line.script.planes; });
    gate->open = true;
    const SessionStatus status = line.end();
    CHECK(status.planes.droppedTotal() == 0);
    CHECK(status.sinks[0].dropped == lost);
    CHECK(status.sinks[0].written == 2 * block);
}
