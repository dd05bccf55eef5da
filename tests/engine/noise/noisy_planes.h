// SPDX-License-Identifier: Apache-2.0
// Blocks to disturb, and how many bits changed.
#pragma once

#include "engine/core/random.h"
#include "engine/core/spike_block.h"

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace fovea::test {

inline constexpr std::array<PlaneShape, 6> noiseShapes{
    {{1, 1}, {3, 5}, {63, 1}, {65, 2}, {1, 200}, {40, 25}}};

/// Planes [first, first + planes) of an endless recording in which every pixel fires with `rate`:
/// plane n is always the same.
inline void fillBlock(SpikeBlock &block, std::uint64_t first, std::uint32_t planes, double rate,
                      std::uint32_t epoch = 0) {
    const PlaneShape shape = block.shape();
    block.begin(first, 40000, epoch);
    for (std::uint32_t i = 0; i < planes; ++i) {
        std::uint64_t *words = block.append();
        std::memset(words, 0, shape.wordStride() * 8);
        for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel)
            if (unitInterval(randomAt(99, first + i, pixel)) < rate)
                setBit(words, pixel);
    }
}
inline SpikeBlock blockOf(PlaneShape shape, std::uint32_t planes, double rate) {
    SpikeBlock block(shape, planes);
    fillBlock(block, 0, planes, rate);
    return block;
}

inline std::size_t spikesIn(const SpikeBlock &block) {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < block.planeCount(); ++i)
        count += countSpikes(block.plane(i), block.shape());
    return count;
}

inline bool paddingIsZero(const SpikeBlock &block) {
    const PlaneShape shape = block.shape();
    for (std::uint32_t i = 0; i < block.planeCount(); ++i)
        for (std::size_t bit = shape.pixels(); bit < shape.wordStride() * 64; ++bit)
            if (testBit(block.plane(i), bit))
                return false;
    return true;
}

inline bool samePlanes(const SpikeBlock &a, const SpikeBlock &b) {
    if (a.planeCount() != b.planeCount() || a.firstPlane() != b.firstPlane() ||
        !std::equal(a.gaps().begin(), a.gaps().end(), b.gaps().begin(), b.gaps().end()))
        return false;
    return std::memcmp(a.plane(0), b.plane(0), a.planeCount() * a.shape().wordStride() * 8) == 0;
}

/// Whether `hits` of `trials` is believable for probability `p`: within 5 standard deviations.
inline bool believable(std::size_t hits, std::size_t trials, double p) {
    const double n = static_cast<double>(trials);
    return std::abs(static_cast<double>(hits) - n * p) <= 5 * std::sqrt(n * p * (1 - p)) + 1e-9;
}

}  // namespace fovea::test
