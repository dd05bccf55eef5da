// SPDX-License-Identifier: Apache-2.0
// How often each grey value occurs in a picture.
#include "ui/panels/histogram.h"

namespace fovea {

Histogram histogramOf(std::span<const std::uint8_t> grey) {
    Histogram h;
    h.pixels = grey.size();
    if (grey.empty())
        return h;
    for (const std::uint8_t value : grey)
        ++h.counts[value];
    std::uint64_t sum = 0;
    h.min = 255;
    for (int value = 0; value < 256; ++value) {
        const std::uint32_t count = h.counts[static_cast<std::size_t>(value)];
        if (count == 0)
            continue;
        h.min = value < h.min ? value : h.min;
        h.max = value;
        sum += std::uint64_t{count} * static_cast<std::uint64_t>(value);
    }
    const auto pixels = static_cast<double>(h.pixels);
    h.mean = static_cast<double>(sum) / pixels;
    h.black = h.counts[0] / pixels;
    h.white = h.counts[255] / pixels;
    return h;
}

}  // namespace fovea
