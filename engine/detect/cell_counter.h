// SPDX-License-Identifier: Apache-2.0
// Spikes per cell of 2x2 pixels over a few planes, counted without unpacking.
#pragma once

#include "engine/detect/cell_grid.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Counts spikes of up to `maxPlanes` planes in bit-sliced form (carry-save) and gives the sums of
/// 2x2 pixel cells; cells cut by an odd border are scaled to four pixels.
///
/// Threads: an instance belongs to one thread.
class CellCounter {
public:
    static constexpr std::uint32_t maxPlanes = 8;

    explicit CellCounter(PlaneShape shape);

    [[nodiscard]] const CellGrid &grid() const { return grid_; }
    [[nodiscard]] std::uint32_t planes() const { return planes_; }

    void clear();
    /// `words`: one plane, PlaneShape::wordStride() words. At most `maxPlanes` since clear().
    void add(const std::uint64_t *words);
    /// The same as clear() and eight times add(), in one pass.
    void addEight(std::span<const std::uint64_t *const, 8> planes);
    /// One count (0 to 4 * planes()) a cell, grid().size() of them.
    void cells(std::span<std::uint8_t> counts);

private:
    PlaneShape shape_;
    CellGrid grid_;
    std::uint32_t planes_ = 0;
    std::vector<std::uint64_t> slices_;  ///< word by word: four bits of the count, low first
    std::vector<std::uint8_t> pixels_;   ///< counts a pixel, with room to read beyond
    std::vector<std::uint8_t> row_;      ///< one row of cells, with room to write beyond
    std::vector<std::uint8_t> lastRow_;  ///< zeros below an odd last row
};

}  // namespace fovea
