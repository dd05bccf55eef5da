// SPDX-License-Identifier: Apache-2.0
// Dynamic neural field: finds the few places that deserve attention.
#pragma once

#include "engine/core/plane_shape.h"
#include "engine/detect/attention_boxes.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace fovea {

/// U <- U + (J * spikes - U + J * r) / 2 with r = relu(U)^2 / (1 + 0.01 sum relu(U)^2) and J a
/// Gaussian of half width B, sigma round(B / 2) + 1 (half to even), scaled to 1 in the centre and 0
/// in the corners (Amari 1977; SpikeCV's SaccadeInput, version 2).
///
/// Threads: an instance belongs to one thread.
class AttentionField {
public:
    AttentionField(int attentionSize, PlaneShape shape);
    ~AttentionField();

    void reset();
    /// One step with a plane of spikes (wordStride() words).
    void update(const std::uint64_t *spikes);
    [[nodiscard]] std::span<const float> potential() const;
    /// Goes on from there.
    void setPotential(std::span<const float> potential);
    /// The Gaussian along one axis, 2 * attentionSize + 1 values, 1 in the middle.
    [[nodiscard]] static std::vector<double> weights(int attentionSize);
    /// See AttentionBoxes. Lent until the next call.
    [[nodiscard]] std::span<const AttentionBox> boxes();

private:
    struct Field;
    PlaneShape shape_;
    std::unique_ptr<Field> field_;
    AttentionBoxes boxes_;
};

}  // namespace fovea
