// SPDX-License-Identifier: Apache-2.0
// Union of runs: one pass for the runs, one for the neighbours, one for the boxes.
#include "engine/detect/cell_regions.h"

#include <algorithm>
#include <cstring>

namespace fovea {

void CellBox::include(const CellBox &other) {
    x0 = std::min(x0, other.x0);
    y0 = std::min(y0, other.y0);
    x1 = std::max(x1, other.x1);
    y1 = std::max(y1, other.y1);
}

CellRegions::CellRegions(const CellGrid &grid, std::uint32_t reach) : grid_(grid), reach_(reach) {
    rowStart_.assign(grid.height + 1, 0);
    const std::size_t most = std::size_t{(grid.width + 1) / 2} * grid.height;
    runs_.reserve(most);
    parts_.reserve(most);
    regions_.reserve(most);
}

void CellRegions::findRuns(const std::uint8_t *row, std::uint32_t y) {
    std::uint32_t x = 0;
    while (x < grid_.width) {
        std::uint64_t eight = 1;
        if (x % 8 == 0)
            std::memcpy(&eight, row + x, 8);
        if (eight == 0 || row[x] == 0) {
            x += eight == 0 ? 8 : 1;
            continue;
        }
        const std::uint32_t begin = x;
        CellRegion part;
        for (; row[x] != 0; ++x) {
            part.moving += (row[x] & markMoving) != 0 ? 1U : 0U;
            part.recent += (row[x] & markRecent) != 0 ? 1U : 0U;
            if ((row[x] & (markMoving | markTrusted)) == 0)
                continue;
            part.sure.include({x, y, x + 1, y + 1});
            ++part.area;
        }
        part.cells = x - begin;
        part.whole = {begin, y, x, y + 1};
        runs_.push_back({y, begin, x, static_cast<std::uint32_t>(runs_.size())});
        parts_.push_back(part);
    }
}

std::uint32_t CellRegions::root(std::uint32_t run) {
    while (runs_[run].parent != run) {
        runs_[run].parent = runs_[runs_[run].parent].parent;
        run = runs_[run].parent;
    }
    return run;
}

void CellRegions::joinRows(std::uint32_t upper, std::uint32_t lower) {
    std::uint32_t a = rowStart_[upper];
    const std::uint32_t aEnd = rowStart_[upper + 1];
    std::uint32_t b = rowStart_[lower];
    const std::uint32_t bEnd = rowStart_[lower + 1];
    while (a < aEnd && b < bEnd) {
        if (runs_[a].end + reach_ <= runs_[b].begin) {
            ++a;
        } else if (runs_[b].end + reach_ <= runs_[a].begin) {
            ++b;
        } else {
            const std::uint32_t ra = root(a);
            const std::uint32_t rb = root(b);
            runs_[std::max(ra, rb)].parent = std::min(ra, rb);
            if (runs_[a].end < runs_[b].end)
                ++a;
            else
                ++b;
        }
    }
}

void CellRegions::gather() {
    for (std::uint32_t i = 0; i < runs_.size(); ++i) {
        const std::uint32_t r = root(i);
        if (r == i)
            continue;
        CellRegion &whole = parts_[r];
        const CellRegion &part = parts_[i];
        whole.whole.include(part.whole);
        whole.sure.include(part.sure);
        whole.area += part.area;
        whole.moving += part.moving;
        whole.recent += part.recent;
        whole.cells += part.cells;
    }
    for (std::uint32_t i = 0; i < runs_.size(); ++i) {
        runs_[i].parent = root(i);
        parts_[i].label = i;
        if (runs_[i].parent == i)
            regions_.push_back(parts_[i]);
    }
}

std::span<const CellRegion> CellRegions::find(std::span<const std::uint8_t> marks) {
    runs_.clear();
    parts_.clear();
    regions_.clear();
    for (std::uint32_t y = 0; y < grid_.height; ++y) {
        rowStart_[y] = static_cast<std::uint32_t>(runs_.size());
        findRuns(marks.data() + grid_.at(0, y), y);
        rowStart_[y + 1] = static_cast<std::uint32_t>(runs_.size());
        for (std::uint32_t i = rowStart_[y] + 1; i < rowStart_[y + 1]; ++i)
            if (runs_[i - 1].end + reach_ > runs_[i].begin)
                runs_[i].parent = root(i - 1);
        for (std::uint32_t up = 1; up <= std::min(reach_, y); ++up)
            joinRows(y - up, y);
    }
    gather();
    return regions_;
}

}  // namespace fovea
