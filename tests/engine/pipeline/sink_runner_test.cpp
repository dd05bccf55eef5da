// SPDX-License-Identifier: Apache-2.0
// One output behind its queue: order, counts, failure, a hang.
#include "engine/pipeline/sink_runner.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace fovea;
using namespace std::chrono_literals;

using Runner = SinkRunner<int>;

namespace {

std::chrono::nanoseconds longTime() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(10s * test::slowness());
}

}  // namespace

TEST_CASE("a lossless output gets everything in order and finishes once") {
    std::vector<int> got;
    int finished = 0;
    Runner runner("out", true, 2, true,
                  {[&](const int &item) -> Result<void> {
                       got.push_back(item);
                       return {};
                   },
                   [&]() -> Result<void> {
                       ++finished;
                       return {};
                   }});
    for (int i = 0; i < 1000; ++i)
        runner.offer(i, 3);
    REQUIRE(runner.finish(longTime()));
    REQUIRE(runner.finish(longTime()));
    REQUIRE(got.size() == 1000);
    CHECK(std::is_sorted(got.begin(), got.end()));
    CHECK(finished == 1);
    const SinkStatus status = runner.status();
    CHECK(status.offered == 3000);
    CHECK(status.written == 3000);
    CHECK(status.dropped == 0);
    CHECK(status.waiting == 0);
    CHECK(status.finished);
    runner.offer(1, 5);
    CHECK(runner.status().dropped == 5);
}

TEST_CASE("a full lossy queue drops the newest and counts what the item stands for") {
    std::atomic<bool> go{false};
    Runner runner("out", false, 2, false,
                  {[&](const int &) -> Result<void> {
                       while (!go)
                           std::this_thread::sleep_for(1ms);
                       return {};
                   },
                   [] { return Result<void>{}; }});
    for (int i = 0; i < 50; ++i)
        runner.offer(i, 7);
    CHECK(runner.status().dropped >= 47 * 7);
    go = true;
    REQUIRE(runner.finish(longTime()));
    const SinkStatus status = runner.status();
    CHECK(status.offered == 350);
    CHECK(status.written + status.dropped == 350);
    CHECK(status.written > 0);
}

TEST_CASE("after an error nothing more is written and the reason stays") {
    int written = 0;
    Runner runner("out", false, 100, true,
                  {[&](const int &item) -> Result<void> {
                       if (item == 3)
                           return fail(ErrorCode::Io, "disk full");
                       ++written;
                       return {};
                   },
                   []() -> Result<void> { return fail(ErrorCode::Io, "second reason"); }});
    for (int i = 0; i < 10; ++i)
        runner.offer(i, 1);
    REQUIRE(runner.finish(longTime()));
    CHECK(written == 3);
    CHECK(runner.status().error == "disk full");
    CHECK(runner.status().written == 3);
    CHECK(runner.status().dropped == 7);
}

TEST_CASE("an output that hangs is left alone after the limit") {
    const auto release = std::make_shared<std::atomic<bool>>(false);
    Runner runner("out", false, 1, false,
                  {[release](const int &) -> Result<void> {
                       while (!*release)
                           std::this_thread::sleep_for(1ms);
                       return {};
                   },
                   [] { return Result<void>{}; }});
    runner.offer(1, 1);
    CHECK_FALSE(runner.finish(50ms));
    CHECK_FALSE(runner.status().finished);
    *release = true;
    CHECK(runner.finished(longTime()));
}
