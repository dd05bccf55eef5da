// SPDX-License-Identifier: Apache-2.0
// The synthetic camera as a source: bytes, pace, loss, states, start and stop.
#include "drivers/synthetic/synthetic_source.h"
#include "engine/core/random.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <iostream>
#include <thread>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

SyntheticSettings film(PlaneShape shape, std::uint64_t planes) {
    SyntheticSettings settings;
    settings.shape = shape;
    settings.planes = planes;
    settings.paced = false;
    return settings;
}

/// All words of all planes until the end.
std::vector<std::uint64_t> wordsOf(const SyntheticSettings &settings, std::uint32_t capacity) {
    ManualClock clock;
    SyntheticSource source(settings, clock);
    REQUIRE(source.open());
    SpikeBlock block(settings.shape, capacity);
    std::vector<std::uint64_t> words;
    std::uint64_t next = settings.firstPlane;
    for (;;) {
        const auto outcome = source.read(block, 0ms);
        REQUIRE(outcome);
        if (*outcome == ReadOutcome::End)
            return words;
        REQUIRE(*outcome == ReadOutcome::Planes);
        REQUIRE(block.firstPlane() == next);
        REQUIRE(block.gaps().empty());
        next = block.endPlane();
        const std::size_t count = settings.shape.wordStride() * block.planeCount();
        words.insert(words.end(), block.plane(0), block.plane(0) + count);
    }
}

std::uint64_t hashOf(const std::vector<std::uint64_t> &words) {
    std::uint64_t hash = 0;
    for (const std::uint64_t word : words)
        hash = mixBits(hash ^ word);
    return hash;
}

SyntheticSettings camera() {
    SyntheticSettings settings;
    settings.shape = {20, 10};
    return settings;
}

}  // namespace

TEST_CASE("same seed, same bytes, whatever the block size; another seed, other bytes") {
    SyntheticSettings settings = film({400, 250}, 1000);
    settings.light = GENERATE(SceneLight::Constant, SceneLight::Fluorescent);
    const auto words = wordsOf(settings, 400);
    REQUIRE(words.size() == settings.shape.wordStride() * 1000);
    REQUIRE((wordsOf(settings, 1) == words));
    REQUIRE((wordsOf(settings, 7) == words));
    settings.seed = 2;
    REQUIRE((wordsOf(settings, 400) != words));
}

TEST_CASE("the fast camera gives the bytes of the scalar one, for any shape") {
    const auto [shape, planes] = GENERATE(table<PlaneShape, std::uint64_t>({{{1, 1}, 3000},
                                                                            {{1, 40}, 500},
                                                                            {{7, 3}, 1000},
                                                                            {{63, 5}, 500},
                                                                            {{65, 33}, 500},
                                                                            {{129, 127}, 200},
                                                                            {{400, 250}, 100}}));
    SyntheticSettings settings = film(shape, planes);
    settings.objects = 6;
    settings.light = SceneLight::Fluorescent;
    settings.planeRateHz = GENERATE(1500.0, 40000.0);
    settings.firstPlane = GENERATE(std::uint64_t{0}, (std::uint64_t{1} << 63) - 100);
    settings.deadShare = settings.hotShare = 0.02;
    const auto fast = wordsOf(settings, 9);
    settings.scalar = true;
    REQUIRE((wordsOf(settings, 50) == fast));
    // Bits beyond the last pixel stay zero.
    const std::size_t stride = shape.wordStride();
    std::size_t spilled = 0;
    for (std::size_t plane = 0; plane < planes; ++plane)
        for (std::size_t bit = shape.pixels(); bit < stride * 64; ++bit)
            spilled += testBit(fast.data() + plane * stride, bit) ? 1U : 0U;
    REQUIRE(spilled == 0);
}

TEST_CASE("the bytes are the same on every machine") {
    SyntheticSettings settings = film({123, 45}, 300);
    settings.objects = 5;
    settings.light = SceneLight::Fluorescent;
    REQUIRE(hashOf(wordsOf(settings, 400)) == 0x8C29D80710D1D7DEULL);
}

