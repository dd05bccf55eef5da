// SPDX-License-Identifier: Apache-2.0
// What needs no vectors: margins, weights and the two measurements of noise.
#include "engine/recon/rate_picture.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace fovea {

namespace {
constexpr std::size_t noiseSide = 8;  ///< of a patch
}

void RatePicture::extend(std::size_t margin) {
    const auto height = static_cast<std::ptrdiff_t>(shape_.height);
    for (std::ptrdiff_t y = 0; y < height; ++y) {
        std::int16_t *const first = row(y);
        std::int16_t *const end = first + shape_.width;
        std::fill(first - margin, first, *first);
        std::fill(end, end + margin, end[-1]);
    }
    const std::size_t whole = shape_.width + 2 * margin;
    for (std::ptrdiff_t beyond = 1; beyond <= static_cast<std::ptrdiff_t>(margin); ++beyond) {
        std::copy_n(row(0) - margin, whole, row(-beyond) - margin);
        std::copy_n(row(height - 1) - margin, whole, row(height - 1 + beyond) - margin);
    }
}

MergeWeight mergeWeight(std::size_t planes, double noise) {
    // Ends of a piece are each off by an even share of one plane's gathering, so its rate deviates
    // by rate * sqrt(1 / 6) / planes; 1.2 times that is still agreement. 64 * 9: see the kernel.
    const double limit = 64 * 9 * 1.2 * std::sqrt(1.0 / 6) * noise / static_cast<double>(planes);
    MergeWeight weight;
    weight.whole = static_cast<std::int16_t>(std::min<std::size_t>(256 * planes, 32767));
    weight.limit = static_cast<std::uint16_t>(std::clamp(limit + 0.5, 4.0, 4000.0));
    weight.shift = 14 - static_cast<int>(std::bit_width(weight.limit));
    const int full = weight.limit << weight.shift;
    weight.scale = static_cast<std::int16_t>(std::min(32768 * weight.whole / full, 32767));
    return weight;
}

double deviationAt(const RatePicture &aligned, const RatePicture &reference, std::size_t x,
                   std::size_t y) {
    int apart = 0;
    int mean = 0;
    for (std::ptrdiff_t dy = -1; dy <= 1; ++dy) {
        const std::int16_t *one = aligned.row(static_cast<std::ptrdiff_t>(y) + dy) + x;
        const std::int16_t *other = reference.row(static_cast<std::ptrdiff_t>(y) + dy) + x;
        for (std::ptrdiff_t dx = -1; dx <= 1; ++dx) {
            apart += std::abs(one[dx] - other[dx]);
            mean += std::max<int>(other[dx], 0);
        }
    }
    return deviationOf(apart, mean);
}

double deviationOf(int apart, int sum) {
    return static_cast<double>(apart) / std::max(sum, 576);
}

double patchNoise(int sum, std::uint16_t trust) {
    // Immerkaer (1996): E|response| = 6 sigma sqrt(2 / pi); expected sigma = 2^22 / (9 * 2.2 *
    // trust).
    const double sigma = sum / (6.0 * noiseSide * noiseSide) * 1.2533;
    return sigma * trust * (9 * 2.2 / 4194304);
}

double noiseOf(std::span<double> patches) {
    if (patches.empty())
        return 1;
    const auto tenth = patches.begin() + std::ssize(patches) / 10;
    std::nth_element(patches.begin(), tenth, patches.end());
    return std::clamp(*tenth, 1.0, 10.0);
}

double measureNoise(const RatePicture &merged, std::span<const std::uint16_t> trust) {
    constexpr std::size_t side = noiseSide;
    std::vector<double> patches;
    const PlaneShape shape = merged.shape();
    for (std::size_t top = 0; top + side <= shape.height; top += 2 * side) {
        for (std::size_t left = 0; left + side <= shape.width; left += 2 * side) {
            // Second differences along rows, then along columns.
            int rows[side + 2][side];
            for (std::size_t y = 0; y < side + 2; ++y) {
                const std::int16_t *from =
                    merged.row(static_cast<std::ptrdiff_t>(top + y) - 1) + left;
                for (std::size_t x = 0; x < side; ++x)
                    rows[y][x] = from[x + 1] - 2 * from[x] + *(from + x - 1);
            }
            int sum = 0;
            for (std::size_t y = 0; y < side; ++y)
                for (std::size_t x = 0; x < side; ++x)
                    sum += std::abs(rows[y][x] - 2 * rows[y + 1][x] + rows[y + 2][x]);
            const std::size_t middle = (top + side / 2) * merged.stride() + left + side / 2;
            patches.push_back(patchNoise(sum, trust[middle]));
        }
    }
    return noiseOf(patches);
}

}  // namespace fovea
