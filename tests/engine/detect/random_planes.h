// SPDX-License-Identifier: Apache-2.0
// Small scenes for the detector's tests: an ideal integrate-and-fire sensor and a bright square.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/core/spike_block.h"

#include <algorithm>
#include <random>
#include <vector>

namespace fovea::test {

/// Gives plane after plane of a textured background with a square that moves to the right.
class SquareScene {
public:
    SquareScene(PlaneShape shape, float speed, float side, std::uint32_t seed = 1)
        : shape_(shape), speed_(speed), side_(side), charge_(shape.pixels()),
          background_(shape.pixels()) {
        std::mt19937 random(seed);
        std::uniform_real_distribution<float> uniform(0, 1);
        for (std::size_t p = 0; p < shape.pixels(); ++p) {
            charge_[p] = uniform(random);
            background_[p] = 0.15F + 0.05F * uniform(random);
        }
    }
    [[nodiscard]] float x() const { return 10 + speed_ * static_cast<float>(plane_); }
    [[nodiscard]] float y() const { return static_cast<float>(shape_.height) / 2 - side_ / 2; }
    [[nodiscard]] float side() const { return side_; }

    void next(std::uint64_t *words) {
        std::fill_n(words, shape_.wordStride(), std::uint64_t{0});
        for (std::size_t p = 0; p < shape_.pixels(); ++p) {
            const auto px = static_cast<float>(p % shape_.width);
            const auto py = static_cast<float>(p / shape_.width);
            const bool in =
                side_ > 0 && px >= x() && px < x() + side_ && py >= y() && py < y() + side_;
            charge_[p] += in ? 0.6F : background_[p];
            if (charge_[p] >= 1) {
                charge_[p] -= 1;
                setBit(words, p);
            }
        }
        ++plane_;
    }

private:
    PlaneShape shape_;
    float speed_, side_;
    std::vector<float> charge_, background_;
    std::uint64_t plane_ = 0;
};

inline std::vector<std::uint64_t> randomPlane(PlaneShape shape, std::mt19937 &random) {
    std::vector<std::uint64_t> words(shape.wordStride(), 0);
    for (std::size_t p = 0; p < shape.pixels(); ++p)
        if (random() % 3 == 0)
            setBit(words.data(), p);
    return words;
}

}  // namespace fovea::test
