// SPDX-License-Identifier: Apache-2.0
// A recording as a source: every plane and gap comes through, in every way of playing.
#include "recordings.h"

#include <catch2/catch.hpp>
#include <iostream>
#include <thread>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;

namespace {

/// Reads until the end.
void readAll(ReplaySource &source, std::uint32_t capacity, Seen &seen) {
    SpikeBlock block(shape, capacity);
    for (;;) {
        const auto outcome = source.read(block, 0ms);
        REQUIRE(outcome);
        if (*outcome == ReadOutcome::End)
            return;
        REQUIRE(*outcome == ReadOutcome::Planes);
        REQUIRE(block.planeCount() <= capacity);
        REQUIRE_FALSE(block.empty());
        seen.take(block);
    }
}

}  // namespace

TEST_CASE("every plane and every gap of a recording comes through, whatever the block size") {
    const test::TemporaryFolder folder;
    const auto path = folder / "gaps.dat";
    const std::uint64_t lost = GENERATE(1U, 7U, 1000U);
    writeRecording(path, 3000 + lost, {{500, lost, DropReason::Link}, {501, 3, DropReason::Ring}});
    ManualClock clock;
    for (const std::uint32_t capacity : {1U, 7U, 400U}) {
        ReplaySource source(settingsFor(path, 0), clock);
        const auto info = source.open();
        REQUIRE(info);
        REQUIRE(info->planes == 3000 + lost);
        REQUIRE(info->shape == shape);
        REQUIRE(info->planeRateHz == 40000);
        REQUIRE_FALSE(info->live);
        REQUIRE(source.truth() == nullptr);
        Seen seen;
        readAll(source, capacity, seen);
        REQUIRE(seen.planes.size() == 2997);
        REQUIRE(seen.gaps.size() == 2);
        REQUIRE(seen.gapFirst == std::vector<std::uint64_t>{500, 500 + lost + 1});
        REQUIRE(seen.gaps[0].planes == lost);
        REQUIRE(seen.gaps[0].reason == DropReason::Link);
        REQUIRE(seen.gaps[1].planes == 3);
        REQUIRE(seen.gaps[1].reason == DropReason::Ring);
        REQUIRE(seen.ledger.read().balanced());
        REQUIRE(seen.ledger.read().received == 3000 + lost);
    }
}

TEST_CASE("at full speed a gap of any length is one step") {
    const test::TemporaryFolder folder;
    const auto path = folder / "gap.dat";
    constexpr std::uint64_t lost = Descriptor::maxPlanes - 100;
    writeRecording(path, 50 + lost, {{10, lost, DropReason::Link}});
    ManualClock clock;
    ReplaySource source(settingsFor(path, 0), clock);
    REQUIRE(source.open());
    Seen seen;
    readAll(source, 7, seen);
    CHECK(seen.planes.size() == 50);
    CHECK(seen.ledger.read().received == 50 + lost);
    CHECK(seen.ledger.read().balanced());
}

TEST_CASE("the bytes are the same at any speed") {
    const test::TemporaryFolder folder;
    const auto path = folder / "speed.dat";
    writeRecording(path, 2000);
    std::uint64_t first = 0;
    for (const double speed : {0.0, 0.5, 1.0, 2.0}) {
        ManualClock clock;
        ReplaySource source(settingsFor(path, speed), clock);
        REQUIRE(source.open());
        Seen seen;
        SpikeBlock block(shape, 400);
        for (;;) {
            const auto outcome = source.read(block, 0ms);
            if (*outcome == ReadOutcome::End)
                break;
            if (*outcome == ReadOutcome::Planes)
                seen.take(block);
            clock.advance(3ms);
        }
        REQUIRE(seen.planes.size() == 2000);
        first = first == 0 ? seen.hash : first;
        REQUIRE(seen.hash == first);
    }
}

TEST_CASE("real time skips and counts, and keeps the recording's own gaps apart") {
    const test::TemporaryFolder folder;
    const auto path = folder / "skip.dat";
    writeRecording(path, 10000, {{2000, 50, DropReason::Link}, {6000, 7, DropReason::Ring}});
    ManualClock clock;
    ReplaySettings settings = settingsFor(path, 1);
    settings.play.everyPlane = false;
    ReplaySource source(settings, clock);
    REQUIRE(source.open());
    clock.advance(200ms);  // 8000 planes are due: 7600 skipped, 400 given
    Seen seen;
    SpikeBlock block(shape, 400);
    while (*source.read(block, 0ms) == ReadOutcome::Planes)
        seen.take(block);
    REQUIRE(seen.planes.size() == 400);
    REQUIRE(seen.planes.front() == 7600);
    REQUIRE(seen.ledger.read().of(DropReason::Skipped) == 7600 - 57);
    REQUIRE(seen.ledger.read().of(DropReason::Link) == 50);
    REQUIRE(seen.ledger.read().of(DropReason::Ring) == 7);
    REQUIRE(seen.gapFirst == std::vector<std::uint64_t>{0, 2000, 2050, 6050, 6057});
    REQUIRE(seen.ledger.read().balanced());
}

