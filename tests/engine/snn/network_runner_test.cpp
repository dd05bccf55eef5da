// SPDX-License-Identifier: Apache-2.0
// Decisions from windows: what goes in, what comes out, what is counted.
#include "engine/snn/network_runner.h"

#include "engine/core/random.h"
#include "tests/fakes/stream_models.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape shape{6, 4};

/// Taken planes for a runner.
struct Window {
    Window(const NetworkRunner &runner, PlaneShape camera, std::size_t count, const Fires &fires) {
        const auto plane = planeOf(camera, fires);
        words.resize(runner.fit().takenWords());
        runner.fit().take(plane.data(), words.data());
        planes.assign(count, words.data());
    }
    std::vector<std::uint64_t> words;
    std::vector<const std::uint64_t *> planes;
};

std::unique_ptr<NetworkRunner> runnerOf(const ModelUse &use, PlaneShape camera = shape) {
    auto runner = NetworkRunner::make(use, camera);
    INFO((runner ? std::string() : runner.error().message));
    REQUIRE(runner);
    return std::move(*runner);
}

const Fires left = [](std::uint32_t x, std::uint32_t) { return x < 3; };

}  // namespace

TEST_CASE("spikes go in and a class comes out, and what it took is counted", "[snn]") {
    auto runner = runnerOf(useOf(sidesNetwork(shape), {{"stream_steps", "4"}}));
    const Window window(*runner, shape, 4, left);
    REQUIRE(runner->decide(window.planes));
    CHECK(std::vector<float>(runner->outputs().begin(), runner->outputs().end()) ==
          std::vector<float>{1, 0});
    REQUIRE(runner->decide(window.planes));
    NetworkReport report;
    runner->fill(report);
    CHECK(report.decisions == 2);
    CHECK(report.steps == 4);
    CHECK(report.backend == "reference");
    CHECK(report.precision == "fp32");
    // What goes in counts as multiply-adds, spike or not: 24 pixels reach two neurons each.
    CHECK(report.synops == 4 * 24 * 2);
    CHECK(report.totalSynops == 2 * report.synops);
    CHECK(report.energyMicrojoules == Approx(4.6e-6 * 192));
    CHECK(report.seconds > 0);
    CHECK(report.totalSeconds >= report.seconds);
    const auto fire = std::find_if(report.layers.begin(), report.layers.end(),
                                   [](const LayerActivity &layer) { return layer.name == "fire"; });
    REQUIRE(fire != report.layers.end());
    CHECK(fire->fires);
    CHECK(fire->rate == Approx(0.5));
    CHECK(runner->decide(std::span(window.planes).first(3)).error().code ==
          ErrorCode::InvalidArgument);
}

TEST_CASE("packed planes and normalised values say the same", "[snn]") {
    // (x - 0) / 0.5 with half the spikes is what packed planes give.
    for (const char *mode : {"if", "srp", "cos"}) {
        ModelSettings settings;
        settings.mode = readInferenceMode(mode).value();
        settings.calibration = 2;
        settings.steps = 4;
        auto packed = runnerOf(useOf(sidesNetwork(shape), {}, settings));
        auto counted = runnerOf(useOf(sidesNetwork(shape), {{"stream_input", "counts"}}, settings));
        const Window window(*packed, shape, packed->plan().window,
                            [](std::uint32_t x, std::uint32_t y) { return x + y > 5; });
        REQUIRE(packed->decide(window.planes));
        REQUIRE(counted->decide(window.planes));
        CHECK(std::equal(packed->outputs().begin(), packed->outputs().end(),
                         counted->outputs().begin(), counted->outputs().end()));
    }
}

TEST_CASE("bins, mean and deviation make the input", "[snn]") {
    auto runner =
        runnerOf(useOf(pixelNetwork(shape, Fire::AtThreshold), {{"stream_input", "counts"},
                                                                {"stream_bin", "4"},
                                                                {"stream_steps", "2"},
                                                                {"stream_mean", "2"},
                                                                {"stream_deviation", "4"}}));
    REQUIRE(runner->plan().window == 8);
    const Window window(*runner, shape, 8, left);
    REQUIRE(runner->decide(window.planes));
    // (4 - 2) / 4 = 0.5 a step: one spike in two; (0 - 2) / 4 never.
    CHECK(runner->outputs()[0] == 0.5F);
    CHECK(runner->outputs()[5] == 0);
}

TEST_CASE("a picture is the mean of its planes in every step", "[snn]") {
    auto runner = runnerOf(
        useOf(pixelNetwork(shape),
              {{"stream_input", "picture"}, {"stream_window", "4"}, {"stream_steps", "8"}}));
    Window window(*runner, shape, 4, left);
    const std::vector<std::uint64_t> dark(window.words.size());
    window.planes[1] = window.planes[2] = dark.data();
    REQUIRE(runner->decide(window.planes));
    CHECK(runner->outputs()[0] == 0.5F);
    CHECK(runner->outputs()[4] == 0);
}

TEST_CASE("a window is the same in every step, calibrated or not", "[snn]") {
    for (const InferenceMode mode : {InferenceMode::If, InferenceMode::Srp, InferenceMode::Cos}) {
        ModelSettings settings;
        settings.mode = mode;
        auto runner = runnerOf(useOf(
            sidesNetwork(shape, 2), {{"stream_input", "window"}, {"stream_steps", "4"}}, settings));
        REQUIRE(runner->plan().window == 2);
        Window window(*runner, shape, 2, left);
        const std::vector<std::uint64_t> dark(window.words.size());
        window.planes[0] = dark.data();
        REQUIRE(runner->decide(window.planes));
        CHECK(std::vector<float>(runner->outputs().begin(), runner->outputs().end()) ==
              std::vector<float>{1, 0});
    }
}

TEST_CASE("tiles are samples of one batch", "[snn]") {
    ModelSettings settings;
    settings.fit = ModelFit::Tiles;
    const PlaneShape camera{12, 4};
    auto runner = runnerOf(useOf(sidesNetwork(shape), {{"stream_steps", "4"}}, settings), camera);
    const Window window(*runner, camera, 4,
                        [](std::uint32_t x, std::uint32_t) { return x < 3 || x >= 9; });
    REQUIRE(runner->decide(window.planes));
    CHECK(std::vector<float>(runner->outputs().begin(), runner->outputs().end()) ==
          std::vector<float>{1, 0, 0, 1});
}

TEST_CASE("a kept state goes on, and forgets when told", "[snn]") {
    auto runner = runnerOf(
        useOf(pixelNetwork(shape),
              {{"stream_input", "counts"}, {"stream_state", "kept"}, {"stream_deviation", "2"}}));
    const Window window(*runner, shape, 1, left);
    const auto next = [&] {
        REQUIRE(runner->advance(window.planes));
        runner->conclude();
        return runner->outputs()[0];
    };
    CHECK(next() == 0);
    CHECK(next() == 1);  // two halves
    CHECK(next() == 0);
    runner->reset();
    CHECK(next() == 0);
    CHECK(next() == 1);
    NetworkReport report;
    runner->fill(report);
    CHECK(report.decisions == 5);
    CHECK(report.steps == 1);
}

TEST_CASE("windows without bound are refused before they take memory", "[snn]") {
    ModelSettings settings;
    settings.steps = ModelSettings::maxSteps;
    const auto runner = NetworkRunner::make(useOf(pixelNetwork({4096, 2048}), {}, settings),
                                            PlaneShape{4096, 2048});
    REQUIRE_FALSE(runner);
    CHECK(runner.error().message.find("MiB") != std::string::npos);
}
