// SPDX-License-Identifier: Apache-2.0
// The range from a histogram; gamma from a table.
#include "engine/recon/tone_map.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

LevelRange autoRange(std::span<const std::uint16_t> levels) {
    constexpr int shift = 4;
    std::array<std::uint32_t, (65536 >> shift)> histogram{};
    for (const std::uint16_t level : levels)
        ++histogram[level >> shift];
    const std::size_t out = std::max(levels.size() / 1000, levels.size() < 32 ? 0 : std::size_t{2});
    std::size_t black = 0;
    for (std::size_t below = histogram[0]; below <= out && black + 1 < histogram.size();)
        below += histogram[++black];
    std::size_t white = histogram.size() - 1;
    for (std::size_t above = histogram[white]; above <= out && white > 0;)
        above += histogram[--white];
    if (white <= black)
        return {};
    return {static_cast<std::uint16_t>(black << shift),
            static_cast<std::uint16_t>((white << shift) + (1 << shift) - 1)};
}

ToneMap::ToneMap(const ReconSettings &settings)
    : gain_(settings.gain), automatic_(settings.range == ReconRange::Auto) {
    if (settings.gamma == 1)
        return;
    curve_.resize(65536);
    for (std::size_t level = 0; level < curve_.size(); ++level) {
        const double shown = std::pow(static_cast<double>(level) / 65535, 1 / settings.gamma);
        curve_[level] = static_cast<std::uint16_t>(std::lround(65535 * shown));
    }
}

template <class Shown>
void ToneMap::apply(std::span<const std::uint16_t> levels, std::span<Shown> shown) {
    const LevelRange range = automatic_ ? autoRange(levels) : LevelRange{};
    const auto scale = static_cast<float>(gain_ * 65535 / (range.white - range.black));
    const auto black = static_cast<float>(range.black);
    // In single precision and with one rounding: enough for 16 bits, and eight pixels at a time.
    const auto linear = [&](std::uint16_t level) {
        const float value = (static_cast<float>(level) - black) * scale;
        return std::clamp(value, 0.0F, 65535.0F);
    };
    constexpr float toShown = sizeof(Shown) == 1 ? 255.0F / 65535 : 1;
    if (curve_.empty()) {
        for (std::size_t i = 0; i < levels.size(); ++i)
            shown[i] = static_cast<Shown>(static_cast<int>(linear(levels[i]) * toShown + 0.5F));
        return;
    }
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const auto level = static_cast<std::size_t>(linear(levels[i]) + 0.5F);
        shown[i] = static_cast<Shown>(
            static_cast<int>(static_cast<float>(curve_[level]) * toShown + 0.5F));
    }
}

void ToneMap::map(std::span<const std::uint16_t> levels, std::span<std::uint8_t> shown) {
    if (gain_ == 1 && !automatic_ && curve_.empty()) {
        // Rounded by the top bit of the lower half: vectors of 16 bits are enough.
        for (std::size_t i = 0; i < levels.size(); ++i) {
            const std::uint32_t product = 255U * levels[i];
            const auto lower = static_cast<std::uint16_t>(product);
            shown[i] = static_cast<std::uint8_t>((product >> 16) + (lower >> 15));
        }
        return;
    }
    apply(levels, shown);
}

void ToneMap::map(std::span<const std::uint16_t> levels, std::span<std::uint16_t> shown) {
    apply(levels, shown);
}

}  // namespace fovea
