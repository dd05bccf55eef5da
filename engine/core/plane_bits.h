// SPDX-License-Identifier: Apache-2.0
// Moving and counting packed bits: the few primitives that readers, writers and tests share.
#pragma once

#include "engine/core/plane_shape.h"

#include <bit>
#include <cstdint>
#include <span>

namespace fovea {

static_assert(std::endian::native == std::endian::little, "planes are read as little-endian words");

/// Consecutive planes, oldest first; a null pointer is a plane that was lost.
using PlanePointers = std::span<const std::uint64_t *const>;

[[nodiscard]] inline bool testBit(const std::uint64_t *words, std::size_t bit) {
    return ((words[bit / 64] >> (bit % 64)) & 1U) != 0;
}
inline void setBit(std::uint64_t *words, std::size_t bit) {
    words[bit / 64] |= std::uint64_t{1} << (bit % 64);
}
inline void clearBit(std::uint64_t *words, std::size_t bit) {
    words[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
}

/// Copies `count` bits from bit `sourceBit` of `source` to bit `targetBit` of `target`; other bits
/// of `target` stay. The ranges must not overlap. Reads no byte beyond the last one it needs.
void copyBits(const std::uint8_t *source, std::size_t sourceBit, std::uint8_t *target,
              std::size_t targetBit, std::size_t count);

/// Reads one plane of a continuous bit stream (plane begins at bit `sourceBit`, every row has
/// `rowBits` >= width bits of which the first `width` are pixels) into `target`
/// (`wordStride()` words, tail zeroed). `flip` makes the last stored row the first.
void unpackPlane(const std::uint8_t *source, std::size_t sourceBit, std::size_t rowBits, bool flip,
                 PlaneShape shape, std::uint64_t *target);

/// The inverse for rows without padding: writes `pixels()` bits at bit `targetBit`.
void packPlane(const std::uint64_t *source, bool flip, PlaneShape shape, std::uint8_t *target,
               std::size_t targetBit);

/// Number of spikes in the plane.
[[nodiscard]] std::size_t countSpikes(const std::uint64_t *plane, PlaneShape shape);

}  // namespace fovea
