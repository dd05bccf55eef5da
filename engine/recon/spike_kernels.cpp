// SPDX-License-Identifier: Apache-2.0
// The inner loops in Highway: compiled for every vector width, chosen at run time.
#include "engine/recon/spike_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/recon/spike_kernels.cpp"
#include <hwy/foreach_target.h>
// Highway asks for this order.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// All loops work on chunks of 512 pixels, which is what a plane's length in memory is a multiple
// of; vectors are never wider than that.
constexpr std::size_t chunkWords = 8;
constexpr std::size_t chunkPixels = 64 * chunkWords;
constexpr std::size_t maxLevels = 13;
using Words = hn::CappedTag<std::uint64_t, chunkWords>;

/// One number a pixel of a chunk, bit-sliced: bit b of pixel p's number is bit p of bits[b].
struct Slices {
    alignas(64) std::uint64_t bits[maxLevels][chunkWords];

    void clear(std::size_t levels) { std::memset(bits, 0, levels * sizeof(bits[0])); }
    /// Levels up to the highest one that has a bit set.
    [[nodiscard]] std::size_t usedLevels(std::size_t levels) const {
        const auto any = [](const std::uint64_t *row) {
            std::uint64_t all = 0;
            for (std::size_t word = 0; word < chunkWords; ++word)
                all |= row[word];
            return all != 0;
        };
        while (levels > 0 && !any(bits[levels - 1]))
            --levels;
        return levels;
    }
};

#if HWY_TARGET == HWY_SCALAR  // has no byte vectors

HWY_INLINE void lookUpChunk(const Slices &slices, std::size_t levels, const std::uint8_t *table,
                            std::uint8_t *grey) {
    for (std::size_t pixel = 0; pixel < chunkPixels; ++pixel) {
        std::size_t number = 0;
        for (std::size_t level = 0; level < levels; ++level)
            number |= ((slices.bits[level][pixel / 64] >> (pixel % 64)) & 1U) << level;
        grey[pixel] = table[number];
    }
}

#else

using Bytes = hn::Repartition<std::uint8_t, Words>;

/// The numbers' bits [from, to), at most 8, of the pixels from `at` on, a byte each.
HWY_INLINE hn::Vec<Bytes> toBytes(const Slices &slices, std::size_t from, std::size_t to,
                                  std::size_t at) {
    const Bytes d;
    auto number = hn::Zero(d);
    for (std::size_t level = from; level < to; ++level) {
        const auto *bits = reinterpret_cast<const std::uint8_t *>(slices.bits[level]) + at / 8;
        const auto value = hn::Set(d, static_cast<std::uint8_t>(1U << (level - from)));
        number = hn::Or(number, hn::IfThenElseZero(hn::LoadMaskBits(d, bits), value));
    }
    return number;
}

/// Numbers below 128 are looked up in registers, 16 table entries at a time.
HWY_INLINE void lookUpNarrow(const Slices &slices, std::size_t levels, const std::uint8_t *table,
                             std::uint8_t *grey) {
    const Bytes d;
    const std::size_t tables = ((std::size_t{1} << levels) + 15) / 16;
    for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d)) {
        const auto number = toBytes(slices, 0, levels, at);
        auto result = hn::Zero(d);
        for (std::size_t part = 0; part < tables; ++part) {
            // An index outside of these 16 entries gets its top bit set, which looks up zero.
            const auto shifted = hn::Sub(number, hn::Set(d, static_cast<std::uint8_t>(16 * part)));
            const auto marked = hn::SaturatedAdd(shifted, hn::Set(d, std::uint8_t{0x70}));
            const auto index = hn::And(marked, hn::Set(d, std::uint8_t{0x8F}));
            const auto entries = hn::LoadDup128(d, table + 16 * part);
            result = hn::Or(result, hn::TableLookupBytesOr0(entries, index));
        }
        hn::StoreU(result, d, grey + at);
    }
}

