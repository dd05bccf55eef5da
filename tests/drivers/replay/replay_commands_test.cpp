// SPDX-License-Identifier: Apache-2.0
// Whatever a person does while a recording plays, planes come in order and all are counted.
#include "recordings.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;

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
