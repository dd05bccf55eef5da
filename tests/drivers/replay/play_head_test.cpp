// SPDX-License-Identifier: Apache-2.0
// Pace, jumps, steps, loop, range and reverse, by a clock that the test moves.
#include "drivers/replay/play_head.h"
#include "engine/core/speed_ladder.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t length = 100000;

/// A play head on a recording of `length` planes at 40 kHz, and what a reader does with it.
struct Player {
    explicit Player(const PlaySettings &settings = {}) : head(settings, clock) {
        REQUIRE(head.load(length, 40000));
    }
    /// The next task, done at once.
    PlayHead::Task play(std::uint32_t capacity = 1000, bool rush = false) {
        const PlayHead::Task task = head.next(capacity, rush);
        if (task.kind == PlayHead::Kind::Skip)
            head.done(task, task.from + task.planes);
        if (task.kind == PlayHead::Kind::Read)
            head.done(task, task.from + std::min<std::uint64_t>(task.planes, capacity));
        return task;
    }
    /// Planes read until it waits or ends; nothing may be skipped.
    std::uint64_t playAll() {
        std::uint64_t planes = 0;
        for (PlayHead::Task task = play(1000, true); task.kind == PlayHead::Kind::Read;
             task = play(1000, true))
            planes += std::min<std::uint64_t>(task.planes, 1000);
        return planes;
    }
    ManualClock clock;
    PlayHead head;
};

bool is(const PlayHead::Task &task, PlayHead::Kind kind, std::uint64_t from, std::uint64_t planes) {
    return task.kind == kind && task.from == from && task.planes == planes;
}
bool reads(const PlayHead::Task &task, std::uint64_t from, std::uint64_t planes) {
    return is(task, PlayHead::Kind::Read, from, planes);
}
bool waits(const PlayHead::Task &task) {
    return task.kind == PlayHead::Kind::Wait;
}

}  // namespace

TEST_CASE("at any speed exactly the planes that are due are given") {
    const auto [speed, wait, planes] =
        GENERATE(table<double, std::chrono::nanoseconds, int>({{1, 10ms, 400},
                                                               {2, 10ms, 800},
                                                               {0.5, 10ms, 200},
                                                               {0.1, 10ms, 40},
                                                               {0.01, 10ms, 4},
                                                               {0.001, 25ms, 1},
                                                               {0.0015, 50ms, 3},
                                                               {0.02, 100ms, 80},
                                                               {1, 25us, 1},
                                                               {1, 24us, 0}}));
    PlaySettings settings;
    settings.speed = speed;
    Player player(settings);
    player.clock.advance(wait);
    REQUIRE(player.playAll() == static_cast<std::uint64_t>(planes));
    REQUIRE(player.head.status().position == static_cast<std::uint64_t>(planes));
}

TEST_CASE("pace holds over many uneven reads") {
    Player player;
    std::uint64_t given = 0;
    for (int i = 1; i <= 400; ++i) {
        player.clock.advance(std::chrono::microseconds(i % 7 * 997));
        given += player.playAll();
    }
    const std::uint64_t expected = [] {
        std::uint64_t us = 0;
        for (std::uint64_t i = 1; i <= 400; ++i)
            us += i % 7 * 997;
        return us / 25;
    }();
    REQUIRE(given == expected);
}

TEST_CASE("a task covers at most 10 ms and says until when to wait") {
    Player player;
    PlayHead::Task task = player.play();
    REQUIRE(waits(task));
    REQUIRE(task.until == player.clock.now() + 10ms);
    player.clock.advance(9ms);
    REQUIRE(waits(player.play()));
    REQUIRE(reads(player.play(1000, true), 0, 360));  // in a rush: what is due
    player.clock.advance(50ms);
    REQUIRE(reads(player.play(), 360, 400));
    REQUIRE(player.head.setSpeed(0.001));
    task = player.play();
    REQUIRE(waits(task));
    REQUIRE(task.until == player.clock.now() + 25ms);  // one plane
}

TEST_CASE("at full speed a task is all that is left, of which the block takes its part") {
    PlaySettings settings;
    settings.speed = maxSpeed;
    Player player(settings);
    REQUIRE(reads(player.play(700), 0, length));
    REQUIRE(reads(player.play(700), 700, length - 700));
    std::uint64_t rest = player.playAll();
    REQUIRE(rest == length - 1400);
    REQUIRE(player.play().kind == PlayHead::Kind::End);
}

TEST_CASE("every plane: a late reader catches up 100 ms, the rest of its delay stays") {
    Player player;
    player.clock.advance(1s);
    REQUIRE(player.playAll() == 4000);  // 100 ms worth, nothing skipped
    REQUIRE(player.head.status().position == 4000);
    player.clock.advance(10ms);
    REQUIRE(player.playAll() == 400);
}

