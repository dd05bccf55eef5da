// SPDX-License-Identifier: Apache-2.0
// Finds where objects are while they touch, by the shapes that they had before.
#pragma once

#include "engine/track/object_shape.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace fovea {

/// Measured offset from where the object was expected, pixels; nothing on an axis on which the
/// covered cells do not tell.
struct ShapeOffset {
    std::optional<float> x, y;
    float rate = 0;  ///< median rate of its cells that no other member expects; 0: too few
    float seen = 1;  ///< share of its cells that are covered and not hidden by another member
};

/// Fits shapes that share a covered region. Cells that only one shape can explain, by its look or
/// because no other reaches there, pull it; cells that are not covered push it away. Keeps its
/// memory between calls.
///
/// Threads: an instance belongs to one thread.
class ShapeFit {
public:
    /// Starts a group of objects that touch.
    void begin(const Occupancy &occupancy);
    /// A member of the group, where its centre and angle are expected, and its rate (0: not known).
    void add(const ObjectShape &shape, float x, float y, float turn, float look);
    /// The offset of member `index` in the order of add().
    [[nodiscard]] ShapeOffset find(std::size_t index);

private:
    static constexpr int reach = 3;  ///< cells

    struct Member {
        PlacedShape placed;
        CellPlace low, high;  ///< bounds, high exclusive
        float look = 0;
    };
    void claim(const Member &member, int members);
    void lookAround(const Member &member);
    [[nodiscard]] float score(const Member &member, int dx, int dy) const;
    [[nodiscard]] float rate(const Member &member, int dx, int dy);
    [[nodiscard]] float seen(const Member &member, int dx, int dy) const;

    Occupancy occupancy_;
    std::vector<std::uint8_t> claims_;  ///< members that expect to cover a cell
    std::vector<std::int8_t> values_;   ///< what cells say to the member that is being fitted
    std::vector<float> rates_;
    std::vector<Member> members_;  ///< the first `count_` are in use
    std::size_t count_ = 0;
};

}  // namespace fovea
