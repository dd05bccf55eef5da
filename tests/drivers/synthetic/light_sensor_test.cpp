// SPDX-License-Identifier: Apache-2.0
// Pixels before given light fire at the rate of that light, and are as noisy as the sensor.
#include "drivers/synthetic/light_sensor.h"

#include <catch2/catch.hpp>
#include <numeric>

using namespace fovea;
using synthetic::LightSensor;

namespace {

SyntheticSettings settingsOf(double noise) {
    SyntheticSettings settings;
    settings.shape = {64, 64};
    settings.scaleSensorNoise(noise);
    return settings;
}

/// Spikes of each pixel in `planes` planes.
std::vector<float> counts(const SyntheticSettings &settings, float light, int planes) {
    LightSensor sensor(settings);
    const std::vector<float> lights(settings.shape.pixels(), light);
    std::vector<float> plane(lights.size()), sums(lights.size());
    for (int i = 0; i < planes; ++i) {
        sensor.expose(lights, plane);
        for (std::size_t p = 0; p < sums.size(); ++p)
            sums[p] += plane[p];
    }
    return sums;
}

}  // namespace

TEST_CASE("an ideal pixel fires at its rate", "[synthetic]") {
    const auto sums = counts(settingsOf(0), 0.25F, 40);
    for (const float sum : sums)
        CHECK(sum == Approx(10).margin(1.001));
    const double mean = std::accumulate(sums.begin(), sums.end(), 0.0) / 4096;
    CHECK(mean == Approx(10).margin(0.05));  // pixels begin anywhere in their interval
    for (const float sum : counts(settingsOf(0), 0, 40))
        CHECK(sum == 0);
}

TEST_CASE("a noisy pixel fires at its rate in the mean", "[synthetic]") {
    const auto sums = counts(settingsOf(1), 0.25F, 400);
    const double mean = std::accumulate(sums.begin(), sums.end(), 0.0) / 4096;
    CHECK(mean == Approx(400 * 0.252).margin(1.5));  // dark current adds 0.002
    double spread = 0;
    for (const float sum : sums)
        spread += (sum - mean) * (sum - mean) / 4096;
    CHECK(spread > 4);  // gain and threshold differ by 2 %
}

TEST_CASE("hot pixels always fire, dead ones never; equal seeds are equal", "[synthetic]") {
    SyntheticSettings settings = settingsOf(0);
    settings.hotShare = 0.1;
    settings.deadShare = 0.1;
    const auto sums = counts(settings, 0.5F, 20);
    const auto hot = std::count(sums.begin(), sums.end(), 20.0F);
    const auto dead = std::count(sums.begin(), sums.end(), 0.0F);
    CHECK(hot == Approx(410).margin(120));
    CHECK(dead == Approx(410).margin(120));
    CHECK(counts(settings, 0.5F, 20) == sums);
    settings.seed = 2;
    CHECK(counts(settings, 0.5F, 20) != sums);
}
