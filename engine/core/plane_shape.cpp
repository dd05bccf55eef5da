// SPDX-License-Identifier: Apache-2.0
// Reading and writing a plane's size as text.
#include "engine/core/plane_shape.h"

#include <charconv>

namespace fovea {

Result<PlaneShape> parsePlaneShape(std::string_view text) {
    PlaneShape shape;
    const char *end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, shape.width);
    bool good =
        first.ec == std::errc{} && first.ptr != end && (*first.ptr == 'x' || *first.ptr == 'X');
    if (good) {
        const auto second = std::from_chars(first.ptr + 1, end, shape.height);
        good = second.ec == std::errc{} && second.ptr == end;
    }
    if (!good || !shape.valid())
        return fail(
            ErrorCode::Usage,
            "shape '{}': expected WIDTHxHEIGHT in pixels, each 1 to {}, for example 400x250", text,
            PlaneShape::maxSide);
    return shape;
}

std::string toString(PlaneShape shape) {
    return fmt::format("{}x{}", shape.width, shape.height);
}

}  // namespace fovea
