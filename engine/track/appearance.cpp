// SPDX-License-Identifier: Apache-2.0
// Medians by counting.
#include "engine/track/appearance.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

Look lookOf(const Occupancy &occupancy, const Box &box) {
    constexpr std::size_t bins = 256;
    constexpr float binsPerRate = 6;  // rates of 2x2 pixels and 8 planes are at most 32
    if (!occupancy.known())
        return {};
    const auto cell = [&](float pixel, std::uint32_t most) {
        return static_cast<std::size_t>(
            std::clamp(pixel / occupancy.cellSize, 0.0F, static_cast<float>(most)));
    };
    std::array<std::uint32_t, bins> histogram{};
    std::uint32_t count = 0;
    const std::size_t right = cell(box.x + box.w, occupancy.width);
    const std::size_t bottom = cell(box.y + box.h, occupancy.height);
    for (std::size_t y = cell(box.y, occupancy.height); y < bottom; ++y)
        for (std::size_t x = cell(box.x, occupancy.width); x < right; ++x) {
            const std::size_t at = y * occupancy.stride + x;
            if (occupancy.cells[at] == 0)
                continue;
            ++count;
            if (occupancy.rates.empty())
                continue;
            const float rate = std::clamp(occupancy.rates[at] * binsPerRate, 0.0F, bins - 1.0F);
            ++histogram[static_cast<std::size_t>(rate)];
        }
    constexpr std::uint32_t few = 10;
    if (count < few || occupancy.rates.empty())
        return {0, static_cast<float>(count)};
    std::size_t bin = 0;
    std::uint32_t below = 0;
    while (2 * (below + histogram[bin]) < count)
        below += histogram[bin++];
    const float share = (0.5F * static_cast<float>(count) - static_cast<float>(below)) /
                        static_cast<float>(histogram[bin]);
    return {(static_cast<float>(bin) + share) / binsPerRate, static_cast<float>(count)};
}

float lookDifference(float a, float b) {
    return a > 0 && b > 0 ? std::abs(a - b) / std::max(a, b) : 0;
}

bool Appearance::agrees(const Look &view) const {
    constexpr float rates = 0.02F;
    constexpr float areas = 0.08F;
    return lookDifference(view.rate, mean_.rate) < rates &&
           std::abs(view.cells - mean_.cells) < areas * mean_.cells + 4;
}

void Appearance::take(const Look &view) {
    if (view.rate <= 0)
        return;
    const bool same = count_ > 0 && agrees(view);
    others_ = same ? 0 : others_ + 1;
    if (!same && known_ && others_ < patience)
        return;
    if (!same)
        count_ = 0;
    known_ = known_ || count_ >= settled;
    ++count_;
    const float share = std::max(known_ ? 0.01F : 0.1F, 1.0F / static_cast<float>(count_));
    mean_.rate += share * (view.rate - mean_.rate);
    mean_.cells += share * (view.cells - mean_.cells);
}

}  // namespace fovea