TEST_CASE("real time: a late reader loses what is in between, the rest keeps pace") {
    PlaySettings settings;
    settings.everyPlane = false;
    Player player(settings);
    player.clock.advance(20ms);  // late, but not yet too late
    REQUIRE(reads(player.play(), 0, 400));
    REQUIRE(reads(player.play(), 400, 400));
    player.clock.advance(1s);
    REQUIRE(is(player.play(), PlayHead::Kind::Skip, 800, 40000 - 400));
    REQUIRE(reads(player.play(), 40400, 400));
    REQUIRE(waits(player.play()));
    REQUIRE(player.head.status().position == 40800);  // 1.02 s
    player.clock.advance(1h);
    REQUIRE(is(player.play(), PlayHead::Kind::Skip, 40800, length - 40800));
    REQUIRE(player.play().kind == PlayHead::Kind::End);
}

TEST_CASE("pause holds the position and shifts the pace") {
    Player player;
    player.clock.advance(10ms);
    REQUIRE(player.playAll() == 400);
    player.head.setPaused(true);
    player.clock.advance(1h);
    REQUIRE(waits(player.play()));
    REQUIRE(player.head.status().paused);
    player.head.setPaused(false);
    REQUIRE(waits(player.play()));
    player.clock.advance(10ms);
    REQUIRE(player.playAll() == 400);
}

TEST_CASE("a seek gives its preroll at once, also while paused, in a new epoch") {
    Player player;
    player.head.setPreroll(500);
    player.head.setPaused(true);
    player.head.seek(20000);
    REQUIRE(player.head.status().position == 20000);
    PlayHead::Task task = player.play(400);
    REQUIRE(reads(task, 19500, 400));
    REQUIRE(task.epoch == 1);
    REQUIRE(reads(player.play(400), 19900, 100));
    REQUIRE(waits(player.play()));
    player.head.setPaused(false);
    player.clock.advance(10ms);
    task = player.play();
    REQUIRE(reads(task, 20000, 400));
    REQUIRE(task.epoch == 1);
}

TEST_CASE("seeks are clamped to the range and to the first plane") {
    Player player;
    player.head.setPreroll(500);
    player.head.seek(3);
    REQUIRE(reads(player.play(), 0, 3));
    player.head.seek(length * 2);
    REQUIRE(player.head.status().position == length);
    REQUIRE(player.head.setRange(1000, 2000));
    REQUIRE(player.head.status().position == 1000);  // was outside
    player.head.seek(5);
    REQUIRE(player.head.status().position == 1000);
    REQUIRE(reads(player.play(), 500, 500));  // preroll from before the mark
    player.head.seek(5000);
    REQUIRE(player.head.status().position == 2000);
}

TEST_CASE("a task that was overtaken by a seek does not move the position") {
    Player player;
    player.clock.advance(10ms);
    const PlayHead::Task task = player.head.next(1000, false);
    player.head.seek(5000);
    player.head.done(task, task.from + task.planes);
    REQUIRE(player.head.status().position == 5000);
}

TEST_CASE("steps show exactly that many planes more or fewer, and pause") {
    Player player;
    player.head.seek(1000);
    player.head.step(1);
    REQUIRE(player.head.status().paused);
    REQUIRE(reads(player.play(), 1000, 1));
    REQUIRE(waits(player.play()));
    player.head.step(3);
    player.head.step(4);
    REQUIRE(reads(player.play(5), 1001, 5));
    REQUIRE(reads(player.play(5), 1006, 2));
    REQUIRE(waits(player.play()));
    const std::uint32_t before = player.play().epoch;
    player.head.step(-1);  // without preroll: the plane before the position
    PlayHead::Task task = player.play();
    REQUIRE(reads(task, 1006, 1));
    REQUIRE(task.epoch == before + 1);
    REQUIRE(player.head.status().position == 1007);
    player.head.setPreroll(33);
    player.head.step(-7);
    REQUIRE(reads(player.play(), 967, 33));
    REQUIRE(player.head.status().position == 1000);
    player.head.step(-5000);
    REQUIRE(reads(player.play(), 0, 1));  // the first plane
    player.head.step(static_cast<std::int64_t>(length) * 2);
    std::uint64_t shown = 1;
    for (task = player.play(); task.kind == PlayHead::Kind::Read; task = player.play())
        shown += task.planes;
    REQUIRE(shown == length);
    REQUIRE(waits(task));
}

TEST_CASE("a loop begins again in a new epoch and keeps the pace") {
    PlaySettings settings;
    settings.loop = true;
    settings.rangeBegin = 1000;
    settings.rangeEnd = 1300;
    Player player(settings);
    player.clock.advance(10ms);  // 400 planes: 300 and 100 of the next round
    PlayHead::Task task = player.play(1000, true);
    REQUIRE(reads(task, 1000, 300));
    REQUIRE(task.epoch == 0);
    task = player.play(1000, true);
    REQUIRE(reads(task, 1000, 100));
    REQUIRE(task.epoch == 1);
    REQUIRE(waits(player.play(1000, true)));
}

