// SPDX-License-Identifier: Apache-2.0
// Two ways to the same distribution, each where it is the faster one.
#include "engine/noise/random_mask.h"

#include "engine/core/random.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fovea {

namespace {
constexpr double certain = 4294967296.0;
/// Below this probability jumping from bit to bit is faster than drawing all of them (measured).
constexpr double rareBelow = 0.04;
}  // namespace

std::uint64_t probabilityBits(double probability) {
    return static_cast<std::uint64_t>(std::clamp(probability, 0.0, 1.0) * certain + 0.5);
}

RandomMask::RandomMask(double probability)
    : probability_(probabilityBits(probability)), rare_(probability < rareBelow) {
    if (rare_ && probability_ != 0)
        buildTable(probability);
}

void RandomMask::buildTable(double probability) {
    constexpr double share = 1.0 / (skip + 1);
    std::array<double, skip + 1> left{};  // what is left of each distance's probability
    double none = 1;
    for (std::uint32_t distance = 0; distance < skip; ++distance) {
        left[distance] = probability * none;
        none *= 1 - probability;
    }
    left[skip] = none;
    std::vector<std::uint32_t> small;
    std::vector<std::uint32_t> large;
    for (std::uint32_t i = 0; i <= skip; ++i)
        (left[i] < share ? small : large).push_back(i);
    for (std::uint32_t i = 0; i <= skip; ++i)
        table_[i] = {1U << 24, i};
    while (!small.empty() && !large.empty()) {
        const std::uint32_t poor = small.back();
        const std::uint32_t rich = large.back();
        small.pop_back();
        table_[poor] = {static_cast<std::uint32_t>(std::lround(left[poor] / share * (1U << 24))),
                        rich};
        left[rich] -= share - left[poor];
        if (left[rich] < share) {
            large.pop_back();
            small.push_back(rich);
        }
    }
}

void RandomMask::drawRare(std::uint64_t seed, std::size_t pixels,
                          std::span<std::uint64_t> words) const {
    std::fill(words.begin(), words.end(), 0);
    if (probability_ == 0)
        return;
    Random random(seed);
    std::size_t pixel = 0;
    const auto place = [&](std::uint32_t draw) {
        const std::uint32_t index = draw & 0xFF;
        const Entry &entry = table_[index];
        // Without a branch: half of the predictions would be wrong.
        const std::uint32_t other = -static_cast<std::uint32_t>((draw >> 8) >= entry.threshold);
        const std::uint32_t distance = index ^ ((index ^ entry.other) & other);
        pixel += distance;
        if (pixel >= pixels)
            return false;
        const std::uint64_t set = distance != skip ? 1 : 0;
        words[pixel / 64] |= set << (pixel % 64);
        pixel += set;
        return true;
    };
    for (bool more = true; more;) {
        const std::uint64_t draw = random();
        more = place(static_cast<std::uint32_t>(draw)) &&
               place(static_cast<std::uint32_t>(draw >> 32));
    }
}

std::array<std::uint32_t, 512> RandomMask::distances() const {
    std::array<std::uint32_t, 512> flat{};
    for (std::size_t i = 0; i < table_.size(); ++i) {
        flat[2 * i] = table_[i].threshold;
        flat[2 * i + 1] = table_[i].other;
    }
    return flat;
}

void RandomMask::draw(std::uint64_t seed, std::size_t pixels,
                      std::span<std::uint64_t> words) const {
    if (rare_) {
        drawRare(seed, pixels, words);
        return;
    }
    const std::size_t used = (pixels + 63) / 64;
    drawBits(seed, probability_, words);
    std::fill(words.begin() + static_cast<std::ptrdiff_t>(used), words.end(), 0);
    if (pixels % 64 != 0)
        words[used - 1] &= (std::uint64_t{1} << (pixels % 64)) - 1;
}

}  // namespace fovea
