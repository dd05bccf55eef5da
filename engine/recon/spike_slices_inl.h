// SPDX-License-Identifier: Apache-2.0
// Bit-sliced numbers and byte tables, compiled once for each instruction set that includes it.
#if defined(FOVEA_RECON_SPIKE_SLICES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_RECON_SPIKE_SLICES_INL_H
#undef FOVEA_RECON_SPIKE_SLICES_INL_H
#else
#define FOVEA_RECON_SPIKE_SLICES_INL_H
#endif

#include "engine/recon/spike_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Vectors are never wider than a chunk.
using Words = hn::CappedTag<std::uint64_t, chunkWords>;
using Bytes = hn::CappedTag<std::uint8_t, 8 * chunkWords>;
using ByteVec = hn::Vec<Bytes>;

// One number a pixel of a chunk, bit-sliced: bit b of pixel p's number is bit p of row b, and a row
// is chunkWords words.

/// Rows up to the highest one that has a bit set.
HWY_INLINE std::size_t usedLevels(const std::uint64_t *rows, std::size_t levels) {
    const auto any = [](const std::uint64_t *row) {
        std::uint64_t all = 0;
        for (std::size_t word = 0; word < chunkWords; ++word)
            all |= row[word];
        return all != 0;
    };
    while (levels > 0 && !any(rows + (levels - 1) * chunkWords))
        --levels;
    return levels;
}

/// Whose bit is set in a row, of the pixels from `at` on.
HWY_INLINE hn::Mask<Bytes> maskAt(const std::uint64_t *row, std::size_t at) {
#if HWY_TARGET == HWY_SCALAR
    return hn::Mask<Bytes>::FromBool(testBit(row, at));
#else
    return hn::LoadMaskBits(Bytes(), reinterpret_cast<const std::uint8_t *>(row) + at / 8);
#endif
}

/// number + value where the mask is set.
HWY_INLINE ByteVec addWhere(hn::Mask<Bytes> mask, ByteVec number, ByteVec value) {
#if HWY_TARGET <= HWY_AVX3
    return hn::IfThenElse(mask, hn::Add(number, value), number);
#else
    return hn::Add(number, hn::IfThenElseZero(mask, value));
#endif
}

/// The numbers' bits [from, to), at most 8, of the pixels from `at` on, a byte each.
HWY_INLINE ByteVec toBytes(const std::uint64_t *rows, std::size_t from, std::size_t to,
                           std::size_t at) {
    const Bytes d;
    auto number = hn::Zero(d);
    for (std::size_t level = from; level < to; ++level) {
        const auto value = hn::Set(d, static_cast<std::uint8_t>(1U << (level - from)));
        number = addWhere(maskAt(rows + level * chunkWords, at), number, value);
    }
    return number;
}

/// a + b + c of one bit each: the sum stays in `a`, the carry is returned.
template <class V> HWY_INLINE V addBits(V &a, V b, V c) {
    const V either = hn::Xor(a, b);
    const V carry = hn::Or(hn::And(a, b), hn::And(either, c));
    a = hn::Xor(either, c);
    return carry;
}

/// Adds `carry` to the numbers from row `level` up.
template <class V>
HWY_INLINE void ripple(V carry, std::uint64_t *rows, std::size_t level, std::size_t levels,
                       std::size_t lane) {
    const Words d;
    for (; level < levels; ++level) {
        std::uint64_t *row = rows + level * chunkWords + lane;
        const V old = hn::Load(d, row);
        hn::Store(hn::Xor(old, carry), d, row);
        carry = hn::And(old, carry);
    }
}

/// Eight more planes, given by a function of their index, to the numbers (4 rows or more) of one
/// lane.
template <class Load>
HWY_INLINE void addEight(Load load, std::uint64_t *rows, std::size_t levels, std::size_t lane) {
    const Words d;
    auto ones = hn::Load(d, rows + lane);
    auto twos = hn::Load(d, rows + chunkWords + lane);
    auto fours = hn::Load(d, rows + 2 * chunkWords + lane);
    const auto twosA = addBits(ones, load(0), load(1));
    const auto twosB = addBits(ones, load(2), load(3));
    const auto foursA = addBits(twos, twosA, twosB);
    const auto twosC = addBits(ones, load(4), load(5));
    const auto twosD = addBits(ones, load(6), load(7));
    const auto foursB = addBits(twos, twosC, twosD);
    ripple(addBits(fours, foursA, foursB), rows, 3, levels, lane);
    hn::Store(ones, d, rows + lane);
    hn::Store(twos, d, rows + chunkWords + lane);
    hn::Store(fours, d, rows + 2 * chunkWords + lane);
}

