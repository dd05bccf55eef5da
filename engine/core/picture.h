// SPDX-License-Identifier: Apache-2.0
// A grey picture made from spikes.
#pragma once

#include "engine/core/plane_shape.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// 8-bit grey, row by row, row 0 at the top, no padding.
struct Picture {
    PlaneShape shape;
    std::uint64_t plane = 0;  ///< number of the plane it shows
    std::vector<std::uint8_t> grey;
};

/// The same with 16 bits a pixel.
struct DeepPicture {
    PlaneShape shape;
    std::uint64_t plane = 0;
    std::vector<std::uint16_t> grey;
};

/// Copies a picture with its last row first.
inline void copyTurned(std::span<const std::uint8_t> grey, PlaneShape shape,
                       std::span<std::uint8_t> turned) {
    for (std::size_t row = 0; row < shape.height; ++row)
        std::copy_n(grey.data() + row * shape.width, shape.width,
                    turned.data() + (shape.height - 1 - row) * shape.width);
}

}  // namespace fovea