TEST_CASE("a seek reads the preroll and the target of the right planes") {
    const test::TemporaryFolder folder;
    const auto path = folder / "seek.dat";
    writeRecording(path, 3000);
    ManualClock clock;
    ReplaySettings settings = settingsFor(path, 1);
    settings.play.paused = true;
    ReplaySource source(settings, clock);
    REQUIRE(source.open());
    Playback *playback = source.playback();
    REQUIRE(playback != nullptr);
    SpikeBlock block(shape, 400);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Idle);
    playback->setPreroll(41);
    playback->seek(1500);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
    REQUIRE(block.epoch() == 1);
    Seen seen;
    seen.take(block);
    REQUIRE(seen.planes.size() == 41);
    REQUIRE(seen.planes.back() == 1499);
    playback->step(1);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
    REQUIRE(block.planeCount() == 1);
    REQUIRE(block.firstPlane() == 1500);
    REQUIRE(playback->status().position == 1501);
}

TEST_CASE("a command ends a read that waits") {
    const test::TemporaryFolder folder;
    const auto path = folder / "wait.dat";
    writeRecording(path, 3000);
    ManualClock clock;  // never moves
    ReplaySettings settings = settingsFor(path, 1);
    settings.play.paused = true;
    ReplaySource source(settings, clock);
    REQUIRE(source.open());
    SpikeBlock block(shape, 400);
    std::thread person([&] { source.playback()->step(2); });
    REQUIRE(*source.read(block, 1h) == ReadOutcome::Planes);
    REQUIRE(block.planeCount() == 2);
    person.join();
    std::thread other([&] { source.interrupt(); });
    REQUIRE(*source.read(block, 1h) == ReadOutcome::Idle);
    other.join();
}

TEST_CASE("drain ends at once, close and open start over") {
    const test::TemporaryFolder folder;
    const auto path = folder / "again.dat";
    writeRecording(path, 1000);
    ManualClock clock;
    ReplaySource source(settingsFor(path, 0), clock);
    SpikeBlock block(shape, 400);
    REQUIRE(source.open());
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
    REQUIRE(source.drain());
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::End);
    source.close();
    REQUIRE(source.open());
    Seen seen;
    readAll(source, 400, seen);
    REQUIRE(seen.planes.size() == 1000);
}

TEST_CASE("B6: every call in every state of a file is answered as the state machine says") {
    const test::TemporaryFolder folder;
    const auto path = folder / "states.dat";
    writeRecording(path, 100);
    ManualClock clock;
    ReplaySource source(settingsFor(path, 0), clock);
    SpikeBlock block(shape, 400);
    const auto wrong = [](const auto &result) {
        return !result && result.error().code == ErrorCode::WrongState;
    };
    REQUIRE(wrong(source.read(block, 0ms)));
    REQUIRE(wrong(source.drain()));
    source.close();
    REQUIRE(source.state() == SourceState::Closed);
    REQUIRE(source.open());
    REQUIRE(source.state() == SourceState::Streaming);
    REQUIRE(wrong(source.open()));
    REQUIRE(source.drain());
    REQUIRE(source.state() == SourceState::Draining);
    REQUIRE(wrong(source.open()));
    REQUIRE(wrong(source.drain()));
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::End);
    source.close();
    source.close();
    REQUIRE(source.state() == SourceState::Closed);
}

TEST_CASE("files that are not there or do not fit fail at open") {
    const test::TemporaryFolder folder;
    ManualClock clock;
    ReplaySource missing(settingsFor(folder / "missing.dat", 1), clock);
    REQUIRE(missing.open().error().code == ErrorCode::NoDevice);
    REQUIRE(missing.state() == SourceState::Closed);
    const auto path = folder / "range.dat";
    writeRecording(path, 100);
    ReplaySettings settings = settingsFor(path, 1);
    settings.play.rangeBegin = 50;
    settings.play.rangeEnd = 200;
    ReplaySource outside(settings, clock);
    const auto info = outside.open();
    REQUIRE(info.error().code == ErrorCode::InvalidArgument);
    REQUIRE(info.error().message.find("range.dat") != std::string::npos);
}

TEST_CASE("a file that shrinks while it plays ends the source behind its last whole plane") {
    const test::TemporaryFolder folder;
    const auto path = folder / "shrink.dat";
    writeRecording(path, 5000);
    ManualClock clock;
    ReplaySource source(settingsFor(path, 0), clock);
    REQUIRE(source.open());
    SpikeBlock block(shape, 400);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
    // In the middle of the block after the next one, and of a plane.
    std::filesystem::resize_file(path, (950 * shape.pixels() + shape.pixels() / 2) / 8);
    std::uint64_t planes = block.planeCount();
    auto outcome = source.read(block, 0ms);
    for (; outcome && *outcome == ReadOutcome::Planes; outcome = source.read(block, 0ms))
        planes += block.planeCount();
    REQUIRE_FALSE(outcome);
    REQUIRE(planes == 950);
    REQUIRE(source.state() == SourceState::Draining);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::End);
}

TEST_CASE("B5: 200 rounds of start and stop of a file lose no byte") {
    const test::TemporaryFolder folder;
    const auto path = folder / "rounds.dat";
    writeRecording(path, 450);
    ManualClock clock;
    ReplaySource source(settingsFor(path, 0), clock);
    SpikeBlock block(shape, 100);
    std::uint64_t first = 0;
    for (int round = 0; round < 200; ++round) {
        REQUIRE(source.open());
        if (round % 3 == 1) {  // stop in the middle
            REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
        } else {
            Seen seen;
            readAll(source, 100, seen);
            REQUIRE(seen.planes.size() == 450);
            first = round == 0 ? seen.hash : first;
            REQUIRE(seen.hash == first);
        }
        source.close();
    }
    std::cout << "B5: file opened and closed 200 times, its 450 planes equal each time\n";
}
