// SPDX-License-Identifier: Apache-2.0
// Spike-Zoo's two models, pixel by pixel.
#include "engine/recon/zoo_models.h"

#include <algorithm>

namespace fovea {

std::vector<float> zooTfp(PlanePointers planes, PlaneShape shape, std::uint32_t window) {
    const std::size_t key = planes.size() / 2;
    const std::size_t half = window / 2;
    const std::size_t first = key - std::min(key, half);
    const std::size_t last = std::min(planes.size(), key + half + 1);
    std::vector<float> mean(shape.pixels());
    for (std::size_t pixel = 0; pixel < mean.size(); ++pixel) {
        std::size_t count = 0;
        for (std::size_t i = first; i < last; ++i)
            count += testBit(planes[i], pixel) ? 1 : 0;
        mean[pixel] = static_cast<float>(count) / static_cast<float>(last - first);
    }
    return mean;
}

std::vector<float> zooTfi(PlanePointers planes, PlaneShape shape, std::uint32_t window) {
    const std::size_t key = planes.size() / 2;
    const std::size_t half = std::max<std::size_t>(1, window / 2);
    const std::size_t oldest = std::max<std::size_t>(key + 1, half + 1) - half;  // never plane 0
    const std::size_t newest = std::min(planes.size(), key + half + 1);          // one past
    std::vector<float> inverse(shape.pixels());
    for (std::size_t pixel = 0; pixel < inverse.size(); ++pixel) {
        std::size_t previous = key + 1;
        while (previous > oldest && !testBit(planes[previous - 1], pixel))
            --previous;
        std::size_t next = key + 1;
        while (next < newest && !testBit(planes[next], pixel))
            ++next;
        const bool found = previous > oldest && next < newest;
        const std::size_t interval = found ? next - (previous - 1) : 2 * half;
        inverse[pixel] = 1.0F / static_cast<float>(interval);
    }
    return inverse;
}

}  // namespace fovea
