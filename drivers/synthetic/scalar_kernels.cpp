// SPDX-License-Identifier: Apache-2.0
// The plain version of the inner loops: what the fast one must equal bit by bit.
#include "drivers/synthetic/kernels.h"

#include "engine/core/plane_bits.h"

#include <algorithm>
#include <cmath>

namespace fovea::synthetic {

namespace {

/// Signed distance to the edge, exact near it.
float distanceTo(const DrawnObject &object, float dx, float dy) {
    if (object.parts == 0)
        return (dx * dx + dy * dy - object.radius * object.radius) / (2 * object.radius);
    float nearest = 1e9F;
    for (std::uint32_t p = 0; p < object.parts; ++p) {
        const DrawnObject::Part &part = object.part[p];
        float farthest = -1e9F;
        for (std::uint32_t e = 0; e < object.edges; ++e)
            farthest = std::max(farthest, part.nx[e] * dx + (part.ny[e] * dy - part.offset[e]));
        nearest = std::min(nearest, farthest);
    }
    return nearest;
}

/// Triangle wave of period 1 between -1 and 1.
float wave(float x) {
    return std::abs(x - std::floor(x) - 0.5F) * 4 - 1;
}

void drawRow(const DrawnObject &object, int x, int y, std::size_t count, float *light) {
    const float dy = static_cast<float>(y) + (0.5F - object.cy);
    const float uRow = object.uy * dy + object.uPhase;
    const float vRow = object.vy * dy + object.vPhase;
    for (std::size_t i = 0; i < count; ++i) {
        const float dx = static_cast<float>(x + static_cast<int>(i)) + (0.5F - object.cx);
        const float cover = std::clamp(0.5F - distanceTo(object, dx, dy), 0.0F, 1.0F);
        const float waves = wave(object.ux * dx + uRow) + wave(object.vx * dx + vRow);
        const float own = object.light + object.contrast * waves;
        light[i] = light[i] + cover * (own - light[i]);
    }
}

void toSensor(const float *light, const PixelRow &row, float shotScale, std::size_t count,
              std::uint16_t *full, std::uint16_t *shot) {
    for (std::size_t i = 0; i < count; ++i) {
        const float gathered = light[i] * row.gain[i];
        full[i] = static_cast<std::uint16_t>(std::min(gathered * 65536, 65535.0F));
        const float noise = std::sqrt(gathered + row.dark[i]) * shotScale;
        shot[i] = static_cast<std::uint16_t>(std::min(noise, 65535.0F));
    }
}

std::uint16_t addSaturated(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::uint16_t>(std::min(a + b, 65535U));
}

std::uint16_t scaled(std::uint32_t value, std::uint32_t share) {
    return static_cast<std::uint16_t>((value * share) >> 16);
}

void exposePixel(SensorTile &tile, std::size_t pixel, std::size_t tileIndex,
                 const Exposure &exposure) {
    const bool dimmed = exposure.level != 65535;
    std::uint16_t light = tile.light[pixel];
    std::uint16_t shot = tile.shot[pixel];
    if (dimmed) {
        light = scaled(light, exposure.level);
        shot = scaled(shot, exposure.rootLevel);
    }
    // Light cannot be taken back, so the noise is at most as wide as twice the mean.
    const std::uint16_t mean = addSaturated(light, tile.dark[pixel]);
    shot = std::min(shot, addSaturated(mean, mean));
    const std::uint32_t steady = mean - (shot >> 1);
    for (std::size_t p = 0; p < exposure.planes.size(); ++p) {
        const std::size_t at = noiseOffset(exposure.noiseKeys[p], tileIndex) + pixel;
        const std::uint32_t gathered =
            addSaturated(steady, scaled(exposure.noise->values[at], shot));
        const std::uint32_t charge = tile.charge[pixel] + gathered;
        tile.charge[pixel] = static_cast<std::uint16_t>(charge);
        if (charge > 65535)
            setBit(exposure.planes[p] + tileIndex * (tilePixels / 64), pixel);
    }
}

void expose(std::span<SensorTile> tiles, const Exposure &exposure) {
    for (std::uint64_t *plane : exposure.planes)
        std::fill_n(plane, tiles.size() * (tilePixels / 64), 0);
    for (std::size_t t = 0; t < tiles.size(); ++t)
        for (std::size_t pixel = 0; pixel < tilePixels; ++pixel)
            exposePixel(tiles[t], pixel, t, exposure);
}

}  // namespace

Kernels scalarKernels() {
    return {&drawRow, &toSensor, &expose};
}

}  // namespace fovea::synthetic