/// Larger ones one by one.
HWY_INLINE void lookUpWide(const Slices &slices, std::size_t levels, const std::uint8_t *table,
                           std::uint8_t *grey) {
    const Bytes d;
    alignas(64) std::uint8_t low[chunkPixels];
    alignas(64) std::uint8_t high[chunkPixels];
    for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d)) {
        hn::Store(toBytes(slices, 0, 8, at), d, low + at);
        hn::Store(toBytes(slices, 8, levels, at), d, high + at);
    }
    for (std::size_t pixel = 0; pixel < chunkPixels; ++pixel)
        grey[pixel] = table[low[pixel] + 256 * high[pixel]];
}

HWY_INLINE void lookUpChunk(const Slices &slices, std::size_t levels, const std::uint8_t *table,
                            std::uint8_t *grey) {
    if (levels < 8)
        lookUpNarrow(slices, levels, table, grey);
    else
        lookUpWide(slices, levels, table, grey);
}

#endif

/// Writes the pixels of chunk `first / chunkPixels`, of which the last one may be cut.
HWY_INLINE void lookUp(const Slices &slices, std::size_t levels, const std::uint8_t *table,
                       std::span<std::uint8_t> grey, std::size_t first) {
    alignas(64) std::uint8_t cut[chunkPixels];
    const bool whole = grey.size() - first >= chunkPixels;
    std::uint8_t *target = whole ? grey.data() + first : cut;
    lookUpChunk(slices, slices.usedLevels(levels), table, target);
    if (!whole)
        std::memcpy(grey.data() + first, cut, grey.size() - first);
}

/// a + b + c of one bit each: the sum stays in `a`, the carry is returned.
template <class V> HWY_INLINE V addBits(V &a, V b, V c) {
    const V either = hn::Xor(a, b);
    const V carry = hn::Or(hn::And(a, b), hn::And(either, c));
    a = hn::Xor(either, c);
    return carry;
}

/// Adds `carry` to the numbers from bit `level` up.
template <class V>
HWY_INLINE void ripple(V carry, Slices &slices, std::size_t level, std::size_t levels,
                       std::size_t lane) {
    const Words d;
    for (; level < levels; ++level) {
        const V old = hn::Load(d, slices.bits[level] + lane);
        hn::Store(hn::Xor(old, carry), d, slices.bits[level] + lane);
        carry = hn::And(old, carry);
    }
}

HWY_INLINE void countChunk(PlanePointers planes, std::size_t firstWord, std::size_t levels,
                           Slices &slices) {
    const Words d;
    for (std::size_t lane = 0; lane < chunkWords; lane += hn::Lanes(d)) {
        const auto load = [&](std::size_t i) { return hn::Load(d, planes[i] + firstWord + lane); };
        auto ones = hn::Zero(d);
        auto twos = hn::Zero(d);
        auto fours = hn::Zero(d);
        std::size_t i = 0;
        for (; i + 8 <= planes.size(); i += 8) {
            const auto twosA = addBits(ones, load(i), load(i + 1));
            const auto twosB = addBits(ones, load(i + 2), load(i + 3));
            const auto foursA = addBits(twos, twosA, twosB);
            const auto twosC = addBits(ones, load(i + 4), load(i + 5));
            const auto twosD = addBits(ones, load(i + 6), load(i + 7));
            const auto foursB = addBits(twos, twosC, twosD);
            ripple(addBits(fours, foursA, foursB), slices, 3, levels, lane);
        }
        hn::Store(ones, d, slices.bits[0] + lane);
        hn::Store(twos, d, slices.bits[1] + lane);
        hn::Store(fours, d, slices.bits[2] + lane);
        for (; i < planes.size(); ++i)
            ripple(load(i), slices, 0, levels, lane);
    }
}

void countsToGrey(PlanePointers planes, std::span<const std::uint8_t> table,
                  std::span<std::uint8_t> grey) {
    const auto levels = static_cast<std::size_t>(std::bit_width(planes.size()));
    Slices slices;
    for (std::size_t pixel = 0; pixel < grey.size(); pixel += chunkPixels) {
        slices.clear(levels);
        countChunk(planes, pixel / 64, levels, slices);
        lookUp(slices, levels, table.data(), grey, pixel);
    }
}

