// SPDX-License-Identifier: Apache-2.0
// Signals as requests.
#include "app/interrupts.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <poll.h>
#include <sys/wait.h>
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

TEST_CASE("a second signal ends the process, but not one that is sent twice at once", "[app]") {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const Interrupts interrupts;
        raise(SIGTERM);
        raise(SIGTERM);
        usleep(150000);
        raise(SIGTERM);
        _exit(1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
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