TEST_CASE("a live camera gives exactly the planes that are due") {
    ManualClock clock;
    SyntheticSource source(camera(), clock);
    const auto info = source.open();
    REQUIRE(info);
    REQUIRE(info->live);
    REQUIRE(info->planeRateHz == 40000);
    REQUIRE_FALSE(info->planes);
    const auto start = clock.now();
    SpikeBlock block(camera().shape, 1000);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Idle);
    clock.advance(24us);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Idle);
    clock.advance(1us);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
    REQUIRE(block.planeCount() == 1);
    REQUIRE(block.firstPlane() == 0);
    REQUIRE(block.captureTime() == start + 25us);
    clock.advance(9975us);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
    REQUIRE(block.firstPlane() == 1);
    REQUIRE(block.planeCount() == 399);
    REQUIRE(block.captureTime() == start + 10ms);
    clock.advance(100ms);  // ten blocks of 10 ms wait for the reader
    for (int i = 0; i < 10; ++i) {
        REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
        REQUIRE(block.planeCount() == 400);
        REQUIRE(block.gaps().empty());
    }
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Idle);
    REQUIRE(source.playback() == nullptr);
}

TEST_CASE("a slow camera gives single planes") {
    ManualClock clock;
    SyntheticSettings settings = camera();
    settings.planeRateHz = 1;
    SyntheticSource source(settings, clock);
    REQUIRE(source.open());
    SpikeBlock block(settings.shape, 400);
    for (std::uint64_t plane = 0; plane < 5; ++plane) {
        REQUIRE(*source.read(block, 0ms) == ReadOutcome::Idle);
        clock.advance(1s);
        REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
        REQUIRE(block.planeCount() == 1);
        REQUIRE(block.firstPlane() == plane);
    }
}

TEST_CASE("planes that a late reader loses are a gap of exact place and length") {
    const std::uint64_t lost = GENERATE(1U, 7U, 1000U, 40000U);
    ManualClock clock;
    SyntheticSource source(camera(), clock);
    REQUIRE(source.open());
    SpikeBlock block(camera().shape, 400);
    PlaneLedger ledger;
    const auto readAll = [&] {
        while (*source.read(block, 0ms) == ReadOutcome::Planes) {
            ledger.receive(block.spanned());
            ledger.deliver(block.planeCount());
            for (const Gap &gap : block.gaps())
                ledger.drop(gap.reason, gap.planes);
        }
    };
    clock.advance(10ms);
    readAll();
    clock.advance(200ms + lost * 25us);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
    REQUIRE(block.firstPlane() == 400);
    REQUIRE(block.gaps().size() == 1);
    REQUIRE(block.gaps()[0] == Gap{0, DropReason::Buffer, lost});
    REQUIRE(block.planeNumber(0) == 400 + lost);
    ledger.receive(block.spanned());
    ledger.deliver(block.planeCount());
    ledger.drop(DropReason::Buffer, lost);
    readAll();
    REQUIRE(block.endPlane() == 400 + lost + 8000);
    const PlaneCounts counts = ledger.read();
    REQUIRE(counts.balanced());
    REQUIRE(counts.received == 8400 + lost);
    REQUIRE(counts.delivered == 8400);
    REQUIRE(counts.of(DropReason::Buffer) == lost);
}

TEST_CASE("a live camera with a length ends, also when its last planes are lost") {
    ManualClock clock;
    SyntheticSettings settings = camera();
    settings.limitSeconds(0.25);
    SyntheticSource source(settings, clock);
    REQUIRE(source.open()->planes == 10000U);
    SpikeBlock block(settings.shape, 400);
    clock.advance(10s);
    std::uint64_t given = 0, lost = 0;
    for (;;) {
        const auto outcome = source.read(block, 0ms);
        if (*outcome == ReadOutcome::End)
            break;
        given += block.planeCount();
        lost += block.spanned() - block.planeCount();
    }
    REQUIRE(given == 8000);
    REQUIRE(lost == 2000);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::End);
}

TEST_CASE("drain gives what is due and then the end") {
    ManualClock clock;
    SyntheticSource source(camera(), clock);
    REQUIRE(source.open());
    clock.advance(1ms);
    REQUIRE(source.drain());
    clock.advance(1s);
    SpikeBlock block(camera().shape, 400);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
    REQUIRE(block.planeCount() == 40);
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::End);
}

