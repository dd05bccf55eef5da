// SPDX-License-Identifier: Apache-2.0
// Signals as requests.
#include "app/interrupts.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <poll.h>
#include <unistd.h>

using namespace fovea;
using std::chrono::milliseconds;

TEST_CASE("the first signal is remembered and wakes whoever waits", "[app]") {
    const Interrupts interrupts;
    CHECK_FALSE(interrupts.requested());
    CHECK_FALSE(interrupts.wait(milliseconds{1}));
    REQUIRE(raise(SIGTERM) == 0);
    CHECK(interrupts.requested());
    CHECK(interrupts.signal() == SIGTERM);
    CHECK(interrupts.wait(milliseconds{60000}));
    pollfd entry{interrupts.descriptor(), POLLIN, 0};
    CHECK(poll(&entry, 1, 0) == 1);
}

TEST_CASE("a later owner starts anew, and a broken pipe is an error instead of a signal", "[app]") {
    { const Interrupts before; }
    const Interrupts interrupts;
    CHECK_FALSE(interrupts.requested());
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    close(ends[0]);
    CHECK(write(ends[1], "x", 1) == -1);
    close(ends[1]);
}
