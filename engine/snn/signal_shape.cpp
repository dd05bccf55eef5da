// SPDX-License-Identifier: Apache-2.0
// Checks the sides of a signal.
#include "engine/snn/signal_shape.h"

#include <cassert>
#include <fmt/ranges.h>

namespace fovea {

Result<SignalShape> SignalShape::make(std::span<const std::int64_t> sides) {
    if (sides.empty() || sides.size() > maxRank)
        return fail(ErrorCode::InvalidArgument, "a signal has 1 to {} sides, not {}", maxRank,
                    sides.size());
    SignalShape shape;
    std::uint64_t elements = 1;
    for (const std::int64_t side : sides) {
        if (side < 1 || side > static_cast<std::int64_t>(maxElements / elements))
            return fail(ErrorCode::InvalidArgument,
                        "shape ({}): sides are at least 1 and their product at most {}",
                        fmt::join(sides, ", "), maxElements);
        elements *= static_cast<std::uint64_t>(side);
        shape.sides[shape.rank++] = static_cast<std::uint32_t>(side);
    }
    return shape;
}

SignalShape SignalShape::of(std::initializer_list<std::uint32_t> sides) {
    assert(sides.size() >= 1 && sides.size() <= maxRank);
    SignalShape shape;
    for (const std::uint32_t side : sides)
        shape.sides[shape.rank++] = side;
    return shape;
}

std::size_t SignalShape::elements() const {
    std::size_t count = rank == 0 ? 0 : 1;
    for (const std::uint32_t side : values())
        count *= side;
    return count;
}

std::string toString(const SignalShape &shape) {
    return fmt::format("({})", fmt::join(shape.values(), ", "));
}

}  // namespace fovea
