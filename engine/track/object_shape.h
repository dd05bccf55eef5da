// SPDX-License-Identifier: Apache-2.0
// The covered cells of one object, which can be turned and put elsewhere.
#pragma once

#include "engine/core/detection.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Which places are covered by something, in square cells of `cellSize` pixels. Empty: not known.
struct Occupancy {
    std::span<const std::uint8_t> cells;  ///< not 0: covered; rows of `stride`
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t stride = 0;
    float cellSize = 2;
    std::span<const float> rates{};  ///< spike rates, as the cells; empty: not known

    [[nodiscard]] bool known() const { return !cells.empty(); }
    [[nodiscard]] bool inside(std::int64_t x, std::int64_t y) const {
        return x >= 0 && y >= 0 && x < width && y < height;
    }
    [[nodiscard]] std::size_t at(std::int64_t x, std::int64_t y) const {
        return static_cast<std::size_t>(y) * stride + static_cast<std::size_t>(x);
    }
};

/// A cell of the grid; may lie outside of the picture.
struct CellPlace {
    std::int32_t x = 0;
    std::int32_t y = 0;
};

struct PlacedShape {
    std::vector<CellPlace> cells;
    float restX = 0;  ///< what rounding to cells moved it by, pixels: placed minus true
    float restY = 0;
};

/// Lengths are pixels, angles radians (positive from x to y).
///
/// Threads: a plain value.
class ObjectShape {
public:
    struct Point {
        float x = 0;
        float y = 0;
    };

    [[nodiscard]] bool known() const { return !points_.empty(); }
    /// Centres of its cells, relative to its own centre.
    [[nodiscard]] std::span<const Point> points() const { return points_; }
    /// Largest distance of a cell from the centre.
    [[nodiscard]] float radius() const { return radius_; }

    /// Takes what is covered inside `box`; gives its centre of gravity. Nothing covered: the centre
    /// of the box, and the shape is not known.
    Point capture(const Occupancy &occupancy, const Box &box);
    /// The cells that it covers when turned and put with its centre at x, y.
    void place(float x, float y, float turn, float cellSize, PlacedShape &placed) const;
    /// Tight box around it when turned, relative to its centre.
    [[nodiscard]] Box boxAt(float turn, float cellSize) const;

private:
    std::vector<Point> points_;
    float radius_ = 0;
};

}  // namespace fovea
