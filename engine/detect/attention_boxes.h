// SPDX-License-Identifier: Apache-2.0
// Boxes around the regions of a neural field that stand out.
#pragma once

#include <array>
#include <cstddef>
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

/// Regions above 40, eroded by 7x7 pixels (outside of the picture counts as above), 8-connected,
/// their boxes grown by 7 pixels; in the order of the regions' first pixels (rows, then columns).
///
/// Threads: an instance belongs to one thread.
class AttentionBoxes {
public:
    AttentionBoxes();
    ~AttentionBoxes();

    /// Rows of `potential` are `stride` elements apart. Lent until the next call.
    [[nodiscard]] std::span<const AttentionBox> find(const float *potential, int width, int height,
                                                     std::size_t stride);
    /// The rest of find() where threshold and erosion were done elsewhere: bit p of `eroded` is
    /// pixel p, row by row.
    [[nodiscard]] std::span<const AttentionBox> label(const std::uint64_t *eroded, int width,
                                                      int height);
    static constexpr float threshold = 40;

private:
    void label(int width, int height);

    struct Pictures;
    std::unique_ptr<Pictures> pictures_;
    std::vector<AttentionBox> boxes_;
    std::vector<std::array<int, 3>> order_;  ///< first row, its first column, label
};

}  // namespace fovea