TEST_CASE("interrupt ends a waiting read, and one that is about to wait") {
    ManualClock clock;
    SyntheticSource source(camera(), clock);
    REQUIRE(source.open());
    SpikeBlock block(camera().shape, 400);
    source.interrupt();
    REQUIRE(*source.read(block, 1h) == ReadOutcome::Idle);
    for (int round = 0; round < 50; ++round) {
        std::thread other([&] { source.interrupt(); });
        REQUIRE(*source.read(block, 1h) == ReadOutcome::Idle);
        other.join();
    }
}

TEST_CASE("B6: every call in every state is answered as the state machine says") {
    ManualClock clock;
    SyntheticSource source(camera(), clock);
    SpikeBlock block(camera().shape, 400);
    const auto wrong = [](const auto &result) {
        return !result && result.error().code == ErrorCode::WrongState;
    };
    // Closed
    REQUIRE(source.state() == SourceState::Closed);
    REQUIRE(wrong(source.read(block, 0ms)));
    REQUIRE(wrong(source.drain()));
    source.close();
    REQUIRE(source.state() == SourceState::Closed);
    // Streaming
    REQUIRE(source.open());
    REQUIRE(source.state() == SourceState::Streaming);
    REQUIRE(wrong(source.open()));
    REQUIRE(source.read(block, 0ms));
    REQUIRE(source.drain());
    // Draining
    REQUIRE(source.state() == SourceState::Draining);
    REQUIRE(wrong(source.open()));
    REQUIRE(wrong(source.drain()));
    REQUIRE(*source.read(block, 0ms) == ReadOutcome::End);
    REQUIRE(source.state() == SourceState::Draining);
    source.close();
    REQUIRE(source.state() == SourceState::Closed);
    REQUIRE(source.open());
    source.close();
}

TEST_CASE("bad settings fail at open and leave the source closed") {
    ManualClock clock;
    SyntheticSettings settings = camera();
    settings.planeRateHz = 0;
    SyntheticSource source(settings, clock);
    REQUIRE(source.truth() == nullptr);
    const auto info = source.open();
    REQUIRE(info.error().code == ErrorCode::InvalidArgument);
    REQUIRE(info.error().message.find("planeRateHz") != std::string::npos);
    REQUIRE(source.state() == SourceState::Closed);
}

TEST_CASE("a block of another shape is refused") {
    ManualClock clock;
    SyntheticSource source(camera(), clock);
    REQUIRE(source.open());
    SpikeBlock block({10, 20}, 400);
    REQUIRE(source.read(block, 0ms).error().code == ErrorCode::InvalidArgument);
}

TEST_CASE("B5: 1000 rounds of start and stop give the same bytes each time") {
    ManualClock clock;
    SyntheticSettings settings = camera();
    SyntheticSource source(settings, clock);
    SpikeBlock block(settings.shape, 40);
    std::uint64_t first = 0;
    for (int round = 0; round < 1000; ++round) {
        REQUIRE(source.open());
        clock.advance(1ms);
        REQUIRE(*source.read(block, 0ms) == ReadOutcome::Planes);
        REQUIRE(block.firstPlane() == 0);
        REQUIRE(block.planeCount() == 40);
        const std::uint64_t hash =
            hashOf({block.plane(0), block.plane(0) + 40 * settings.shape.wordStride()});
        if (round == 0)
            first = hash;
        REQUIRE(hash == first);
        if (round % 2 == 0)
            REQUIRE(source.drain());
        source.close();
    }
    std::cout << "B5: synthetic camera opened and closed 1000 times, 40 equal planes each time\n";
}

TEST_CASE("the truth can be asked from another thread while the source is read") {
    ManualClock clock;
    SyntheticSource source(film({64, 48}, 4000), clock);
    REQUIRE(source.open());
    std::thread asker([&] {
        for (std::uint64_t plane = 0; plane < 200; ++plane) {
            (void)source.truth()->objectsAt(plane);
            (void)source.truth()->pictureAt(plane);
        }
    });
    SpikeBlock block({64, 48}, 100);
    std::uint64_t planes = 0;
    while (*source.read(block, 0ms) == ReadOutcome::Planes)
        planes += block.planeCount();
    asker.join();
    REQUIRE(planes == 4000);
}
