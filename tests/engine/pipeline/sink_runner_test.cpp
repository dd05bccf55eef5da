// SPDX-License-Identifier: Apache-2.0
// One output behind its queue: order, counts, failure, a hang.
#include "engine/pipeline/sink_runner.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

using namespace fovea;
using namespace std::chrono_literals;

using Runner = SinkRunner<int>;

namespace {

const SinkStatus about{1, "out", true, 0, 0, 0, 0, {}, false};

std::chrono::nanoseconds longTime() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(10s * test::slowness());
}

}  // namespace

TEST_CASE("a lossless output gets everything in order and finishes once") {
    std::vector<int> got;
    int finished = 0;
    Runner runner(about, 2, true,
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
    runner.close();
    REQUIRE(runner.finished(longTime()));
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
    Runner runner(about, 2, false,
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
    runner.close();
    REQUIRE(runner.finished(longTime()));
    const SinkStatus status = runner.status();
    CHECK(status.offered == 350);
    CHECK(status.written + status.dropped == 350);
    CHECK(status.written > 0);
}

TEST_CASE("what comes after an output was let go is no loss") {
    Runner runner(about, 4, true,
                  {[](const int &) { return Result<void>{}; }, [] { return Result<void>{}; }});
    runner.offer(1, 7);
    runner.dismiss();
    runner.offer(2, 7);
    REQUIRE(runner.finished(longTime()));
    CHECK(runner.status().offered == 7);
    CHECK(runner.status().written == 7);
    CHECK(runner.status().dropped == 0);
}

TEST_CASE("after an error nothing more is written and the reason stays") {
    int written = 0;
    Runner runner(about, 100, true,
                  {[&](const int &item) -> Result<void> {
                       if (item == 3)
                           return fail(ErrorCode::Io, "disk full");
                       ++written;
                       return {};
                   },
                   []() -> Result<void> { return fail(ErrorCode::Io, "second reason"); }});
    for (int i = 0; i < 10; ++i)
        runner.offer(i, 1);
    runner.close();
    REQUIRE(runner.finished(longTime()));
    CHECK(written == 3);
    CHECK(runner.status().error == "disk full");
    CHECK(runner.status().written == 3);
    CHECK(runner.status().dropped == 7);
}

TEST_CASE("an output that hangs is left alone after the limit") {
    const auto release = std::make_shared<std::atomic<bool>>(false);
    Runner runner(about, 1, false,
                  {[release](const int &) -> Result<void> {
                       while (!*release)
                           std::this_thread::sleep_for(1ms);
                       return {};
                   },
                   [] { return Result<void>{}; }});
    runner.offer(1, 1);
    runner.close();
    CHECK_FALSE(runner.finished(50ms));
    CHECK_FALSE(runner.status().finished);
    *release = true;
    CHECK(runner.finished(longTime()));
}

TEST_CASE("what an output throws is its error") {
    Runner runner(about, 10, true,
                  {[](const int &) -> Result<void> { throw std::runtime_error("broken"); },
                   []() -> Result<void> { throw std::bad_alloc(); }});
    runner.offer(1, 7);
    runner.close();
    REQUIRE(runner.finished(longTime()));
    CHECK(runner.status().error.find("broken") != std::string::npos);
    CHECK(runner.status().dropped == 7);
}

TEST_CASE("an output that is waited for can be told to wait no longer") {
    std::atomic<bool> go{false};
    Runner runner(about, 1, true,
                  {[&](const int &) -> Result<void> {
                       while (!go)
                           std::this_thread::sleep_for(1ms);
                       return {};
                   },
                   [] { return Result<void>{}; }});
    std::thread producer([&] {
        for (int i = 0; i < 10; ++i)
            runner.offer(i, 1);
    });
    std::this_thread::sleep_for(20ms);
    runner.neverWait();
    producer.join();
    go = true;
    runner.close();
    REQUIRE(runner.finished(longTime()));
    CHECK(runner.status().written == 2);
    CHECK(runner.status().dropped == 8);
}