/// Bit-slices the index of the first plane in which each pixel fires; returns those that never do.
template <class D>
HWY_INLINE hn::Vec<D> firstSpike(D d, PlanePointers planes, std::size_t word, Slices &slices,
                                 std::size_t lane) {
    auto waiting = hn::Not(hn::Zero(d));
    for (std::size_t i = 0; i < planes.size(); ++i) {
        const auto plane = hn::Load(d, planes[i] + word);
        const auto found = hn::And(waiting, plane);
        for (std::size_t rest = i; rest != 0; rest &= rest - 1) {
            std::uint64_t *row = slices.bits[std::countr_zero(rest)] + lane;
            hn::Store(hn::Or(hn::Load(d, row), found), d, row);
        }
        waiting = hn::AndNot(plane, waiting);
        if (hn::AllTrue(d, hn::Eq(waiting, hn::Zero(d))))
            break;
    }
    return waiting;
}

constexpr std::size_t intervalLevels = 8;

/// backward + forward + 1 where both were found and the sum is below 256, else 0.
HWY_INLINE void intervalChunk(PlanePointers backward, PlanePointers forward, std::size_t firstWord,
                              Slices &before, Slices &after) {
    const Words d;
    for (std::size_t lane = 0; lane < chunkWords; lane += hn::Lanes(d)) {
        const auto none = firstSpike(d, backward, firstWord + lane, before, lane);
        const auto never = firstSpike(d, forward, firstWord + lane, after, lane);
        const auto found = hn::Not(hn::Or(none, never));
        auto carry = found;
        for (std::size_t level = 0; level < intervalLevels; ++level) {
            std::uint64_t *row = before.bits[level] + lane;
            auto sum = hn::And(hn::Load(d, row), found);
            carry = addBits(sum, hn::And(hn::Load(d, after.bits[level] + lane), found), carry);
            hn::Store(sum, d, row);
        }
        if (hn::AllTrue(d, hn::Eq(carry, hn::Zero(d))))
            continue;
        for (std::size_t level = 0; level < intervalLevels; ++level) {
            std::uint64_t *row = before.bits[level] + lane;
            hn::Store(hn::AndNot(carry, hn::Load(d, row)), d, row);
        }
    }
}

void intervalsToGrey(PlanePointers backward, PlanePointers forward,
                     std::span<const std::uint8_t> table, std::span<std::uint8_t> grey) {
    Slices before;
    Slices after;
    for (std::size_t pixel = 0; pixel < grey.size(); pixel += chunkPixels) {
        before.clear(intervalLevels);
        after.clear(intervalLevels);
        intervalChunk(backward, forward, pixel / 64, before, after);
        lookUp(before, intervalLevels, table.data(), grey, pixel);
    }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea {

namespace {
HWY_EXPORT(countsToGrey);
HWY_EXPORT(intervalsToGrey);

PlanePointers searched(PlanePointers planes) {
    const auto lost = std::find(planes.begin(), planes.end(), nullptr);
    const auto there = static_cast<std::size_t>(lost - planes.begin());
    return planes.first(std::min(there, maxSearchedPlanes));
}
}  // namespace

std::size_t greyTableSize(std::size_t largest) {
    return std::max<std::size_t>(128, std::size_t{1} << std::bit_width(largest));
}

void countsToGrey(PlanePointers planes, PlaneShape shape, std::span<const std::uint8_t> table,
                  std::span<std::uint8_t> grey) {
    HWY_DYNAMIC_DISPATCH(countsToGrey)(planes, table, grey.first(shape.pixels()));
}

void intervalsToGrey(PlanePointers backward, PlanePointers forward, PlaneShape shape,
                     std::span<const std::uint8_t> table, std::span<std::uint8_t> grey) {
    HWY_DYNAMIC_DISPATCH(intervalsToGrey)
    (searched(backward), searched(forward), table, grey.first(shape.pixels()));
}

}  // namespace fovea
#endif
