// SPDX-License-Identifier: Apache-2.0
// The lights before recording.
#include "engine/pipeline/preflight.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

PreflightInput camera() {
    PreflightInput input;
    input.shape = {400, 250};
    input.planeRateHz = 40000;  // 500 MB/s
    input.linkBytesPerSecond = 1e9;
    input.diskBytesPerSecond = 1e9;
    input.freeBytes = std::uint64_t{1} << 42;
    input.enginePlanesPerSecond = 100000;
    return input;
}

const Budget &budget(const Preflight &preflight, const std::string &name) {
    for (const Budget &one : preflight.budgets)
        if (one.name == name)
            return one;
    FAIL("no budget " << name);
    return preflight.budgets.front();
}

}  // namespace

TEST_CASE("S4: 500 MB/s on a disk of 300 MB/s is red before recording") {
    PreflightInput input = camera();
    CHECK(checkBudgets(input).light() == BudgetLight::Green);
    input.diskBytesPerSecond = 300e6;
    const Preflight result = checkBudgets(input);
    CHECK(result.light() == BudgetLight::Red);
    CHECK(budget(result, "disk").light == BudgetLight::Red);
    CHECK(budget(result, "disk").text == "needs 500 MB/s, the disk takes 300 MB/s");
    CHECK(budget(result, "link").light == BudgetLight::Green);
    CHECK(result.verdict().find("disk") != std::string::npos);
    input.packedShare = 0.4;
    CHECK(checkBudgets(input).light() == BudgetLight::Green);
}

TEST_CASE("a budget is amber when it is nearly used up or not known") {
    PreflightInput input = camera();
    input.diskBytesPerSecond = 550e6;
    CHECK(budget(checkBudgets(input), "disk").light == BudgetLight::Amber);
    input.diskBytesPerSecond.reset();
    CHECK(budget(checkBudgets(input), "disk").light == BudgetLight::Amber);
    CHECK(checkBudgets(input).verdict().find("disk") != std::string::npos);
    input = camera();
    input.linkBytesPerSecond = 360e6;
    input.link = "FT601";
    CHECK(budget(checkBudgets(input), "link").light == BudgetLight::Red);
    input.hasLink = false;
    CHECK(checkBudgets(input).light() == BudgetLight::Green);
    input.enginePlanesPerSecond = 30000;
    CHECK(budget(checkBudgets(input), "engine").light == BudgetLight::Red);
    input.live = false;
    CHECK(checkBudgets(input).light() == BudgetLight::Green);
}

TEST_CASE("a source that waits loses nothing, and the verdict says what it costs instead") {
    PreflightInput input = camera();
    input.live = false;
    CHECK(checkBudgets(input).verdict() == "this can be recorded without loss");
    input.diskBytesPerSecond = 250e6;
    const Preflight result = checkBudgets(input);
    CHECK(budget(result, "disk").light == BudgetLight::Green);
    CHECK(budget(result, "disk").text ==
          "needs 500 MB/s, the disk takes 250 MB/s: the source waits");
    CHECK(result.verdict() ==
          "this can be recorded without loss, but takes 2.0 times as long as it plays");
    input.seconds = 1e6;
    CHECK(checkBudgets(input).verdict() == "this cannot be recorded without loss: room");
}

TEST_CASE("room counts for the time that is asked") {
    PreflightInput input = camera();
    input.freeBytes = 100'000'000'000;  // 200 s
    CHECK(checkBudgets(input).light() == BudgetLight::Green);
    CHECK(budget(checkBudgets(input), "room").text == "100 GB are free, full in 0:03 h");
    input.seconds = 300;
    CHECK(budget(checkBudgets(input), "room").light == BudgetLight::Red);
    input.seconds = 0;
    input.freeBytes = 1'000'000'000;
    CHECK(budget(checkBudgets(input), "room").light == BudgetLight::Amber);
    CHECK(fullInText(1, 0).empty());
    CHECK(fullInText(1'000'000'000, 500e6) == "2 s");
    CHECK(fullInText(3600ULL * 500'000'000 * 2, 500e6) == "2:00 h");
    CHECK(fullInText(~0ULL, 1) == "more than 99 h");
}

TEST_CASE("the engine is measured with its own stages") {
    Config config;
    config.engine.threads = 1;
    config.engine.backend = BackendKind::Cpu;
    const auto speed = measureEngine(config, {40, 25}, 20000, 0.02);
    REQUIRE(speed);
    CHECK(*speed > 0);
    WARN("40x25 on this machine: " << *speed << " planes/s");
}
