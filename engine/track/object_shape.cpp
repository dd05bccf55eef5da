// SPDX-License-Identifier: Apache-2.0
// Capture, turn and place.
#include "engine/track/object_shape.h"

#include <algorithm>
#include <cmath>

namespace fovea {

ObjectShape::Point ObjectShape::capture(const Occupancy &occupancy, const Box &box) {
    const float size = occupancy.cellSize;
    const auto cell = [&](float pixel, std::uint32_t most) {
        return static_cast<std::uint32_t>(
            std::clamp(std::round(pixel / size), 0.0F, static_cast<float>(most)));
    };
    const std::uint32_t right = cell(box.x + box.w, occupancy.width);
    const std::uint32_t bottom = cell(box.y + box.h, occupancy.height);
    points_.clear();
    radius_ = 0;
    Point sum;
    for (std::uint32_t y = cell(box.y, occupancy.height); y < bottom; ++y)
        for (std::uint32_t x = cell(box.x, occupancy.width); x < right; ++x) {
            if (occupancy.cells[occupancy.at(x, y)] == 0)
                continue;
            points_.push_back(
                {size * (static_cast<float>(x) + 0.5F), size * (static_cast<float>(y) + 0.5F)});
            sum.x += points_.back().x;
            sum.y += points_.back().y;
        }
    if (points_.empty())
        return {box.x + box.w / 2, box.y + box.h / 2};
    const auto count = static_cast<float>(points_.size());
    const Point centre{sum.x / count, sum.y / count};
    for (Point &point : points_) {
        point = {point.x - centre.x, point.y - centre.y};
        radius_ = std::max(radius_, std::hypot(point.x, point.y));
    }
    return centre;
}

void ObjectShape::place(float x, float y, float turn, float cellSize, PlacedShape &placed) const {
    placed.cells.clear();
    placed.restX = placed.restY = 0;
    if (points_.empty())
        return;
    const float c = std::cos(turn);
    const float s = std::sin(turn);
    for (const Point &point : points_) {
        const float px = (x + c * point.x - s * point.y) / cellSize;
        const float py = (y + s * point.x + c * point.y) / cellSize;
        const float fx = std::floor(px);
        const float fy = std::floor(py);
        placed.restX += fx + 0.5F - px;
        placed.restY += fy + 0.5F - py;
        placed.cells.push_back({static_cast<std::int32_t>(fx), static_cast<std::int32_t>(fy)});
    }
    const float scale = cellSize / static_cast<float>(points_.size());
    placed.restX *= scale;
    placed.restY *= scale;
}

Box ObjectShape::boxAt(float turn, float cellSize) const {
    const float c = std::cos(turn);
    const float s = std::sin(turn);
    Point low, high;
    for (const Point &point : points_) {
        const float x = c * point.x - s * point.y;
        const float y = s * point.x + c * point.y;
        low = {std::min(low.x, x), std::min(low.y, y)};
        high = {std::max(high.x, x), std::max(high.y, y)};
    }
    const float half = cellSize / 2;
    return {low.x - half, low.y - half, high.x - low.x + cellSize, high.y - low.y + cellSize};
}

}  // namespace fovea
