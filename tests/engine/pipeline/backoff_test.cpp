// SPDX-License-Identifier: Apache-2.0
// B3: the times between attempts grow to one second, and no two programs ask in step.
#include "engine/pipeline/backoff.h"

#include <catch2/catch.hpp>

#include <iostream>
#include <set>

using namespace fovea;
using namespace std::chrono_literals;

TEST_CASE("B3: attempts are 0.25, 0.5, then 1 s apart, each up to a fifth less by chance") {
    constexpr Backoff::Milliseconds longest[] = {250ms, 500ms, 1000ms, 1000ms, 1000ms, 1000ms};
    std::set<std::int64_t> seconds;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Backoff backoff(seed);
        Backoff again(seed);
        for (const Backoff::Milliseconds most : longest) {
            const Backoff::Milliseconds wait = backoff.next();
            REQUIRE(wait <= most);
            REQUIRE(wait >= most * 4 / 5);
            REQUIRE(again.next() == wait);
            if (most == 500ms)
                seconds.insert(wait.count());
        }
    }
    std::cout << "B3: 200 programs wait " << seconds.size() << " different times, "
              << *seconds.begin() << " to " << *seconds.rbegin() << " ms, for their second try\n";
    REQUIRE(seconds.size() > 50);
}
