// SPDX-License-Identifier: Apache-2.0
// Finds where an object is while it touches others, by the shape that it had before.
#pragma once

#include "engine/core/detection.h"

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// The covered cells of one object, relative to its centre.
struct ObjectShape {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::vector<std::uint8_t> cells;
    float offsetX = 0;  ///< left edge minus centre, pixels
    float offsetY = 0;

    [[nodiscard]] bool known() const { return width > 0 && height > 0; }
    /// Takes what is covered inside `box` now.
    void capture(const Occupancy &occupancy, const Box &box);
};

/// Measured offset from where the object was expected, pixels; nothing on an axis on which the
/// covered cells do not tell.
struct ShapeOffset {
    std::optional<float> x, y;
};

/// Fits shapes that share a covered region. Cells that only one shape can explain, by its look or
/// because no other reaches there, pull it; cells that are not covered push it away. Keeps its
/// memory between calls.
///
/// Threads: an instance belongs to one thread.
class ShapeFit {
public:
    /// Starts a group of objects that touch.
    void begin(const Occupancy &occupancy);
    /// A member of the group, where its centre is expected, and its rate (0: not known).
    void add(const ObjectShape &shape, float x, float y, float look = 0);
    /// The offset of a member, which must have been added with these values.
    [[nodiscard]] ShapeOffset find(const ObjectShape &shape, float x, float y, float look = 0);

private:
    struct Place {
        std::int64_t x, y;
    };
    [[nodiscard]] Place placeOf(const ObjectShape &shape, float x, float y) const;
    void claim(const ObjectShape &shape, Place place, int members);
    void lookAround(const ObjectShape &shape, Place place, float look);
    [[nodiscard]] float score(const ObjectShape &shape, Place place) const;

    Occupancy occupancy_;
    std::vector<std::uint8_t> claims_;  ///< members that expect to cover a cell
    std::vector<float> looks_;          ///< of the members
    std::vector<std::int8_t> values_;   ///< what cells say to the member that is being fitted
};

}  // namespace fovea
