// SPDX-License-Identifier: Apache-2.0
// Waiting on the machine's clock and on one that moves by hand.
#include "engine/core/clock.h"

#include "tests/support/files.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

std::chrono::nanoseconds waitLimit() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(20s * test::slowness());
}

}  // namespace

TEST_CASE("the steady clock runs and waits no shorter than asked", "[core]") {
    SteadyClock clock;
    const auto before = clock.now();
    clock.waitUntil(before + 5ms);
    CHECK(clock.now() >= before + 5ms);
    clock.waitUntil(before);  // in the past: no wait, no hang
}

TEST_CASE("wake ends a long wait on the steady clock", "[core]") {
    SteadyClock clock;
    std::atomic<bool> done{false};
    const auto limit = clock.now() + waitLimit();
    std::thread waiter([&] {
        clock.waitUntil(limit);
        done = true;
    });
    while (!done && std::chrono::steady_clock::now() < limit) {
        clock.wake();  // repeated: the waiter may not have begun to wait yet
        std::this_thread::sleep_for(1ms);
    }
    waiter.join();
    CHECK(std::chrono::steady_clock::now() < limit);
}

TEST_CASE("the manual clock stands still until it is moved", "[core]") {
    ManualClock clock;
    const auto start = clock.now();
    std::this_thread::sleep_for(2ms);
    CHECK(clock.now() == start);
    clock.advance(3s);
    CHECK(clock.now() == start + 3s);
    clock.waitUntil(start + 3s);  // reached: returns at once
    clock.waitUntil(start);
}

TEST_CASE("a wait on the manual clock ends when time has moved far enough, not before", "[core]") {
    ManualClock clock;
    const auto start = clock.now();
    std::atomic<bool> done{false};
    std::thread waiter([&] {
        clock.waitUntil(start + 10s);
        done = true;
    });
    for (int i = 0; i < 9; ++i) {
        clock.advance(1s);
        std::this_thread::sleep_for(1ms);
        CHECK_FALSE(done);
    }
    clock.advance(1s);
    waiter.join();
    CHECK(done);
    CHECK(clock.now() == start + 10s);
}

TEST_CASE("wake ends every wait on the manual clock", "[core]") {
    ManualClock clock;
    const auto start = clock.now();
    std::atomic<int> done{0};
    const auto wait = [&] {
        clock.waitUntil(start + 1h);
        ++done;
    };
    std::thread first(wait);
    std::thread second(wait);
    while (done < 2) {
        clock.wake();
        std::this_thread::sleep_for(1ms);
    }
    first.join();
    second.join();
    CHECK(clock.now() == start);
}

TEMPLATE_TEST_CASE("a wake-up between looking and waiting is not lost", "[core]", SteadyClock,
                   ManualClock) {
    TestType clock;
    const auto seen = clock.wakes();
    clock.wake();
    CHECK(clock.wakes() == seen + 1);
    const auto before = std::chrono::steady_clock::now();
    clock.waitUntil(clock.now() + waitLimit(), seen);
    CHECK(std::chrono::steady_clock::now() - before < waitLimit());
}
