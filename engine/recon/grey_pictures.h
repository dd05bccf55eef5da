// SPDX-License-Identifier: Apache-2.0
// Memory for some grey pictures, laid out for the kernels.
#pragma once

#include "engine/core/aligned_vector.h"
#include "engine/recon/run_kernels.h"

namespace fovea {

/// Pictures of one shape. Each begins on a cache line and has room for whole chunks, so kernels
/// need no special last step. Threads: as a plain array.
class GreyPictures {
public:
    GreyPictures(PlaneShape shape, std::size_t count)
        : shape_(shape), count_(count), grey_(count * stride()) {}

    [[nodiscard]] PlaneShape shape() const { return shape_; }
    [[nodiscard]] std::size_t count() const { return count_; }
    /// Bytes from a picture to the next.
    [[nodiscard]] std::size_t stride() const { return chunksOf(shape_) * chunkPixels; }
    /// For a kernel that writes `count` pictures from `picture` on, one after the other.
    [[nodiscard]] GreyTarget target(std::size_t picture, std::size_t count) {
        constexpr std::size_t cache = std::size_t{2} << 20;  // second level
        return {grey_.data() + picture * stride(), stride(), count * stride() > cache};
    }
    /// pixels() bytes, row by row, row 0 on top.
    [[nodiscard]] std::span<std::uint8_t> operator[](std::size_t picture) {
        return {grey_.data() + picture * stride(), shape_.pixels()};
    }
    [[nodiscard]] std::span<const std::uint8_t> operator[](std::size_t picture) const {
        return {grey_.data() + picture * stride(), shape_.pixels()};
    }

private:
    PlaneShape shape_;
    std::size_t count_;
    AlignedVector<std::uint8_t> grey_;
};

}  // namespace fovea
