// SPDX-License-Identifier: Apache-2.0
// Statistics of the synthetic sensor: each kind of noise does what its setting says.
#include "drivers/synthetic/sensor.h"
#include "engine/core/plane_bits.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;
using namespace fovea::synthetic;

namespace {
SyntheticSettings ideal() {
    SyntheticSettings settings;
    settings.shape = {160, 100};
    settings.objects = 0;
    settings.scaleSensorNoise(0);
    return settings;
}

/// Spikes of each pixel in each of `windows` windows of `planes` planes.
std::vector<std::vector<int>> countsOf(const SyntheticSettings &settings, int planes,
                                       int windows = 1) {
    const Scene scene(settings);
    Sensor sensor(scene, settings);
    std::vector<std::uint64_t> words(settings.shape.wordStride());
    std::uint64_t *const plane = words.data();
    std::vector<std::vector<int>> counts;
    std::uint64_t number = 0;
    for (int w = 0; w < windows; ++w) {
        counts.emplace_back(settings.shape.pixels());
        for (int i = 0; i < planes; ++i) {
            sensor.expose(number++, std::span(&plane, 1));
            for (std::size_t p = 0; p < settings.shape.pixels(); ++p)
                counts.back()[p] += testBit(plane, p) ? 1 : 0;
        }
    }
    return counts;
}

std::vector<float> lightOf(const SyntheticSettings &settings) {
    const Scene scene(settings);
    std::vector<float> light;
    for (std::uint32_t y = 0; y < settings.shape.height; ++y) {
        std::vector<float> row(settings.shape.width + 2 * rowPadding);
        scene.drawSpan(scene.drawnAt(0), scalarKernels(), 0, static_cast<int>(y),
                       settings.shape.width, row.data());
        light.insert(light.end(), row.begin(), row.begin() + settings.shape.width);
    }
    return light;
}

struct Spread {
    double mean = 0, deviation = 0;
};
Spread spreadOf(const std::vector<double> &values) {
    Spread spread;
    for (const double value : values)
        spread.mean += value / static_cast<double>(values.size());
    for (const double value : values)
        spread.deviation += (value - spread.mean) * (value - spread.mean);
    spread.deviation = std::sqrt(spread.deviation / static_cast<double>(values.size()));
    return spread;
}

/// Measured rate over true light, per pixel.
std::vector<double> responses(const SyntheticSettings &settings, int planes) {
    const auto counts = countsOf(settings, planes);
    const auto light = lightOf(settings);
    std::vector<double> values;
    for (std::size_t p = 0; p < light.size(); ++p)
        values.push_back(counts[0][p] / static_cast<double>(light[p]) / planes);
    return values;
}
}  // namespace

TEST_CASE("an ideal sensor counts light to within one spike") {
    const auto counts = countsOf(ideal(), 1000);
    const auto light = lightOf(ideal());
    for (std::size_t p = 0; p < light.size(); ++p)
        REQUIRE(std::abs(counts[0][p] - 1000 * static_cast<double>(light[p])) <= 1.05);
}

TEST_CASE("photon noise leaves the mean rate proportional to light") {
    SyntheticSettings settings = ideal();
    settings.photonsPerSpike = 100;
    const Spread response = spreadOf(responses(settings, 2000));
    REQUIRE(response.mean == Approx(1).epsilon(0.002));
}

TEST_CASE("photon noise has the variance of the photons") {
    SyntheticSettings settings = ideal();
    settings.photonsPerSpike = 50;
    constexpr int planes = 400;
    const auto counts = countsOf(settings, planes, 20);
    const auto light = lightOf(settings);
    double measured = 0, expected = 0;
    for (std::size_t p = 0; p < light.size(); ++p) {
        std::vector<double> values;
        for (const auto &window : counts)
            values.push_back(window[p]);
        const Spread spread = spreadOf(values);
        measured += spread.deviation * spread.deviation * 20 / 19;
        // The charge left at both ends of a window adds 1/12 each.
        expected += planes * static_cast<double>(light[p]) / 50 + 1.0 / 6;
    }
    REQUIRE(measured / expected == Approx(1).epsilon(0.06));
}

