// SPDX-License-Identifier: Apache-2.0
// Each spike adds itself to the neurons around it.
#include "engine/detect/lif_layer.h"

#include "engine/core/plane_bits.h"

#include <algorithm>
#include <bit>

namespace fovea {

LifLayer::LifLayer(const LifSettings &settings, PlaneShape shape)
    : settings_(settings), shape_(shape) {
    reset();
}

void LifLayer::reset() {
    V_.assign(shape_.pixels(), 0.0F);
    drive_.assign(shape_.pixels(), 0);
}

void LifLayer::update(const std::uint64_t *plane, std::uint64_t *fired) {
    const auto width = static_cast<std::int64_t>(shape_.width);
    const auto height = static_cast<std::int64_t>(shape_.height);
    const std::int64_t reach = settings_.size / 2;
    std::fill(drive_.begin(), drive_.end(), std::uint16_t{0});
    for (std::size_t w = 0; w < shape_.words(); ++w)
        for (std::uint64_t bits = plane[w]; bits != 0; bits &= bits - 1) {
            const auto pixel = static_cast<std::int64_t>(w * 64) + std::countr_zero(bits);
            const std::int64_t px = pixel % width;
            const std::int64_t py = pixel / width;
            for (std::int64_t y = std::max<std::int64_t>(0, py - reach);
                 y <= std::min(height - 1, py + reach); ++y)
                for (std::int64_t x = std::max<std::int64_t>(0, px - reach);
                     x <= std::min(width - 1, px + reach); ++x)
                    ++drive_[static_cast<std::size_t>(y * width + x)];
        }
    std::fill_n(fired, shape_.wordStride(), std::uint64_t{0});
    for (std::size_t p = 0; p < V_.size(); ++p) {
        float v = V_[p] - (testBit(plane, p) ? 0 : settings_.leak);
        v = std::max(v + settings_.weight * static_cast<float>(drive_[p]), settings_.least);
        const bool fires = v >= settings_.threshold;
        if (fires)
            setBit(fired, p);
        V_[p] = fires ? v * settings_.keep : v;
    }
}

}  // namespace fovea
