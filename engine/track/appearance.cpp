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
        return {0, static_cast<float>(count), 0};
    std::size_t bin = 0;
    std::uint32_t below = 0;
    while (2 * (below + histogram[bin]) < count)
        below += histogram[bin++];
    const float share = (0.5F * static_cast<float>(count) - static_cast<float>(below)) /
                        static_cast<float>(histogram[bin]);
    const float median = static_cast<float>(bin) + share;
    constexpr float alike = 0.12F;
    const auto first = static_cast<std::size_t>((1 - alike) * median);
    const auto last = std::min(bins - 1, static_cast<std::size_t>((1 + alike) * median));
    std::uint32_t uniform = 0;
    for (std::size_t i = first; i <= last; ++i)
        uniform += histogram[i];
    return {median / binsPerRate, static_cast<float>(count),
            static_cast<float>(uniform) / static_cast<float>(count)};
}

float lookDifference(float a, float b) {
    return a > 0 && b > 0 ? std::abs(a - b) / std::max(a, b) : 0;
}

bool differsMuch(const Look &view, const Look &known) {
    constexpr float rates = 0.03F;
    constexpr float areas = 0.2F;
    return lookDifference(view.rate, known.rate) > rates ||
           lookDifference(view.cells, known.cells) > areas;
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
    if (count_ == 0 || !agrees(view))
        count_ = 0;
    ++count_;
    const float share = std::max(0.05F, 1.0F / static_cast<float>(count_));
    mean_.rate += share * (view.rate - mean_.rate);
    mean_.cells += share * (view.cells - mean_.cells);
    mean_.uniform += share * (view.uniform - mean_.uniform);
}

}  // namespace fovea
