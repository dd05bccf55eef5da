// SPDX-License-Identifier: Apache-2.0
// Bilinear cuts at a position that is the same part of a pixel everywhere.
#include "drivers/synthetic/moving_pictures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fovea::synthetic {

MovingPictures::MovingPictures(PlaneShape shape, GreyView behind, GreyView before, double speed,
                               double white, Random &random)
    : shape_(shape) {
    layers_.push_back(layer(behind, speed, random));
    const std::uint64_t shapes = random.below(4);
    for (std::uint64_t i = 0; i < shapes; ++i) {
        Layer one = layer(before, speed, random);
        one.centreX = random.uniform(0, shape.width);
        one.centreY = random.uniform(0, shape.height);
        one.radiusX = random.uniform(3, shape.width / 2.0);
        one.radiusY = random.uniform(3, shape.height / 2.0);
        one.round = random.below(2) == 0;
        layers_.push_back(one);
    }
    for (Layer &one : layers_)
        one.gain = static_cast<float>(white / 255 * random.uniform(0.6, 1));
}

/// Most are slow, one in six is still.
MovingPictures::Layer MovingPictures::layer(GreyView picture, double speed, Random &random) const {
    Layer one;
    one.picture = picture;
    const double way = random.uniform();
    const double angle = random.uniform(0, 2 * std::numbers::pi);
    const double fast = random.below(6) == 0 ? 0 : speed * way * way;
    one.vx = fast * std::cos(angle);
    one.vy = fast * std::sin(angle);
    one.x = random.uniform(
        0, std::max(1.0, static_cast<double>(picture.shape.width) - shape_.width - 1));
    one.y = random.uniform(
        0, std::max(1.0, static_cast<double>(picture.shape.height) - shape_.height - 1));
    one.turned = random.below(2) == 0;
    return one;
}

void MovingPictures::lightAt(double plane, std::span<float> light) const {
    for (const Layer &one : layers_)
        draw(one, plane, light);
}

void MovingPictures::draw(const Layer &one, double plane, std::span<float> light) const {
    const PlaneShape from = one.picture.shape;
    const double left = one.x + one.vx * plane;
    const double top = one.y + one.vy * plane;
    const double wholeX = std::floor(left);
    const double wholeY = std::floor(top);
    const auto partX = static_cast<float>(left - wholeX);
    const auto partY = static_cast<float>(top - wholeY);
    // Beyond an edge its last pixel goes on.
    std::vector<std::uint32_t> columns(shape_.width + 1);
    for (std::uint32_t x = 0; x <= shape_.width; ++x) {
        const auto column = static_cast<std::uint32_t>(
            std::clamp(wholeX + x, 0.0, static_cast<double>(from.width) - 1));
        columns[x] = one.turned ? from.width - 1 - column : column;
    }
    std::vector<float> upper(shape_.width + 1), lower(shape_.width + 1), cover(shape_.width, 1);
    const auto takeRow = [&](double row, std::vector<float> &target) {
        const auto y =
            static_cast<std::size_t>(std::clamp(row, 0.0, static_cast<double>(from.height) - 1));
        const std::uint8_t *const grey = one.picture.grey.data() + y * from.width;
        for (std::size_t x = 0; x < target.size(); ++x)
            target[x] = static_cast<float>(grey[columns[x]]);
    };
    takeRow(wholeY, upper);
    const double middleX = one.centreX - one.vx * plane;
    const double middleY = one.centreY - one.vy * plane;
    for (std::uint32_t y = 0; y < shape_.height; ++y) {
        takeRow(wholeY + y + 1, lower);
        float *const out = light.data() + std::size_t{y} * shape_.width;
        if (one.radiusX > 0)
            for (std::uint32_t x = 0; x < shape_.width; ++x) {
                const double dx = std::abs(x - middleX) / one.radiusX;
                const double dy = std::abs(y - middleY) / one.radiusY;
                const double inside =
                    1 - (one.round ? std::sqrt(dx * dx + dy * dy) : std::max(dx, dy));
                cover[x] = static_cast<float>(
                    std::clamp(0.5 + inside * std::min(one.radiusX, one.radiusY), 0.0, 1.0));
            }
        for (std::uint32_t x = 0; x < shape_.width; ++x) {
            const float above = upper[x] + partX * (upper[x + 1] - upper[x]);
            const float below = lower[x] + partX * (lower[x + 1] - lower[x]);
            const float value = one.gain * (above + partY * (below - above));
            out[x] += cover[x] * (value - out[x]);
        }
        std::swap(upper, lower);
    }
}

}  // namespace fovea::synthetic
