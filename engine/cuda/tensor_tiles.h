// SPDX-License-Identifier: Apache-2.0
// Matrix tiles that a warp of 32 lanes multiplies by tensor cores; the CPU plays all lanes.
#pragma once

#include "engine/cuda/both.h"

#include <cstring>

namespace fovea {

/// Lanes that this code is: its own one on a device, all of them on the CPU. Code of a warp runs
/// `for (slot < playedLanes) { lane = laneOf(slot); ... }` between calls that all lanes make.
#ifdef __CUDA_ARCH__
constexpr std::uint32_t playedLanes = 1;
#else
constexpr std::uint32_t playedLanes = 32;
#endif

[[nodiscard]] FOVEA_BOTH inline std::uint32_t laneOf(std::uint32_t slot) {
#ifdef __CUDA_ARCH__
    return threadIdx.x % 32 + slot;
#else
    return slot;
#endif
}

/// What every lane has.
template <class T> struct PerLane {
    T values[playedLanes];
    [[nodiscard]] FOVEA_BOTH T &operator[](std::uint32_t slot) { return values[slot]; }
    [[nodiscard]] FOVEA_BOTH const T &operator[](std::uint32_t slot) const { return values[slot]; }
};

/// A lane's part of 16 rows of weights (16 bf16 or 32 int8 numbers long), of 8 columns, and of the
/// 16 x 8 sums: PTX ISA, mma.m16n8k16 (bf16) and mma.m16n8k32 (s8). Lane L has the sums of rows
/// L / 4 (first two) and L / 4 + 8 (last two) in columns 2 * (L % 4) and the next one; its words of
/// weights belong to rows L / 4, L / 4 + 8, and again to both with the later half of the length;
/// its words of column L / 4 to the earlier and the later half. Within a half, word i of a row or
/// column is that of lane i of four.
struct WeightTile {
    std::uint32_t words[4];
};
struct ColumnTile {
    std::uint32_t words[2];
};
template <class T> struct SumTile { T sums[4]; };

/// bf16 numbers, two a word; float sums.
struct Bf16Tiles {
    using Sum = float;
    static constexpr std::uint32_t length = 16;
    static constexpr const char *name() { return "a convolution in bf16"; }

    [[nodiscard]] FOVEA_BOTH static float product(std::uint32_t a, std::uint32_t b) {
        return number(a) * number(b) + number(a >> 16) * number(b >> 16);
    }
    [[nodiscard]] FOVEA_BOTH static float number(std::uint32_t bits) {
        const std::uint32_t wide = bits << 16;
        float value = 0;
        memcpy(&value, &wide, sizeof(value));
        return value;
    }
};
/// 8-bit integers, four a word; 32-bit sums.
struct Int8Tiles {
    using Sum = std::int32_t;
    static constexpr std::uint32_t length = 32;
    static constexpr const char *name() { return "a convolution in int8"; }

    [[nodiscard]] FOVEA_BOTH static std::int32_t product(std::uint32_t a, std::uint32_t b) {
        std::int32_t sum = 0;
        for (int i = 0; i < 32; i += 8)
            sum += static_cast<std::int8_t>(a >> i) * static_cast<std::int8_t>(b >> i);
        return sum;
    }
};

/// sums += weights x columns, by all lanes together. On devices before compute capability 8.0 it
/// does nothing: such kernels are refused there, see WarpBody.
template <class Tiles>
FOVEA_BOTH void multiplyTiles(PerLane<SumTile<typename Tiles::Sum>> &sums,
                              const PerLane<WeightTile> &weights,
                              const PerLane<ColumnTile> &columns) {
#ifdef __CUDA_ARCH__
#if __CUDA_ARCH__ >= 800
    auto &c = sums[0].sums;
    const auto &a = weights[0].words;
    const auto &b = columns[0].words;
    if constexpr (Tiles::length == 16)
        asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
            "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
    else
        asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 "
            "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
#else
    for (std::uint32_t lane = 0; lane < 32; ++lane)
        for (std::uint32_t i = 0; i < 4; ++i) {
            const std::uint32_t row = lane / 4;  // of eight; i / 2 says which eight
            const std::uint32_t column = 2 * (lane % 4) + i % 2;
            for (std::uint32_t word = 0; word < 8; ++word)
                sums[lane].sums[i] +=
                    Tiles::product(weights[row * 4 + word % 4].words[i / 2 + word / 4 * 2],
                                   columns[column * 4 + word % 4].words[word / 4]);
        }
#endif
}

/// Some lane's number is not 0.
[[nodiscard]] FOVEA_BOTH inline bool anyLane(const PerLane<std::uint32_t> &numbers) {
#ifdef __CUDA_ARCH__
    return __any_sync(~0U, numbers[0] != 0) != 0;
#else
    std::uint32_t all = 0;
    for (std::uint32_t lane = 0; lane < 32; ++lane)
        all |= numbers[lane];
    return all != 0;
#endif
}

}  // namespace fovea
