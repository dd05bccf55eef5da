// SPDX-License-Identifier: Apache-2.0
// Bit copies at any offset, row flips, spike counts.
#include "engine/core/plane_bits.h"

#include <algorithm>
#include <cstring>

namespace fovea {

namespace {

// Up to 57 bits beginning at any bit, touching only the bytes that hold them.
std::uint64_t loadBits(const std::uint8_t *source, std::size_t bit, std::size_t count) {
    const std::uint8_t *byte = source + bit / 8;
    const std::size_t shift = bit % 8;
    std::uint64_t value = 0;
    std::memcpy(&value, byte, (shift + count + 7) / 8);
    value >>= shift;
    return value & ((std::uint64_t{1} << count) - 1);
}

void storeBits(std::uint8_t *target, std::size_t bit, std::size_t count, std::uint64_t value) {
    std::uint8_t *byte = target + bit / 8;
    const std::size_t shift = bit % 8;
    const std::size_t bytes = (shift + count + 7) / 8;
    const std::uint64_t mask = ((std::uint64_t{1} << count) - 1) << shift;
    std::uint64_t old = 0;
    std::memcpy(&old, byte, bytes);
    old = (old & ~mask) | ((value << shift) & mask);
    std::memcpy(byte, &old, bytes);
}

// Rows in reverse order, of 16 bytes or more, in `pieces` of 16 bytes of which the last one ends
// with the row. `pieces` is 0 where it is not known when compiling.
template <std::size_t pieces>
void copyRowsReversed(const std::uint8_t *source, std::size_t sourceStride, std::size_t rowBytes,
                      std::size_t rows, std::uint8_t *target) {
    constexpr std::size_t piece = 16;
    const std::size_t whole = (pieces > 0 ? pieces : (rowBytes + piece - 1) / piece) - 1;
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint8_t *from = source + (rows - 1 - row) * sourceStride;
        std::uint8_t *to = target + row * rowBytes;
        for (std::size_t i = 0; i < whole; ++i)
            std::memcpy(to + i * piece, from + i * piece, piece);
        std::memcpy(to + rowBytes - piece, from + rowBytes - piece, piece);
    }
}

void reverseRows(const std::uint8_t *source, std::size_t sourceStride, std::size_t rowBytes,
                 std::size_t rows, std::uint8_t *target) {
    if (rowBytes > 48 && rowBytes <= 64)  // 400 pixels
        copyRowsReversed<4>(source, sourceStride, rowBytes, rows, target);
    else if (rowBytes > 112 && rowBytes <= 128)  // 1000 pixels
        copyRowsReversed<8>(source, sourceStride, rowBytes, rows, target);
    else
        copyRowsReversed<0>(source, sourceStride, rowBytes, rows, target);
}

bool reversesInBytes(std::size_t bit, std::size_t rowBits, PlaneShape shape) {
    return bit % 8 == 0 && rowBits % 8 == 0 && shape.width % 8 == 0 && shape.width >= 128;
}

}  // namespace

void copyBits(const std::uint8_t *source, std::size_t sourceBit, std::uint8_t *target,
              std::size_t targetBit, std::size_t count) {
    if (sourceBit % 8 == 0 && targetBit % 8 == 0) {
        std::memcpy(target + targetBit / 8, source + sourceBit / 8, count / 8);
        sourceBit += count / 8 * 8;
        targetBit += count / 8 * 8;
        count %= 8;
    }
    constexpr std::size_t step = 56;
    while (count > 0) {
        const std::size_t bits = std::min(count, step);
        storeBits(target, targetBit, bits, loadBits(source, sourceBit, bits));
        sourceBit += bits;
        targetBit += bits;
        count -= bits;
    }
}

void unpackPlane(const std::uint8_t *source, std::size_t sourceBit, std::size_t rowBits, bool flip,
                 PlaneShape shape, std::uint64_t *target) {
    auto *bytes = reinterpret_cast<std::uint8_t *>(target);
    const std::size_t used = shape.bytes();
    std::memset(bytes + (used - 1), 0, shape.wordStride() * 8 - (used - 1));
    if (!flip && rowBits == shape.width) {
        copyBits(source, sourceBit, bytes, 0, shape.pixels());
        return;
    }
    if (flip && reversesInBytes(sourceBit, rowBits, shape)) {
        reverseRows(source + sourceBit / 8, rowBits / 8, shape.width / 8, shape.height, bytes);
        return;
    }
    for (std::uint32_t row = 0; row < shape.height; ++row) {
        const std::uint32_t from = flip ? shape.height - 1 - row : row;
        copyBits(source, sourceBit + from * rowBits, bytes, std::size_t{row} * shape.width,
                 shape.width);
    }
}

void packPlane(const std::uint64_t *source, bool flip, PlaneShape shape, std::uint8_t *target,
               std::size_t targetBit) {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(source);
    if (!flip) {
        copyBits(bytes, 0, target, targetBit, shape.pixels());
        return;
    }
    if (reversesInBytes(targetBit, shape.width, shape)) {
        reverseRows(bytes, shape.width / 8, shape.width / 8, shape.height, target + targetBit / 8);
        return;
    }
    for (std::uint32_t row = 0; row < shape.height; ++row)
        copyBits(bytes, std::size_t{shape.height - 1 - row} * shape.width, target,
                 targetBit + std::size_t{row} * shape.width, shape.width);
}

std::size_t countSpikes(const std::uint64_t *plane, PlaneShape shape) {
    std::size_t count = 0;
    for (std::size_t word = 0; word < shape.words(); ++word)
        count += static_cast<std::size_t>(std::popcount(plane[word]));
    return count;
}

}  // namespace fovea