/// Bit-slices the index of the first plane in which each pixel fires; returns those that never do,
/// whose rows stay 0. All rows are 0 before.
HWY_INLINE hn::Vec<Words> firstSpike(PlanePointers planes, std::size_t word, std::uint64_t *rows,
                                     std::size_t lane) {
    const Words d;
    constexpr std::size_t together = 32;
    alignas(64) std::uint64_t lines[together][hn::MaxLanes(d)];
    const std::size_t some = std::min(planes.size(), together);
    std::size_t half = std::bit_ceil(std::max<std::size_t>(some, 1));
    for (std::size_t i = 0; i < half; ++i)
        hn::Store(i < some ? hn::Load(d, planes[i] + word + lane) : hn::Zero(d), d, lines[i]);
    // Where the first half of the planes has no spike, the second takes its place; and so on.
    while (half > 1) {
        half /= 2;
        auto any = hn::Load(d, lines[0]);
        for (std::size_t i = 1; i < half; ++i)
            any = hn::Or(any, hn::Load(d, lines[i]));
        for (std::size_t i = 0; i < half; ++i) {
            const auto second = hn::AndNot(any, hn::Load(d, lines[half + i]));
            hn::Store(hn::Or(hn::Load(d, lines[i]), second), d, lines[i]);
        }
        hn::Store(hn::Not(any), d,
                  rows + static_cast<std::size_t>(std::countr_zero(half)) * chunkWords + lane);
    }
    auto waiting = hn::Not(hn::Load(d, lines[0]));
    if (hn::AllTrue(d, hn::Eq(waiting, hn::Zero(d))))
        return waiting;
    for (std::size_t at = lane; at < 5 * chunkWords; at += chunkWords)
        hn::Store(hn::AndNot(waiting, hn::Load(d, rows + at)), d, rows + at);
    for (std::size_t i = some; i < planes.size(); ++i) {
        const auto plane = hn::Load(d, planes[i] + word + lane);
        const auto found = hn::And(waiting, plane);
        for (std::size_t rest = i; rest != 0; rest &= rest - 1) {
            std::uint64_t *row =
                rows + static_cast<std::size_t>(std::countr_zero(rest)) * chunkWords + lane;
            hn::Store(hn::Or(hn::Load(d, row), found), d, row);
        }
        waiting = hn::AndNot(plane, waiting);
        if (hn::AllTrue(d, hn::Eq(waiting, hn::Zero(d))))
            break;
    }
    return waiting;
}

// Tables of bytes. A register holds 16 entries, and looking up takes the low 4 bits of an index
// and gives 0 where its top bit is set. So with `steps` = each 16 entries xor the 16 before them,
// the xor of all look-ups, the index 16 lower each time, is the entry for indices below 128.

/// lookUpNear() takes indices below this; other ones give anything.
constexpr std::size_t nearEntries = 48;

#if HWY_TARGET == HWY_SCALAR

HWY_INLINE void makeSteps(const std::uint8_t *table, std::size_t entries, std::uint8_t *steps) {
    std::memcpy(steps, table, entries);
}
HWY_INLINE ByteVec lookUpFar(ByteVec index, const std::uint8_t *steps) {
    return hn::Set(Bytes(), steps[hn::GetLane(index)]);
}
HWY_INLINE ByteVec lookUpNear(ByteVec index, const std::uint8_t *steps) {
    return lookUpFar(hn::Min(index, hn::Set(Bytes(), std::uint8_t{nearEntries})), steps);
}
HWY_INLINE ByteVec lookUpHalf(ByteVec index, const std::uint8_t *steps, std::size_t) {
    return lookUpFar(index, steps);
}

#else

/// For whole halves of 128 entries.
HWY_INLINE void makeSteps(const std::uint8_t *table, std::size_t entries, std::uint8_t *steps) {
    for (std::size_t i = 0; i < entries; ++i)
        steps[i] = static_cast<std::uint8_t>(table[i] ^ (i % 128 < 16 ? 0 : table[i - 16]));
}

/// Indices below 16 * parts, at most 128.
HWY_INLINE ByteVec lookUpHalf(ByteVec index, const std::uint8_t *steps, std::size_t parts) {
    const Bytes d;
    auto result = hn::Zero(d);
    for (std::size_t part = 0; part < parts; ++part) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
        const auto lane = index;
#else
        const auto lane = hn::And(index, hn::Set(d, std::uint8_t{0x8F}));
#endif
        const auto entries = hn::LoadDup128(d, steps + 16 * part);
        result = hn::Xor(result, hn::TableLookupBytesOr0(entries, lane));
        index = hn::Sub(index, hn::Set(d, std::uint8_t{16}));
    }
    return result;
}

HWY_INLINE ByteVec lookUpNear(ByteVec index, const std::uint8_t *steps) {
    return lookUpHalf(index, steps, nearEntries / 16);
}

/// Any index; 256 steps.
HWY_INLINE ByteVec lookUpFar(ByteVec index, const std::uint8_t *steps) {
    const auto top = hn::Set(Bytes(), std::uint8_t{128});
    const auto low = lookUpHalf(index, steps, 8);
    const auto high = lookUpHalf(hn::Xor(index, top), steps + 128, 8);
    return hn::IfThenElse(hn::Lt(index, top), low, high);
}

#endif

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per target
