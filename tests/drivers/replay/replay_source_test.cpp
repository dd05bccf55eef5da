// SPDX-License-Identifier: Apache-2.0
// A recording as a source: every plane and gap comes through, in every way of playing.
#include "drivers/replay/replay_source.h"
#include "engine/core/random.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <thread>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

constexpr PlaneShape shape{13, 7};

/// Plane number `plane` of the test recording: random bits.
std::vector<std::uint64_t> planeBits(std::uint64_t plane) {
    std::vector<std::uint64_t> words(shape.wordStride());
    for (std::size_t p = 0; p < shape.pixels(); ++p)
        if (randomAt(99, plane, p) % 3 == 0)
            setBit(words.data(), p);
    return words;
}

/// A raw recording of the planes [0, planes) except those of `gaps`, with its sidecar.
void writeRecording(const std::filesystem::path &path, std::uint64_t planes,
                    const std::vector<RecordingGap> &gaps = {}) {
    Descriptor descriptor;
    descriptor.shape = shape;
    descriptor.rateHz = 40000;
    descriptor.flip = false;
    descriptor.format = FileFormat::Raw;
    descriptor.gaps = gaps;
    std::map<std::uint64_t, std::uint64_t> lost;  // first -> planes
    std::uint64_t lostSoFar = 0;
    for (const RecordingGap &gap : gaps) {
        lost[gap.before + lostSoFar] = gap.planes;
        lostSoFar += gap.planes;
    }
    std::vector<std::vector<std::uint64_t>> stored;
    for (std::uint64_t plane = 0; plane < planes;) {
        if (lost.contains(plane))
            plane += lost[plane];
        else
            stored.push_back(planeBits(plane++));
    }
    descriptor.planes = stored.size();
    std::vector<unsigned char> bytes((stored.size() * shape.pixels() + 7) / 8);
    for (std::size_t i = 0; i < stored.size(); ++i)
        packPlane(stored[i].data(), false, shape, bytes.data(), i * shape.pixels());
    test::writeBytes(path, bytes);
    std::ofstream(sidecarPath(path)) << sidecarText(descriptor);
}

/// What a reader saw: bits of every plane are checked on the way.
struct Seen {
    std::vector<std::uint64_t> planes;
    std::vector<Gap> gaps;                ///< neighbours of one reason joined
    std::vector<std::uint64_t> gapFirst;  ///< number of the first lost plane
    PlaneLedger ledger;
    std::uint64_t hash = 0;

    void take(const SpikeBlock &block) {
        ledger.receive(block.spanned());
        ledger.deliver(block.planeCount());
        std::uint64_t number = block.firstPlane();
        std::size_t gap = 0;
        for (std::uint32_t i = 0; i <= block.planeCount(); ++i) {
            for (; gap < block.gaps().size() && block.gaps()[gap].beforeIndex == i; ++gap) {
                addGap(number, block.gaps()[gap]);
                number += block.gaps()[gap].planes;
            }
            if (i == block.planeCount())
                break;
            REQUIRE(block.planeNumber(i) == number);
            const auto expected = planeBits(number);
            const bool same = std::equal(expected.begin(), expected.end(), block.plane(i));
            REQUIRE(same);
            for (const std::uint64_t word : expected)
                hash = mixBits(hash ^ word);
            planes.push_back(number++);
        }
        REQUIRE(number == block.endPlane());
    }
    void addGap(std::uint64_t first, const Gap &gap) {
        ledger.drop(gap.reason, gap.planes);
        if (!gaps.empty() && gapFirst.back() + gaps.back().planes == first &&
            gaps.back().reason == gap.reason) {
            gaps.back().planes += gap.planes;
            return;
        }
        gaps.push_back({0, gap.reason, gap.planes});
        gapFirst.push_back(first);
    }
};

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

ReplaySettings settingsFor(const std::filesystem::path &path, double speed) {
    ReplaySettings settings;
    settings.path = path;
    settings.play.speed = speed;
    return settings;
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
    REQUIRE(source.fileInfo() == nullptr);
    REQUIRE(source.open());
    Seen seen;
    readAll(source, 400, seen);
    REQUIRE(seen.planes.size() == 1000);
}

