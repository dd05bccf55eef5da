// SPDX-License-Identifier: Apache-2.0
// How often each grey value occurs in a picture.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace fovea {

/// Counts of 256 grey values and what follows from them. Threads: a plain value.
struct Histogram {
    std::array<std::uint32_t, 256> counts{};
    std::uint64_t pixels = 0;
    double mean = 0;
    int min = 0;
    int max = 0;
    double black = 0;  ///< share of pixels that are 0
    double white = 0;  ///< share of pixels that are 255: clipped
};
[[nodiscard]] Histogram histogramOf(std::span<const std::uint8_t> grey);

}  // namespace fovea
