// SPDX-License-Identifier: Apache-2.0
// Dynamic neural field: finds the few places that deserve attention.
#pragma once

#include "engine/core/plane_shape.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace fovea {

/// Rows [row0, row1) and columns [col0, col1), as SpikeCV gives them (a box at the lower or right
/// border ends at height - 1 or width - 1).
struct AttentionBox {
    int row0 = 0, col0 = 0, row1 = 0, col1 = 0;

    friend bool operator==(const AttentionBox &, const AttentionBox &) = default;
};

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
    /// Regions above 40, eroded by 7x7 pixels, 8-connected, their boxes grown by 7 pixels; in
    /// the order of the regions' first pixels (rows, then columns). Lent until the next call.
    [[nodiscard]] std::span<const AttentionBox> boxes();

private:
    struct Field;
    PlaneShape shape_;
    std::unique_ptr<Field> field_;
    std::vector<AttentionBox> boxes_;
    std::vector<std::array<int, 3>> order_;  ///< first row, its first column, label
};

}  // namespace fovea
