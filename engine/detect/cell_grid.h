// SPDX-License-Identifier: Apache-2.0
// How values of 2x2 pixel cells lie in memory.
#pragma once

#include "engine/core/plane_shape.h"

#include <cstddef>
#include <cstdint>

namespace fovea {

/// Rows of cells; each row is followed by at least one unused cell that is always zero, so that
/// kernels may run over all rows at once and a row's neighbours to the left and right are zero.
struct CellGrid {
    static constexpr std::uint32_t lanes = 16;

    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t stride = 0;  ///< a multiple of `lanes`, above width

    CellGrid() = default;
    explicit CellGrid(PlaneShape shape)
        : width((shape.width + 1) / 2), height((shape.height + 1) / 2),
          stride((width + lanes) / lanes * lanes) {}
    [[nodiscard]] std::size_t size() const { return std::size_t{stride} * height; }
    [[nodiscard]] std::size_t at(std::uint32_t x, std::uint32_t y) const {
        return std::size_t{y} * stride + x;
    }
};

/// What is known about a cell that differs from the background.
enum CellMark : std::uint8_t {
    markForeground = 1,
    markTrusted = 2,  ///< its background is confirmed
    markMoving = 4,   ///< it changed just now
    markRecent = 8,   ///< it changed not long ago
};

}  // namespace fovea
