// SPDX-License-Identifier: Apache-2.0
// The adaptive method against the truth, against TFP, and where planes are missing.
#include "engine/recon/adaptive_levels.h"

#include "tests/engine/recon/every_target.h"
#include "tests/engine/recon/random_planes.h"
#include "tests/engine/recon/test_scene.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

ReconSettings settingsOf(ReconMethod method, ReconMode mode = ReconMode::Centred) {
    ReconSettings settings;
    settings.method = method;
    settings.mode = mode;
    return settings;
}

std::vector<std::uint16_t> levelsOf(const ReconSettings &settings, PlanePointers planes,
                                    std::size_t key, PlaneShape shape) {
    std::vector<std::uint16_t> levels(shape.pixels(), 12345);
    makeLevelSource(settings, shape).value()->fill({planes, key, key}, levels);
    return levels;
}

}  // namespace

TEST_CASE("the adaptive picture is nearer to the truth than any window of TFP", "[recon]") {
    for (const double speed : {0.0, 0.1, 0.3}) {
        const test::MovingPattern scene{{128, 96}, speed, -0.6 * speed};
        const SpikeBlock block = scene.record(160, 3);
        const auto planes = test::pointers(block);
        double best = 1;
        ReconSettings tfp = settingsOf(ReconMethod::Tfp);
        for (tfp.window = 1; tfp.window < 140; tfp.window += 2)
            best = std::min(best, scene.error(levelsOf(tfp, planes, 80, scene.shape), 80));
        const double centred =
            scene.error(levelsOf(settingsOf(ReconMethod::Adaptive), planes, 80, scene.shape), 80);
        const double causal = scene.error(
            levelsOf(settingsOf(ReconMethod::Adaptive, ReconMode::Causal), planes, 80, scene.shape),
            80);
        CAPTURE(speed, best, centred, causal);
        CHECK(centred < (speed > 0 ? 0.8 : 0.9) * best);
        CHECK(causal < (speed > 0 ? 0.9 * best : 0.02));
    }
}

TEST_CASE("the causal mode does not look ahead", "[recon]") {
    const test::MovingPattern scene{{70, 66}, 0.2, 0.1};
    const SpikeBlock block = scene.record(140, 4);
    auto planes = test::pointers(block);
    const auto settings = settingsOf(ReconMethod::Adaptive, ReconMode::Causal);
    CHECK(reachOf(settings).after == 0);
    const auto whole = levelsOf(settings, planes, 100, scene.shape);
    CHECK(levelsOf(settings, std::span(planes).first(101), 100, scene.shape) == whole);
    std::fill(planes.begin() + 101, planes.end(), nullptr);
    CHECK(levelsOf(settings, planes, 100, scene.shape) == whole);
}

TEST_CASE("no more planes are looked at than the method says", "[recon]") {
    const test::MovingPattern scene{{70, 66}, 0.2, 0.1};
    const SpikeBlock block = scene.record(300, 5);
    const auto planes = test::pointers(block);
    for (const ReconMode mode : {ReconMode::Centred, ReconMode::Causal}) {
        const auto settings = settingsOf(ReconMethod::Adaptive, mode);
        const PlaneReach reach = reachOf(settings);
        const auto window =
            std::span(planes).subspan(150 - reach.before, reach.before + 1 + reach.after);
        CHECK(levelsOf(settings, window, reach.before, scene.shape) ==
              levelsOf(settings, planes, 150, scene.shape));
    }
}

TEST_CASE("lost planes are not bridged", "[recon]") {
    const test::MovingPattern scene{{70, 66}, 0.2, 0.1};
    const SpikeBlock block = scene.record(140, 6);
    const auto planes = test::pointers(block);
    const auto settings = settingsOf(ReconMethod::Adaptive);
    auto lost = planes;
    lost[60] = nullptr;
    lost[95] = nullptr;
    const auto between = std::span(planes).subspan(61, 34);
    CHECK(levelsOf(settings, lost, 80, scene.shape) ==
          levelsOf(settings, between, 80 - 61, scene.shape));
    lost.assign(planes.size(), nullptr);
    const auto black = levelsOf(settings, lost, 80, scene.shape);
    CHECK(std::count(black.begin(), black.end(), 0) == static_cast<long>(black.size()));
    // A lost shown plane is made from the run before it.
    lost = planes;
    lost[80] = nullptr;
    CHECK(scene.error(levelsOf(settings, lost, 80, scene.shape), 80) < 0.03);
}

TEST_CASE("any shape, any number of planes, any place", "[recon]") {
    for (const PlaneShape shape : test::oddShapes) {
        for (const std::uint32_t count : {1U, 2U, 3U, 9U, 130U}) {
            const SpikeBlock block = test::randomPlanes(shape, count, 7);
            const auto planes = test::pointers(block);
            for (const std::size_t key : {std::size_t{0}, planes.size() / 2, planes.size() - 1})
                for (const ReconMode mode : {ReconMode::Centred, ReconMode::Causal}) {
                    const auto settings = settingsOf(ReconMethod::Adaptive, mode);
                    const auto levels = levelsOf(settings, planes, key, shape);
                    CHECK(levels == levelsOf(settings, planes, key, shape));
                }
        }
    }
}

TEST_CASE("the adaptive picture does not depend on the instruction set", "[recon]") {
    const test::MovingPattern scene{{131, 77}, 0.25, 0.1};
    const SpikeBlock block = scene.record(100, 8);
    const auto planes = test::pointers(block);
    const auto settings = settingsOf(ReconMethod::Adaptive);
    std::vector<std::uint16_t> first;
    test::forEachTarget([&] {
        const auto levels = levelsOf(settings, planes, 50, scene.shape);
        if (first.empty())
            first = levels;
        CHECK(levels == first);
    });
}