TEST_CASE("every call in every state of a file is answered as the state machine says") {
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

TEST_CASE("a file that shrinks while it plays ends the source with an error") {
    const test::TemporaryFolder folder;
    const auto path = folder / "shrink.dat";
    writeRecording(path, 5000);
    ManualClock clock;
    ReplaySource source(settingsFor(path, 0), clock);
    REQUIRE(source.open());
    SpikeBlock block(shape, 400);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
    std::filesystem::resize_file(path, 1000);
    auto outcome = source.read(block, 0ms);
    while (outcome && *outcome == ReadOutcome::Planes)
        outcome = source.read(block, 0ms);
    REQUIRE_FALSE(outcome);
    REQUIRE(source.state() == SourceState::Draining);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::End);
}

TEST_CASE("200 rounds of start and stop lose no byte") {
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
}

namespace {

/// One thing that a person might do.
void act(Playback &playback, Random &random) {
    switch (random.below(9)) {
    case 0:
        playback.setPaused(random.below(2) == 0);
        break;
    case 1:
        (void)playback.setSpeed(random.uniform(0, 3));
        break;
    case 2:
        playback.seek(random.below(4000));
        break;
    case 3:
        playback.step(static_cast<std::int64_t>(random.below(200)) - 100);
        break;
    case 4:
        playback.setLoop(random.below(2) == 0);
        break;
    case 5:
        (void)playback.setRange(random.below(3000), random.below(4000));
        break;
    case 6:
        playback.setReverse(random.below(3) == 0);
        break;
    case 7:
        playback.setEveryPlane(random.below(2) == 0);
        break;
    default:
        playback.setPreroll(static_cast<std::uint32_t>(random.below(100)));
    }
}

/// Reads once: within an epoch planes follow each other without a hole.
struct OrderedReader {
    SpikeBlock block{shape, 100};
    Seen seen;
    std::uint32_t epoch = 0;
    std::uint64_t next = 0;

    void read(ReplaySource &source) {
        const auto outcome = source.read(block, 0ms);
        REQUIRE(outcome);
        REQUIRE(*outcome != ReadOutcome::End);
        if (*outcome != ReadOutcome::Planes)
            return;
        REQUIRE(block.epoch() >= epoch);
        if (block.epoch() == epoch)
            REQUIRE(block.firstPlane() == next);
        epoch = block.epoch();
        next = block.endPlane();
        REQUIRE(next <= 3000);
        seen.take(block);
    }
};

}  // namespace

TEST_CASE("random commands never break the order of planes") {
    const test::TemporaryFolder folder;
    const auto path = folder / "monkey.dat";
    writeRecording(path, 3000, {{1000, 20, DropReason::Link}});
    ManualClock clock;
    ReplaySettings settings = settingsFor(path, 1);
    settings.play.holdAtEnd = true;
    ReplaySource source(settings, clock);
    REQUIRE(source.open());
    Random random(5);
    OrderedReader reader;
    for (int i = 0; i < 5000; ++i) {
        act(*source.playback(), random);
        clock.advance(std::chrono::microseconds(random.below(3000)));
        for (std::uint64_t reads = random.below(3); reads > 0; --reads)
            reader.read(source);
    }
    REQUIRE(reader.seen.ledger.read().balanced());
    REQUIRE(reader.seen.planes.size() > 10000);
    REQUIRE(reader.epoch > 500);
}

TEST_CASE("commands may come from another thread at any moment") {
    const test::TemporaryFolder folder;
    const auto path = folder / "threads.dat";
    writeRecording(path, 3000);
    ManualClock clock;
    ReplaySettings settings = settingsFor(path, 1);
    settings.play.holdAtEnd = true;
    ReplaySource source(settings, clock);
    REQUIRE(source.open());
    std::atomic<bool> done{false};
    std::thread person([&] {
        Random random(6);
        while (!done) {
            act(*source.playback(), random);
            clock.advance(std::chrono::microseconds(random.below(3000)));
            std::this_thread::yield();
        }
    });
    OrderedReader reader;
    for (int i = 0; i < 2000; ++i)
        reader.read(source);
    done = true;
    person.join();
    REQUIRE(reader.seen.ledger.read().balanced());
}