TEST_CASE("the end is the end, until a seek or a loop plays on") {
    Player player;
    player.head.seek(length - 10);
    player.clock.advance(1s);
    REQUIRE(player.playAll() == 10);
    REQUIRE(player.play().kind == PlayHead::Kind::End);
    player.head.seek(length - 5);
    player.clock.advance(1s);
    REQUIRE(player.playAll() == 5);
    REQUIRE(player.play().kind == PlayHead::Kind::End);
    player.head.setLoop(true);
    REQUIRE(reads(player.play(), 0, 400));
}

TEST_CASE("held at the end it pauses there; playing starts over, a seek shows") {
    PlaySettings settings;
    settings.holdAtEnd = true;
    settings.rangeEnd = 400;
    Player player(settings);
    player.clock.advance(10ms);
    REQUIRE(player.playAll() == 400);
    REQUIRE(waits(player.play()));
    REQUIRE(player.head.status().paused);
    REQUIRE(player.head.status().position == 400);
    player.head.setPaused(false);
    player.clock.advance(10ms);
    PlayHead::Task task = player.play();
    REQUIRE(reads(task, 0, 400));
    REQUIRE(task.epoch == 1);
    REQUIRE(waits(player.play()));
    player.head.setPreroll(20);
    player.head.seek(100);
    REQUIRE(reads(player.play(), 80, 20));
    REQUIRE(waits(player.play()));
}

TEST_CASE("reverse seeks backward 60 times a second at the speed set") {
    Player player;
    player.head.setPreroll(33);
    player.head.seek(50000);
    REQUIRE(reads(player.play(), 49967, 33));
    player.head.setReverse(true);
    std::uint64_t position = 50000;
    for (int tick = 0; tick < 100; ++tick) {  // a second
        player.clock.advance(10ms);
        const PlayHead::Task task = player.play();
        if (waits(task))
            continue;
        position -= 666;  // 40000 / 60
        REQUIRE(reads(task, position - 33, 33));
    }
    REQUIRE(50000 - position == 60 * 666);
    REQUIRE(player.head.status().position == position);
    player.head.setReverse(false);
    player.clock.advance(10ms);
    REQUIRE(reads(player.play(), position, 400));
}

TEST_CASE("slow reverse goes plane by plane, and stops at the first one") {
    PlaySettings settings;
    settings.speed = 0.001;  // 40 planes a second
    Player player(settings);
    player.head.seek(3);
    player.head.setReverse(true);
    REQUIRE(waits(player.play()));
    player.clock.advance(25ms);
    REQUIRE(reads(player.play(), 1, 1));
    REQUIRE(waits(player.play()));
    player.clock.advance(25ms);
    REQUIRE(reads(player.play(), 0, 1));
    player.clock.advance(25ms);
    REQUIRE(waits(player.play()));
    REQUIRE(player.head.status().paused);
    REQUIRE_FALSE(player.head.status().reverse);
}

TEST_CASE("reverse in a loop goes on at the B mark") {
    PlaySettings settings;
    settings.loop = true;
    settings.rangeBegin = 100;
    settings.rangeEnd = 200;
    settings.speed = 0.001;
    Player player(settings);
    player.head.setReverse(true);
    player.clock.advance(25ms);
    const PlayHead::Task task = player.play();
    REQUIRE(reads(task, 198, 1));
    REQUIRE(player.head.status().position == 199);
}

TEST_CASE("bad speeds and ranges are refused and change nothing") {
    Player player;
    for (const double bad : {-1.0, 1e9, std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()}) {
        REQUIRE(player.head.setSpeed(bad).error().code == ErrorCode::InvalidArgument);
        REQUIRE(player.head.status().speed == 1);
    }
    REQUIRE_FALSE(player.head.setRange(5, 5));
    REQUIRE_FALSE(player.head.setRange(6, 5));
    REQUIRE_FALSE(player.head.setRange(0, length + 1));
    REQUIRE(player.head.status().rangeEnd == length);
    ManualClock clock;
    PlaySettings settings;
    settings.rangeBegin = 10;
    settings.rangeEnd = 20;
    PlayHead outside(settings, clock);
    REQUIRE(outside.load(15, 40000).error().code == ErrorCode::InvalidArgument);
    settings = {};
    settings.speed = -2;
    PlayHead backwards(settings, clock);
    REQUIRE(backwards.load(15, 40000).error().code == ErrorCode::InvalidArgument);
}

TEST_CASE("commands before anything is loaded do no harm") {
    ManualClock clock;
    PlayHead head({}, clock);
    head.seek(5);
    head.step(-1);
    head.setPaused(true);
    head.setPaused(false);
    REQUIRE_FALSE(head.setRange(0, 1));
    REQUIRE(head.load(10, 1000));
    REQUIRE(head.status().position == 0);
}
