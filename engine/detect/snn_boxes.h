// SPDX-License-Identifier: Apache-2.0
// What a network's output says: which class, which boxes.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/plane_shape.h"
#include "engine/snn/frame_fit.h"
#include "engine/snn/stream_form.h"

#include <span>
#include <vector>

namespace fovea {

/// Scores of 0 to 1 that sum up to 1.
[[nodiscard]] std::vector<float> softmax(std::span<const float> values);
/// The largest; of equal ones the first.
[[nodiscard]] int largest(std::span<const float> values);

/// A class for each tile whose score reaches the form's threshold: the tile is the box.
void decodeTiles(const StreamForm &form, const FrameFit &fit, std::span<const float> outputs,
                 std::vector<Detection> &detections);

/// A grid (5 + classes, height, width) for each tile. With s the logistic function and the cell in
/// row r and column c, cells being width / columns by height / rows of the input: score s(o0),
/// centre ((c + s(o1)) cell widths, (r + s(o2)) cell heights), size e^o3 cell widths by e^o4 cell
/// heights, class the largest of the rest, whose softmax is multiplied to the score. Of boxes that
/// overlap by more than half (IoU) the one with the better score stays. Largest first.
void decodeBoxes(const StreamForm &form, const FrameFit &fit, const SignalShape &grid,
                 std::span<const float> outputs, std::vector<Detection> &detections);

}  // namespace fovea
