// SPDX-License-Identifier: Apache-2.0
// Connected regions of marked cells.
#pragma once

#include "engine/detect/cell_grid.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// A box of cells; x1, y1 are exclusive.
struct CellBox {
    std::uint32_t x0 = 0xFFFFFFFFU, y0 = 0xFFFFFFFFU, x1 = 0, y1 = 0;

    void include(const CellBox &other);
};

/// A connected region of foreground.
struct CellRegion {
    CellBox whole;             ///< all foreground cells
    CellBox sure;              ///< cells that move or whose background is trusted
    std::uint32_t area = 0;    ///< sure cells
    std::uint32_t moving = 0;  ///< cells with markMoving
    std::uint32_t recent = 0;  ///< cells with markRecent
    std::uint32_t cells = 0;   ///< all foreground cells
    std::uint32_t label = 0;
};

/// Finds regions of cells that touch or lie at most `reach` cells apart, by union of runs. Keeps
/// its memory between calls.
///
/// Threads: an instance belongs to one thread.
class CellRegions {
public:
    struct Run {
        std::uint32_t y, begin, end, parent;
    };

    CellRegions(const CellGrid &grid, std::uint32_t reach);

    /// `marks`: CellMark bits. Lent until the next call, in the order of their first cell.
    [[nodiscard]] std::span<const CellRegion> find(std::span<const std::uint8_t> marks);
    [[nodiscard]] std::span<const CellRegion> found() const { return regions_; }
    /// All runs of the last call; after find() a run's parent is its region's label.
    [[nodiscard]] std::span<const Run> runs() const { return runs_; }

private:
    void findRuns(const std::uint8_t *row, std::uint32_t y);
    void joinRows(std::uint32_t upper, std::uint32_t lower);
    void gather();
    [[nodiscard]] std::uint32_t root(std::uint32_t run);

    CellGrid grid_;
    std::uint32_t reach_;
    std::vector<Run> runs_;
    std::vector<std::uint32_t> rowStart_;
    std::vector<CellRegion> parts_;
    std::vector<CellRegion> regions_;
};

}  // namespace fovea