TEST_CASE("gain and threshold differ between pixels by the spread that was set") {
    SyntheticSettings settings = ideal();
    settings.gainSpread = 0.1;
    REQUIRE(spreadOf(responses(settings, 2000)).deviation == Approx(0.1).epsilon(0.05));
    settings = ideal();
    settings.thresholdSpread = 0.1;
    const Spread spread = spreadOf(responses(settings, 2000));
    REQUIRE(spread.deviation == Approx(0.1).epsilon(0.1));
    REQUIRE(spread.mean == Approx(1.01).epsilon(0.01));  // mean of 1 / threshold
}

TEST_CASE("dark current fires without light") {
    SyntheticSettings settings = ideal();
    settings.darkCurrent = 0.05;
    const auto with = countsOf(settings, 1000);
    const auto without = countsOf(ideal(), 1000);
    double added = 0;
    for (std::size_t p = 0; p < with[0].size(); ++p) {
        REQUIRE(with[0][p] >= without[0][p]);
        added += with[0][p] - without[0][p];
    }
    REQUIRE(added / static_cast<double>(with[0].size()) / 1000 == Approx(0.05).epsilon(0.03));
}

TEST_CASE("dead pixels never fire, hot ones always, in the shares that were set") {
    SyntheticSettings settings;  // all other noise on
    settings.shape = {160, 100};
    settings.deadShare = 0.05;
    settings.hotShare = 0.03;
    const auto counts = countsOf(settings, 500);
    std::size_t dead = 0, hot = 0;
    for (const int count : counts[0]) {
        dead += count == 0 ? 1U : 0U;
        hot += count == 500 ? 1U : 0U;
    }
    REQUIRE(static_cast<double>(dead) / 16000 == Approx(0.05).epsilon(0.1));
    REQUIRE(static_cast<double>(hot) / 16000 == Approx(0.03).epsilon(0.1));
}

TEST_CASE("flicker shows in the spikes: fewer in the dim half of the period") {
    SyntheticSettings settings = ideal();
    settings.light = SceneLight::Fluorescent;
    settings.lightDepth = 0.8;
    const auto counts = countsOf(settings, 100, 4);  // quarters of the 400 planes of a period
    const auto total = [&](std::size_t quarter) {
        double sum = 0;
        for (const int count : counts[quarter])
            sum += count;
        return sum;
    };
    // Mean of 1 - 0.8 (0.5 - 0.5 cos) over a quarter: 0.6 +- 0.8 / pi
    REQUIRE(total(1) / total(0) == Approx((0.6 - 0.2546) / (0.6 + 0.2546)).epsilon(0.03));
    REQUIRE(total(2) / total(3) == Approx((0.6 - 0.2546) / (0.6 + 0.2546)).epsilon(0.03));
}

TEST_CASE("what objects cover is brighter, and the background returns behind them") {
    SyntheticSettings settings = ideal();
    settings.objects = 4;
    settings.planeRateHz = 2000;  // fast motion: every step draws anew
    const Scene scene(settings);
    Sensor sensor(scene, settings);
    std::vector<std::uint64_t> words(settings.shape.wordStride());
    std::uint64_t *const plane = words.data();
    std::vector<int> counts(settings.shape.pixels());
    std::vector<double> expected(settings.shape.pixels());
    for (std::uint64_t number = 0; number < 2000; ++number) {
        sensor.expose(number, std::span(&plane, 1));
        const Picture picture = scene.pictureAt(number);
        for (std::size_t p = 0; p < counts.size(); ++p) {
            counts[p] += testBit(plane, p) ? 1 : 0;
            expected[p] += picture.grey[p] / 255.0;
        }
    }
    for (std::size_t p = 0; p < counts.size(); ++p)  // grey is rounded: up to 0.5 / 255 a plane
        REQUIRE(std::abs(counts[p] - expected[p]) <= 1.1 + 2000 * 0.5 / 255);
}
