// SPDX-License-Identifier: Apache-2.0
// The scalar inner loops do the arithmetic that their description promises.
#include "drivers/synthetic/kernels.h"
#include "engine/core/plane_bits.h"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

using namespace fovea;
using namespace fovea::synthetic;

namespace {
/// Number of spikes of pixel 0 in `planes` planes.
int spikesOf(SensorTile &tile, int planes, std::uint16_t level, std::uint16_t noiseValue) {
    const auto noise = std::make_unique<NoiseTable>();
    noise->values.fill(noiseValue);
    int spikes = 0;
    for (int p = 0; p < planes; ++p) {
        std::vector<std::uint64_t> words(8);
        std::uint64_t *const plane = words.data();
        const std::uint64_t key = 5;
        Exposure exposure;
        exposure.planes = std::span(&plane, 1);
        exposure.noiseKeys = std::span(&key, 1);
        exposure.noise = noise.get();
        exposure.level = exposure.rootLevel = level;
        scalarKernels().expose(std::span(&tile, 1), exposure);
        spikes += testBit(plane, 0) ? 1 : 0;
    }
    return spikes;
}
}  // namespace

TEST_CASE("a pixel fires once for every 65536 it gathers and keeps the rest") {
    SensorTile tile;
    tile.light[0] = 20000;
    tile.dark[0] = 100;
    REQUIRE(spikesOf(tile, 100, 65535, 0) == 100 * 20100 / 65536);
    REQUIRE(tile.charge[0] == 100 * 20100 % 65536);
}

TEST_CASE("photon noise adds between minus and plus half its width, never below zero light") {
    SensorTile low, high, wide;
    for (SensorTile *tile : {&low, &high})
        tile->light[0] = 20000, tile->shot[0] = 1000;
    REQUIRE(spikesOf(low, 100, 65535, 0) == 100 * 19500 / 65536);
    REQUIRE(spikesOf(high, 100, 65535, 65535) == 100 * 20499 / 65536);
    wide.light[0] = 10;
    wide.shot[0] = 60000;  // wider than the light: cut to 20
    REQUIRE(spikesOf(wide, 10, 65535, 0) == 0);
    REQUIRE(wide.charge[0] == 0);
}

TEST_CASE("dimmed light dims what light adds and not the dark current") {
    SensorTile tile;
    tile.light[0] = 40000;
    tile.dark[0] = 500;
    REQUIRE(spikesOf(tile, 1, 32768, 0) == 0);
    REQUIRE(tile.charge[0] == 20500);
}

TEST_CASE("a disc drawn on black covers its area with soft edges") {
    DrawnObject disc;
    disc.cx = disc.cy = 20.3F;
    disc.radius = 10;
    disc.light = 0.5F;
    disc.right = disc.bottom = 40;
    double sum = 0;
    bool soft = false;
    for (int y = 0; y < 40; ++y) {
        std::vector<float> row(40 + rowPadding);
        scalarKernels().drawRow(disc, 0, y, 40, row.data());
        for (int x = 0; x < 40; ++x) {
            const auto light = static_cast<double>(row[static_cast<std::size_t>(x)]);
            sum += light;
            soft = soft || (light > 0.1 && light < 0.4);
        }
    }
    REQUIRE(sum / 0.5 == Approx(314.159).epsilon(0.01));
    REQUIRE(soft);
}
