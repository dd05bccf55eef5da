// SPDX-License-Identifier: Apache-2.0
// A one-dimensional search for the best angle.
#include "engine/track/turn_meter.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

namespace {

constexpr std::size_t tries = 11;  ///< angles on each search
constexpr float shortest = 64;     ///< planes between two shapes, at first
constexpr float longest = 512;     ///< and at last
constexpr float widest = 0.45F;    ///< radians searched on each side, at first

}  // namespace

void TurnMeter::draw(const ObjectShape &shape, float cellSize) {
    const int half = static_cast<int>(std::ceil(shape.radius() / cellSize)) + 2;
    side_ = 2 * half;
    map_.assign(static_cast<std::size_t>(side_) * static_cast<std::size_t>(side_), 0);
    const auto at = [&](float v) {
        return static_cast<std::size_t>(static_cast<int>(std::floor(v / cellSize)) + half);
    };
    for (const ObjectShape::Point &p : shape.points())
        map_[at(p.y) * static_cast<std::size_t>(side_) + at(p.x)] = 1;
}

/// Share of the key's cells that lie on the newest shape when turned.
float TurnMeter::covered(float turn, float cellSize) const {
    const float c = std::cos(turn);
    const float s = std::sin(turn);
    const int half = side_ / 2;
    int hits = 0;
    for (const ObjectShape::Point &p : key_.points()) {
        const int x = static_cast<int>(std::floor((c * p.x - s * p.y) / cellSize)) + half;
        const int y = static_cast<int>(std::floor((s * p.x + c * p.y) / cellSize)) + half;
        if (x >= 0 && y >= 0 && x < side_ && y < side_)
            hits += map_[static_cast<std::size_t>(y * side_ + x)];
    }
    return static_cast<float>(hits) / static_cast<float>(key_.points().size());
}

void TurnMeter::take(const ObjectShape &shape, double time, float cellSize) {
    if (!key_.known()) {
        key_ = shape;
        keyTime_ = time;
        return;
    }
    const auto planes = static_cast<float>(time - keyTime_);
    const float wanted = std::min(longest, shortest * static_cast<float>(1 << std::min(count_, 8)));
    if (planes < wanted)
        return;
    draw(shape, cellSize);
    const float range = count_ == 0 ? widest : 0.3F;
    const float expected = count_ == 0 ? 0 : rate_ * planes;
    const float step = 2 * range / static_cast<float>(tries - 1);
    std::array<float, tries> shares{};
    for (std::size_t i = 0; i < tries; ++i)
        shares[i] = covered(expected - range + step * static_cast<float>(i), cellSize);
    const auto best =
        static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
    const float lowest = *std::min_element(shares.begin(), shares.end());
    constexpr float clear = 0.06F;
    if (shares[best] - lowest > clear && (best == 0 || best + 1 == tries)) {
        count_ /= 2;  // It turns otherwise: look again, sooner.
    } else if (shares[best] - lowest > clear) {
        const float curve = shares[best - 1] - 2 * shares[best] + shares[best + 1];
        const float between =
            curve < 0
                ? std::clamp(0.5F * (shares[best - 1] - shares[best + 1]) / curve, -0.5F, 0.5F)
                : 0.0F;
        const float turned = expected - range + step * (static_cast<float>(best) + between);
        ++count_;
        rate_ += std::max(0.25F, 1.0F / static_cast<float>(count_)) * (turned / planes - rate_);
    }
    key_ = shape;
    keyTime_ = time;
}

}  // namespace fovea
