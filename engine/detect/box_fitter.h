// SPDX-License-Identifier: Apache-2.0
// From where attention goes to where the things are: boxes around what fired there lately.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/plane_shape.h"
#include "engine/detect/attention_boxes.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Remembers the neurons that fired in the last few planes and fits boxes to them.
///
/// Threads: an instance belongs to one thread.
class BoxFitter {
public:
    static constexpr std::size_t memoryPlanes = 6;
    /// Fitted boxes are where things were so many planes before the newest one.
    static constexpr float age = memoryPlanes / 2.0F;

    explicit BoxFitter(PlaneShape shape);

    void reset();
    /// Where the next plane of fired neurons goes (wordStride() words); the oldest one is
    /// forgotten.
    [[nodiscard]] std::uint64_t *push();
    /// The plane pushed `ago` planes ago, 0 to memoryPlanes - 1; 0 is the newest.
    [[nodiscard]] const std::uint64_t *fired(std::size_t ago) const;
    /// One detection a box, largest first. With `fit` a box is cut to what fired in it, without the
    /// outer 2 % at each end. Lent until the next call.
    [[nodiscard]] std::span<const Detection> detections(std::span<const AttentionBox> boxes,
                                                        bool fit);

private:
    [[nodiscard]] Box fitted(const AttentionBox &box);

    PlaneShape shape_;
    std::size_t newest_ = 0;
    std::vector<std::vector<std::uint64_t>> planes_;
    std::vector<std::uint64_t> recent_;  ///< all of them together
    std::vector<std::uint32_t> rows_, columns_;
    std::vector<Detection> detections_;
};

}  // namespace fovea
