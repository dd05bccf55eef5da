// SPDX-License-Identifier: Apache-2.0
// Boxes as a grid that a network learns: targets, loss, and how good what it gives is.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/plane_shape.h"
#include "engine/quality/average_precision.h"

#include <ATen/ATen.h>
#include <span>
#include <vector>

namespace fovea {

/// Values of a cell's target, each a plane of the grid: 1 where an object's centre lies (-1: it
/// lies so near that the cell may say what it likes, else 0), the centre within the cell (0 to 1, 0
/// to 1), logarithms of width and height in cells, the class.
constexpr std::size_t boxTargetPlanes = 6;

/// The target of objects in a picture of `shape`; of two in one cell the later one stays.
/// `target`: boxTargetPlanes x rows x columns.
void encodeBoxes(std::span<const Track> objects, PlaneShape shape, std::size_t columns,
                 std::size_t rows, std::span<float> target);

/// Loss of a grid as decodeBoxes() (engine/detect/snn_boxes.h) reads it, as in YOLOv3 (Redmon and
/// Farhadi, 2018) but for classes that exclude each other: for each object the cross-entropy of the
/// score over all cells, 5 times the squares of centre and sizes, and the cross-entropy of the
/// class. `grid`: batch x (5 + classes) x rows x columns, `targets`: batch x (boxTargetPlanes *
/// cells).
[[nodiscard]] at::Tensor boxLoss(const at::Tensor &grid, const at::Tensor &targets);

/// Mean average precision at an overlap of one half, of boxes with a score of at least 0.05.
///
/// Threads: one.
class BoxMeter {
public:
    /// As boxLoss() takes them.
    void add(const at::Tensor &grid, std::span<const float> targets);
    /// One sample: (5 + classes) x rows x columns.
    void add(std::span<const float> grid, std::size_t columns, std::size_t rows,
             std::span<const float> target);
    [[nodiscard]] double meanPrecision() const;

private:
    std::uint64_t frame_ = 0;
    std::vector<ScoredBox> truth_, found_;
};

}  // namespace fovea
