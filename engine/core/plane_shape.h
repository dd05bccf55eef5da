// SPDX-License-Identifier: Apache-2.0
// Size of a spike plane and how it lies in memory and in files.
#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fovea {

/// Width and height of a plane in pixels.
///
/// In memory a plane is `wordStride()` 64-bit words: pixel p = row * width + column is bit p % 64
/// of word p / 64 (so, on a little-endian machine, the bytes are those of the files: least
/// significant bit first, rows without padding). The stride is a multiple of 64 bytes and the bits
/// beyond the last pixel are zero, so kernels may run over whole words and need no special last
/// step. In a file planes follow each other without any padding at all: plane f begins at bit f *
/// pixels().
struct PlaneShape {
    static constexpr std::uint32_t maxSide = 16384;

    std::uint32_t width = 0;
    std::uint32_t height = 0;

    [[nodiscard]] constexpr bool valid() const {
        return width >= 1 && height >= 1 && width <= maxSide && height <= maxSide;
    }
    [[nodiscard]] constexpr std::size_t pixels() const { return std::size_t{width} * height; }
    /// Bytes that hold one plane's pixels, rounded up.
    [[nodiscard]] constexpr std::size_t bytes() const { return (pixels() + 7) / 8; }
    /// 64-bit words that hold one plane's pixels, rounded up.
    [[nodiscard]] constexpr std::size_t words() const { return (pixels() + 63) / 64; }
    /// Distance between two planes in memory, in 64-bit words (a multiple of 8).
    [[nodiscard]] constexpr std::size_t wordStride() const { return (words() + 7) / 8 * 8; }

    friend constexpr bool operator==(const PlaneShape &, const PlaneShape &) = default;
};

/// Reads "400x250" (width x height). Anything else, zero or more than `maxSide` is an error.
[[nodiscard]] Result<PlaneShape> parsePlaneShape(std::string_view text);

/// "400x250"
[[nodiscard]] std::string toString(PlaneShape shape);

}  // namespace fovea
