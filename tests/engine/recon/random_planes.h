// SPDX-License-Identifier: Apache-2.0
// Random recordings and a slow, plain reading of what the methods must give.
#pragma once

#include "engine/core/random.h"
#include "engine/core/spike_block.h"
#include "engine/recon/reconstructor.h"

#include <array>
#include <cstring>
#include <vector>

namespace fovea::test {

/// Shapes whose pixel counts are below, at and beyond every word and vector border.
inline constexpr std::array<PlaneShape, 9> oddShapes{
    {{1, 1}, {3, 5}, {63, 1}, {64, 1}, {65, 2}, {7, 73}, {32, 16}, {33, 31}, {400, 5}}};

/// Every pixel fires with its own probability, between almost never and almost always.
inline SpikeBlock randomPlanes(PlaneShape shape, std::uint32_t planes, std::uint64_t seed) {
    Random random(seed);
    std::vector<double> rates(shape.pixels());
    for (double &rate : rates)
        rate = random.uniform() * random.uniform();
    SpikeBlock block(shape, planes);
    block.begin(0, 40000);
    for (std::uint32_t i = 0; i < planes; ++i) {
        std::uint64_t *words = block.append();
        std::memset(words, 0, shape.wordStride() * 8);
        for (std::size_t pixel = 0; pixel < rates.size(); ++pixel)
            if (random.uniform() < rates[pixel])
                setBit(words, pixel);
    }
    return block;
}

inline std::vector<const std::uint64_t *> pointers(const SpikeBlock &block) {
    std::vector<const std::uint64_t *> planes;
    for (std::uint32_t i = 0; i < block.planeCount(); ++i)
        planes.push_back(block.plane(i));
    return planes;
}

inline std::vector<std::uint8_t> slowTfp(PlanePointers planes, std::size_t key, std::size_t half,
                                         PlaneShape shape) {
    std::vector<std::uint8_t> grey(shape.pixels());
    for (std::size_t pixel = 0; pixel < grey.size(); ++pixel) {
        int count = 0;
        int present = 0;
        for (std::size_t i = 0; i < planes.size(); ++i) {
            if (i + half < key || i > key + half || planes[i] == nullptr)
                continue;
            ++present;
            count += testBit(planes[i], pixel) ? 1 : 0;
        }
        const float rate =
            present == 0 ? 0.0F : static_cast<float>(count) / static_cast<float>(present);
        grey[pixel] = static_cast<std::uint8_t>(rate * 255.0F);
    }
    return grey;
}

/// First spike of a pixel from `from` on in steps of `step` up to `last`; -1: none, or a lost plane
/// came first.
inline long findSpike(PlanePointers planes, std::size_t pixel, long from, long last, long step) {
    for (long i = from; step > 0 ? i <= last : i >= last; i += step) {
        if (i < 0 || i >= static_cast<long>(planes.size()) ||
            planes[static_cast<std::size_t>(i)] == nullptr)
            return -1;
        if (testBit(planes[static_cast<std::size_t>(i)], pixel))
            return i;
    }
    return -1;
}

/// planes[0] is plane number 0 of the recording.
inline std::vector<std::uint8_t> slowTfi(PlanePointers planes, std::size_t key,
                                         TfiConvention convention, long reach, PlaneShape shape) {
    const bool single = convention == TfiConvention::Single;
    const long t = static_cast<long>(key);
    std::vector<std::uint8_t> grey(shape.pixels());
    for (std::size_t pixel = 0; pixel < grey.size(); ++pixel) {
        const long previous = single ? findSpike(planes, pixel, t, std::max(t - reach + 1, 1L), -1)
                                     : findSpike(planes, pixel, t - 1, 0, -1);
        const long next = single ? findSpike(planes, pixel, t + 1, t + reach, 1)
                                 : findSpike(planes, pixel, t, static_cast<long>(planes.size()), 1);
        const bool found = previous >= 0 && next >= 0;
        const long interval = found ? next - previous : single ? 2 * reach : 257;
        grey[pixel] = static_cast<std::uint8_t>(255 / interval);
    }
    return grey;
}

}  // namespace fovea::test
