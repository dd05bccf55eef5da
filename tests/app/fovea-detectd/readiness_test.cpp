// SPDX-License-Identifier: Apache-2.0
// Readiness on made-up states: it falls when nothing moves, and comes back.
#include "app/fovea-detectd/readiness.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

const Clock::TimePoint start{1h};

SessionStatus streaming(std::uint64_t received, std::uint64_t delivered) {
    SessionStatus status;
    status.state = SourceState::Streaming;
    status.source = SourceInfo{};
    status.planes.received = received;
    status.planes.delivered = delivered;
    status.secondsSinceLastPlane = 0.01;
    return status;
}

bool mentions(const ReadyState &state, const std::string &text) {
    return !state.ready && state.reason.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("ready while planes come and blocks are finished", "[detectd]") {
    Readiness readiness(1s);
    for (std::uint64_t i = 1; i <= 50; ++i) {
        const ReadyState state = readiness.check(streaming(400 * i, 400 * i), start + i * 100ms);
        CHECK(state.ready);
        CHECK(state.reason.empty());
    }
}

TEST_CASE("not ready in any other state of the source", "[detectd]") {
    Readiness readiness(1s);
    for (const SourceState state :
         {SourceState::Closed, SourceState::Opening, SourceState::Lost, SourceState::Draining}) {
        SessionStatus status = streaming(400, 400);
        status.state = state;
        CHECK(mentions(readiness.check(status, start), std::string(toString(state))));
    }
    SessionStatus status = streaming(400, 400);
    status.finished = true;
    status.error = Error{ErrorCode::DeviceLost, "unplugged"};
    CHECK(mentions(readiness.check(status, start), "ended: unplugged"));
}

TEST_CASE("a lost source is told with its reason and the age of its last plane", "[detectd]") {
    Readiness readiness(1s);
    SessionStatus status = streaming(400, 400);
    status.state = SourceState::Opening;  // looking for it
    status.losses = 1;
    status.lossReason = "cable pulled";
    status.secondsSinceLastPlane = 2.34;
    CHECK(mentions(readiness.check(status, start),
                   "the source is lost: cable pulled; the last plane came 2.3 s ago"));
    status.reconnects = 1;
    status.state = SourceState::Streaming;
    status.secondsSinceLastPlane = 0.01;
    CHECK(readiness.check(status, start).ready);
}

TEST_CASE("not ready before the first plane", "[detectd]") {
    Readiness readiness(1s);
    CHECK(mentions(readiness.check(streaming(0, 0), start), "no plane has come yet"));
}

TEST_CASE("J2: a source that stops sending is noticed by the age of its last plane", "[detectd]") {
    Readiness readiness(1s);
    SessionStatus status = streaming(400, 400);
    CHECK(readiness.check(status, start).ready);
    status.secondsSinceLastPlane = 1.4;
    CHECK(mentions(readiness.check(status, start + 1400ms), "1.4 s"));
    CHECK(readiness.check(streaming(800, 800), start + 1500ms).ready);
}

TEST_CASE("J2: an engine that stands still is noticed while planes go on", "[detectd]") {
    Readiness readiness(1s);
    CHECK(readiness.check(streaming(400, 400), start).ready);
    CHECK(readiness.check(streaming(20000, 400), start + 900ms).ready);
    CHECK(mentions(readiness.check(streaming(40000, 400), start + 1100ms), "engine"));
    // Planes that noise takes away are work done, too.
    SessionStatus status = streaming(40400, 400);
    status.planes.dropped[static_cast<std::size_t>(DropReason::Injected)] = 400;
    CHECK(readiness.check(status, start + 1200ms).ready);
}

TEST_CASE("the limit follows what is configured", "[detectd]") {
    Config config;
    CHECK(Readiness::limitFor(config) == 1s);
    config.source.speed = 0;
    CHECK(Readiness::limitFor(config) == 1s);
    config.source.speed = 0.001;
    CHECK(Readiness::limitFor(config) == 30s);
    config.source.speed = 1e-300;
    CHECK(Readiness::limitFor(config) == 1h);
}
