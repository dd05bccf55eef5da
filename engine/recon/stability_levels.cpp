// SPDX-License-Identifier: Apache-2.0
// The history of each pixel as two words; intervals are distances between their bits.
#include "engine/recon/stability_levels.h"

#include "engine/recon/stability_rule.h"

#include <algorithm>

namespace fovea {

namespace {

using stability::halfPlanes;

/// Afterwards bit i of rows[j] is what bit j of rows[i] was (Warren, Hacker's Delight, 7-3).
void transpose(std::array<std::uint64_t, 64> &rows) {
    std::uint64_t mask = 0x00000000FFFFFFFF;
    for (std::size_t step = 32; step != 0; step >>= 1, mask ^= mask << step) {
        for (std::size_t i = 0; i < 64; i = ((i | step) + 1) & ~step) {
            const std::uint64_t swap = ((rows[i] >> step) ^ rows[i | step]) & mask;
            rows[i] ^= swap << step;
            rows[i | step] ^= swap;
        }
    }
}

}  // namespace

PlaneReach StabilityLevels::reachOf(ReconMode mode) {
    constexpr auto half = static_cast<std::uint32_t>(halfPlanes);
    return mode == ReconMode::Causal ? PlaneReach{2 * half - 1, 0} : PlaneReach{half - 1, half};
}

StabilityLevels::StabilityLevels(const ReconSettings &settings, PlaneShape shape)
    : LevelSource(shape), mode_(settings.mode) {}

StabilityLevels::Planes StabilityLevels::planesAround(const PlaneWindow &window, PlaneReach most) {
    const PlanePointers planes = window.planes;
    Planes there;
    while (there.back <= most.before && there.back <= window.key &&
           planes[window.key - there.back] != nullptr)
        ++there.back;
    while (there.ahead < most.after && window.key + 1 + there.ahead < planes.size() &&
           planes[window.key + 1 + there.ahead] != nullptr)
        ++there.ahead;
    return there;
}

void StabilityLevels::fill(const PlaneWindow &window, std::span<std::uint16_t> levels) {
    const PlanePointers planes = window.planes;
    const auto [back, ahead] = planesAround(window, reach());
    if (back == 0) {
        std::fill(levels.begin(), levels.end(), std::uint16_t{0});
        return;
    }
    const bool looksAhead = mode_ == ReconMode::Centred;
    for (std::size_t word = 0; 64 * word < levels.size(); ++word) {
        for (std::size_t i = 0; i < halfPlanes; ++i) {
            const std::size_t second =
                looksAhead ? window.key + 1 + i : window.key - i - halfPlanes;
            const bool there = looksAhead ? i < ahead : i + halfPlanes < back;
            newer_[i] = i < back ? planes[window.key - i][word] : 0;
            older_[i] = there ? planes[second][word] : 0;
        }
        transpose(newer_);
        transpose(older_);
        const std::size_t end = std::min<std::size_t>(64, levels.size() - 64 * word);
        for (std::size_t pixel = 0; pixel < end; ++pixel)
            levels[64 * word + pixel] =
                looksAhead ? stability::centred({newer_[pixel], 0}, {older_[pixel], 0}, back, ahead)
                           : stability::causal({newer_[pixel], older_[pixel]}, back);
    }
}

}  // namespace fovea
