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
    values_.resize(occupancy.cells.size());
    looks_.clear();
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

void ShapeFit::add(const ObjectShape &shape, float x, float y, float look) {
    claim(shape, placeOf(shape, x, y), 1);
    looks_.push_back(look);
}

/// Values the cells that any trial place of the member may cover.
void ShapeFit::lookAround(const ObjectShape &shape, Place place, float look) {
    constexpr float clear = 0.02F;  // between two looks, of the member's
    const bool tells = look > 0 && !occupancy_.rates.empty() &&
                       std::all_of(looks_.begin(), looks_.end(), [](float l) { return l > 0; });
    const auto cut = [](std::int64_t value, std::uint32_t most) {
        return static_cast<std::size_t>(std::clamp<std::int64_t>(value, 0, most));
    };
    const std::size_t right = cut(place.x + shape.width + 2 * reach, occupancy_.width);
    const std::size_t bottom = cut(place.y + shape.height + 2 * reach, occupancy_.height);
    for (std::size_t y = cut(place.y - 2 * reach, occupancy_.height); y < bottom; ++y)
        for (std::size_t x = cut(place.x - 2 * reach, occupancy_.width); x < right; ++x) {
            const std::size_t at = y * occupancy_.stride + x;
            std::int8_t &value = values_[at];
            const std::int8_t alone = claims_[at] == 0 ? 1 : 0;
            if (occupancy_.cells[at] == 0) {
                value = -1;
                continue;
            }
            value = alone;
            if (!tells)
                continue;
            const float mine = std::abs(occupancy_.rates[at] - look);
            float others = 1e9F;
            for (const float other : looks_)
                if (std::abs(other - look) > 2 * clear * look)
                    others = std::min(others, std::abs(occupancy_.rates[at] - other));
            if (others < 1e9F && std::abs(others - mine) > clear * look)
                value = mine < others ? 1 : 0;
        }
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
        const std::int8_t *value = values_.data() + row;
        std::int16_t inRow = 0;
        for (std::int64_t c = left; c < right; ++c)
            inRow = static_cast<std::int16_t>(inRow + (value[c] & -cell[c]));
        sum += inRow;
    }
    return static_cast<float>(sum);
}

ShapeOffset ShapeFit::find(const ObjectShape &shape, float x, float y, float look) {
    ShapeOffset offset;
    const Place expected = placeOf(shape, x, y);
    const float size = occupancy_.cellSize;
    // What rounding to cells did to the expected place.
    const float restX = x + shape.offsetX - static_cast<float>(expected.x) * size;
    const float restY = y + shape.offsetY - static_cast<float>(expected.y) * size;
    claim(shape, expected, -1);  // What the others claim counts.
    lookAround(shape, expected, look);
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
