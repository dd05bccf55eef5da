// SPDX-License-Identifier: Apache-2.0
// Scores of a shape moved by a few cells, first along x, then along y.
#include "engine/track/shape_fit.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

namespace {

constexpr std::int64_t reach = 3;  ///< cells

/// Place of the best of 2 * reach + 1 scores, between cells; nothing when they hardly differ.
std::optional<float> peak(const std::array<float, 2 * reach + 1> &scores, float least) {
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    const auto at = static_cast<std::size_t>(best);
    const float lowest = *std::min_element(scores.begin(), scores.end());
    if (scores[at] - lowest < std::max(1.0F, least))
        return std::nullopt;
    float between = 0;
    if (at > 0 && at + 1 < scores.size()) {
        const float curve = scores[at - 1] - 2 * scores[at] + scores[at + 1];
        if (curve < 0)
            between = 0.5F * (scores[at - 1] - scores[at + 1]) / curve;
    }
    return static_cast<float>(best - reach) + std::clamp(between, -0.5F, 0.5F);
}

}  // namespace

void ObjectShape::capture(const Occupancy &occupancy, const Box &box) {
    const auto cell = [&](float pixel) {
        return static_cast<std::int64_t>(std::lround(pixel / occupancy.cellSize));
    };
    const std::int64_t left = cell(box.x);
    const std::int64_t top = cell(box.y);
    width = std::max<std::int64_t>(0, cell(box.x + box.w) - left);
    height = std::max<std::int64_t>(0, cell(box.y + box.h) - top);
    cells.assign(static_cast<std::size_t>(width * height), 0);
    offsetX = -box.w / 2;
    offsetY = -box.h / 2;
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
            if (occupancy.inside(left + x, top + y) &&
                occupancy.cells[occupancy.at(left + x, top + y)] != 0)
                cells[static_cast<std::size_t>(y * width + x)] = 1;
}

void ShapeFit::begin(const Occupancy &occupancy) {
    occupancy_ = occupancy;
    claims_.assign(occupancy.cells.size(), 0);
}

ShapeFit::Place ShapeFit::placeOf(const ObjectShape &shape, float x, float y) const {
    return {std::lround((x + shape.offsetX) / occupancy_.cellSize),
            std::lround((y + shape.offsetY) / occupancy_.cellSize)};
}

void ShapeFit::claim(const ObjectShape &shape, Place place, int members) {
    for (std::int64_t r = 0; r < shape.height; ++r)
        for (std::int64_t c = 0; c < shape.width; ++c)
            if (shape.cells[static_cast<std::size_t>(r * shape.width + c)] != 0 &&
                occupancy_.inside(place.x + c, place.y + r)) {
                std::uint8_t &claims = claims_[occupancy_.at(place.x + c, place.y + r)];
                claims = static_cast<std::uint8_t>(claims + members);
            }
}

void ShapeFit::add(const ObjectShape &shape, float x, float y) {
    claim(shape, placeOf(shape, x, y), 1);
}

float ShapeFit::score(const ObjectShape &shape, Place place) const {
    const std::int64_t left = std::clamp<std::int64_t>(-place.x, 0, shape.width);
    const std::int64_t right =
        std::clamp<std::int64_t>(occupancy_.width - place.x, left, shape.width);
    int sum = 0;
    for (std::int64_t r = 0; r < shape.height; ++r) {
        if (place.y + r < 0 || place.y + r >= occupancy_.height)
            continue;
        const std::uint8_t *cell = shape.cells.data() + r * shape.width;
        const auto row = (place.y + r) * static_cast<std::int64_t>(occupancy_.stride) + place.x;
        const std::uint8_t *covered = occupancy_.cells.data() + row;
        const std::uint8_t *claims = claims_.data() + row;
        for (std::int64_t c = left; c < right; ++c) {
            const int alone = claims[c] == 0 ? 1 : 0;
            sum += cell[c] != 0 ? (covered[c] != 0 ? alone : -1) : 0;
        }
    }
    return static_cast<float>(sum);
}

ShapeOffset ShapeFit::find(const ObjectShape &shape, float x, float y) {
    ShapeOffset offset;
    const Place expected = placeOf(shape, x, y);
    const float size = occupancy_.cellSize;
    // What rounding to cells did to the expected place.
    const float restX = x + shape.offsetX - static_cast<float>(expected.x) * size;
    const float restY = y + shape.offsetY - static_cast<float>(expected.y) * size;
    claim(shape, expected, -1);  // What the others claim counts.
    std::array<float, 2 * reach + 1> scores{};
    Place moved = expected;
    for (std::int64_t d = -reach; d <= reach; ++d)
        scores[static_cast<std::size_t>(d + reach)] = score(shape, {expected.x + d, expected.y});
    if (const auto found = peak(scores, static_cast<float>(shape.height))) {
        offset.x = *found * size - restX;
        moved.x += std::lround(*found);
    }
    for (std::int64_t d = -reach; d <= reach; ++d)
        scores[static_cast<std::size_t>(d + reach)] = score(shape, {moved.x, expected.y + d});
    if (const auto found = peak(scores, static_cast<float>(shape.width)))
        offset.y = *found * size - restY;
    claim(shape, expected, 1);
    return offset;
}

}  // namespace fovea
