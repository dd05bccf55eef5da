// SPDX-License-Identifier: Apache-2.0
// Random inputs for the inner loops of the synthetic camera, and what to compare.
#pragma once

#include "drivers/synthetic/kernels.h"
#include "drivers/synthetic/moving_object.h"
#include "engine/core/random.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace fovea::test {

/// Everything that `kernels` make of seeded inputs, as bytes.
inline std::vector<std::uint8_t> outputsOf(const synthetic::Kernels &kernels, std::uint64_t seed) {
    using namespace fovea::synthetic;
    std::vector<std::uint8_t> bytes;
    const auto keep = [&bytes](const auto &values, std::size_t count) {
        const std::size_t before = bytes.size();
        const std::size_t size = count * sizeof(values[0]);
        bytes.resize(before + size);
        std::memcpy(bytes.data() + before, values.data(), size);
    };
    Random random(seed);
    const PlaneShape shape{97, 61};
    for (std::uint32_t index = 0; index < 5; ++index) {
        const MovingObject object(shape, seed, index, 5, 0.1, 0.9);
        const DrawnObject drawn = object.drawnAt(random.below(100000), shape);
        std::vector<float> light(97 + 2 * rowPadding), gain(light.size()), dark(light.size());
        std::vector<std::uint16_t> full(light.size()), shot(light.size());
        for (int y = 0; y < 61; ++y) {
            for (std::size_t x = 0; x < light.size(); ++x) {
                light[x] = static_cast<float>(random.uniform(0, 1.2));
                gain[x] = static_cast<float>(random.uniform(0, 1.3));
                dark[x] = static_cast<float>(random.uniform(0, 0.1));
            }
            kernels.drawRow(drawn, 0, y, 97, light.data());
            kernels.toSensor(light.data(), {gain.data(), dark.data()}, 20000, 97, full.data(),
                             shot.data());
            keep(light, 97);
            keep(full, 97);
            keep(shot, 97);
        }
    }
    std::vector<SensorTile> tiles(3);
    const auto noise = std::make_unique<NoiseTable>();
    for (std::uint16_t &value : noise->values)
        value = static_cast<std::uint16_t>(random());
    for (SensorTile &tile : tiles)
        for (auto *part : {&tile.charge, &tile.light, &tile.shot, &tile.dark})
            for (std::uint16_t &value : *part)  // extremes often
                value = static_cast<std::uint16_t>(random.below(8) == 0 ? random.below(2) * 65535
                                                                        : random.below(65536));
    for (std::size_t planes = 1; planes <= maxExposure; ++planes) {
        std::vector<std::uint64_t> spikes(planes * tiles.size() * 8, ~std::uint64_t{0});
        std::vector<std::uint64_t *> at;
        std::vector<std::uint64_t> keys;
        for (std::size_t p = 0; p < planes; ++p) {
            at.push_back(spikes.data() + p * tiles.size() * 8);
            keys.push_back(random());
        }
        Exposure exposure;
        exposure.planes = at;
        exposure.noiseKeys = keys;
        exposure.noise = noise.get();
        exposure.level = planes % 3 == 0 ? std::uint16_t{65535} : std::uint16_t{40000};
        exposure.rootLevel = planes % 3 == 0 ? std::uint16_t{65535} : std::uint16_t{51000};
        kernels.expose(tiles, exposure);
        keep(spikes, spikes.size());
        for (const SensorTile &tile : tiles)
            keep(tile.charge, tilePixels);
    }
    return bytes;
}

}  // namespace fovea::test
