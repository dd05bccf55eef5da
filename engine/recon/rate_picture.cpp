// SPDX-License-Identifier: Apache-2.0
// What needs no vectors: margins, weights and the two measurements of noise.
#include "engine/recon/rate_picture.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace fovea {

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

void RateScratch::clearStrip(std::size_t rows) {
    std::fill(sums(0), sums(rows), std::uint16_t{0});
    std::fill(weights(0), weights(rows), std::uint16_t{0});
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
    return static_cast<double>(apart) / std::max(mean, 576);
}

double measureNoise(const RatePicture &merged, std::span<const std::uint16_t> trust) {
    constexpr std::size_t side = 8;
    std::vector<double> patches;
    const PlaneShape shape = merged.shape();
    for (std::size_t top = 0; top + side <= shape.height; top += 2 * side) {
        for (std::size_t left = 0; left + side <= shape.width; left += 2 * side) {
            int sum = 0;
            for (std::size_t y = top; y < top + side; ++y) {
                const std::int16_t *a = merged.row(static_cast<std::ptrdiff_t>(y) - 1) + left;
                const std::int16_t *b = a + merged.stride();
                const std::int16_t *c = b + merged.stride();
                for (std::ptrdiff_t x = 0; x < static_cast<std::ptrdiff_t>(side); ++x)
                    sum += std::abs(a[x - 1] - 2 * a[x] + a[x + 1] - 2 * b[x - 1] + 4 * b[x] -
                                    2 * b[x + 1] + c[x - 1] - 2 * c[x] + c[x + 1]);
            }
            // Immerkaer (1996): E|response| = 6 sigma sqrt(2 / pi); sigma expected = 2^22 / (9
            // * 2.2
            // * trust).
            const double sigma = sum / (6.0 * side * side) * 1.2533;
            patches.push_back(sigma * trust[(top + side / 2) * merged.stride() + left + side / 2] *
                              (9 * 2.2 / 4194304));
        }
    }
    if (patches.empty())
        return 1;
    const auto tenth = patches.begin() + static_cast<std::ptrdiff_t>(patches.size() / 10);
    std::nth_element(patches.begin(), tenth, patches.end());
    return std::clamp(*tenth, 1.0, 10.0);
}

}  // namespace fovea
