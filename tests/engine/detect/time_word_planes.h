// SPDX-License-Identifier: Apache-2.0
// Random time words, slowly turned back into planes.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/core/random.h"

#include "tests/support/targets.h"

#include <catch2/catch.hpp>
#include <vector>

namespace fovea::test {

inline std::size_t roundUp(PlaneShape shape) {
    return shape.wordStride() * 64;
}

/// Words of pixels that fire in some of 32 planes; zero beyond the last pixel and in the margins.
inline std::vector<std::uint32_t> randomWords(PlaneShape shape, std::size_t margin, double rate,
                                              Random &random) {
    std::vector<std::uint32_t> words(roundUp(shape) + 2 * margin, 0);
    for (std::size_t p = 0; p < shape.pixels(); ++p)
        for (std::uint32_t t = 0; t < 32; ++t)
            words[margin + p] |= static_cast<std::uint32_t>(random.uniform() < rate) << t;
    return words;
}

inline std::vector<std::uint64_t> planeOf(const std::uint32_t *words, std::size_t t,
                                          PlaneShape shape) {
    std::vector<std::uint64_t> plane(shape.wordStride(), 0);
    for (std::size_t p = 0; p < shape.pixels(); ++p)
        if (((words[p] >> t) & 1U) != 0)
            setBit(plane.data(), p);
    return plane;
}

}  // namespace fovea::test
