// SPDX-License-Identifier: Apache-2.0
// The two inner loops of the synthetic camera: drawing a row of light and filling pixels with it.
//
// Each exists as plain scalar code and as SIMD code chosen at run time; both give the same bits, on
// every machine: integers throughout the sensor, and in the drawing only IEEE operations in a fixed
// order (this folder is compiled with -ffp-contract=off).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea::synthetic {

/// Pixels handled together; also the number of pixels in a cache line of spikes.
constexpr std::size_t tilePixels = 512;
/// Room that rows must have beyond their last pixel, because SIMD code works in whole vectors.
constexpr std::size_t rowPadding = 64;

/// One object at one moment, ready to be drawn. Distances are in pixels, negative inside.
///
/// A disc, or the union of `parts` convex polygons, each the intersection of `edges` (3 or 4) half
/// planes nx * dx + ny * dy <= offset (dx, dy from the centre). Its own texture is two crossed
/// triangle waves; `light` +- `contrast`.
struct DrawnObject {
    struct Part {
        std::array<float, 4> nx{}, ny{}, offset{};
    };
    float cx = 0, cy = 0;
    float radius = 0;         ///< of the disc, when there are no parts
    std::uint32_t parts = 0;  ///< 0 (disc), 1 or 2
    std::uint32_t edges = 0;  ///< of each part
    std::array<Part, 2> part;
    float ux = 0, uy = 0, uPhase = 0;  ///< texture coordinate u = ux * dx + uy * dy + uPhase
    float vx = 0, vy = 0, vPhase = 0;
    float light = 0, contrast = 0;
    std::uint64_t at = 0;                          ///< the plane whose position this is
    int left = 0, top = 0, right = 0, bottom = 0;  ///< pixels it can touch: [left, right) x ...
};

/// Fixed properties of pixels that turn light into what the sensor gathers, by column.
struct PixelRow {
    const float *gain = nullptr;  ///< threshold shares per unit of light
    const float *dark = nullptr;  ///< dark current in threshold shares
};

/// State of `tilePixels` pixels. 65536 is the threshold; values are per plane.
struct alignas(64) SensorTile {
    std::array<std::uint16_t, tilePixels> charge{};  ///< gathered since the last spike
    std::array<std::uint16_t, tilePixels> light{};   ///< what full light adds
    std::array<std::uint16_t, tilePixels> shot{};    ///< width of the photon noise at full light
    std::array<std::uint16_t, tilePixels> dark{};    ///< what dark current adds
};

constexpr std::size_t noiseSize = 16384;
constexpr std::size_t noiseStep = 32;  ///< offsets into the table are multiples of it

/// Random 16-bit numbers, uniform; number i and number i + noiseSize / 2 are v and 65535 - v, so
/// that their mean is exact for every lane. The first `tilePixels` follow the end once more.
struct alignas(64) NoiseTable {
    std::array<std::uint16_t, noiseSize + tilePixels> values{};
};

/// Planes during which nothing moves and the light stays.
struct Exposure {
    std::span<std::uint64_t *const> planes;    ///< where spikes go, oldest first
    std::span<const std::uint64_t> noiseKeys;  ///< one random number per plane
    const NoiseTable *noise = nullptr;
    std::uint16_t level = 65535;      ///< global light; 65535 = full
    std::uint16_t rootLevel = 65535;  ///< its square root: photon noise follows that
};
constexpr std::size_t maxExposure = 16;  ///< planes

/// Where in the noise table `tile` finds its numbers for the plane of `key`.
[[nodiscard]] constexpr std::size_t noiseOffset(std::uint64_t key, std::uint64_t tile) {
    const std::uint64_t mixed = (key + tile * 0x9E3779B97F4A7C15ULL) * 0xD1342543DE82EF95ULL;
    return static_cast<std::size_t>(mixed >> 55) * noiseStep;
}
static_assert((noiseSize / noiseStep) == (1U << 9));

/// Blends the object into pixels [x, x + count) of row y; `light[0]` is pixel x.
using DrawRow = void (*)(const DrawnObject &object, int x, int y, std::size_t count, float *light);
/// light -> SensorTile::light and ::shot: 65536 * light * gain, and `shotScale` times the root of
/// light * gain + dark.
using ToSensor = void (*)(const float *light, const PixelRow &row, float shotScale,
                          std::size_t count, std::uint16_t *full, std::uint16_t *shot);
/// Lets every pixel gather the light of the planes and writes their spikes: per plane
/// charge += light + photon noise + dark current; beyond 65535 it fires and 65536 is taken away.
/// All words of the planes are written (tiles.size() * 8 words each).
using Expose = void (*)(std::span<SensorTile> tiles, const Exposure &exposure);

struct Kernels {
    DrawRow drawRow;
    ToSensor toSensor;
    Expose expose;
};
/// For the best instruction set of this machine.
[[nodiscard]] Kernels fastKernels();
[[nodiscard]] Kernels scalarKernels();

}  // namespace fovea::synthetic
