// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of TFP and TFI: 32 pixels a thread, counts and distances bit-sliced in registers.
#pragma once

#include "engine/cuda/both.h"

namespace fovea::picture_bodies {

/// Four greys, as one store.
struct alignas(16) SixteenGreys {
    std::uint32_t words[4];
};

/// Bit i of `four` as byte i.
FOVEA_BOTH inline std::uint32_t spread(std::uint32_t four) {
    return (four * 0x00204081U) & 0x01010101U;
}

/// Writes table[number] of the 32 pixels whose numbers lie bit-sliced in `slices`.
template <int levels>
FOVEA_BOTH void store(const std::uint32_t (&slices)[levels], const std::uint8_t *table,
                      std::uint8_t *grey) {
    for (int half = 0; half < 2; ++half) {
        SixteenGreys greys;
        for (int part = 0; part < 4; ++part) {
            const int shift = 16 * half + 4 * part;
            std::uint32_t low = 0;
            std::uint32_t high = 0;
            for (int level = 0; level < levels; ++level) {
                const std::uint32_t bytes = spread((slices[level] >> shift) & 15U);
                if (level < 8)
                    low |= bytes << level;
                else
                    high |= bytes << (level - 8);
            }
            std::uint32_t word = 0;
            for (int pixel = 0; pixel < 4; ++pixel) {
                const std::uint32_t number = ((low >> (8 * pixel)) & 255U) +
                                             (levels > 8 ? ((high >> (8 * pixel)) & 255U) << 8 : 0);
                word |= std::uint32_t{table[number]} << (8 * pixel);
            }
            greys.words[part] = word;
        }
        *reinterpret_cast<SixteenGreys *>(grey + 16 * half) = greys;
    }
}

/// What the pictures of a run share. Planes lie one after the other, lost ones as zeros; picture i
/// has pixels rounded up to 32 bytes.
struct PictureRoom {
    const std::uint32_t *planes;
    std::uint8_t *grey;
    std::uint32_t planeStride;  ///< in words of 32 bits
    std::uint32_t words;        ///< of 32 pixels, a picture
    std::uint32_t pictures;

    [[nodiscard]] FOVEA_BOTH std::uint8_t *greyOf(std::uint32_t picture, std::uint32_t word) const {
        return grey + (std::uint64_t{picture} * words + word) * 32;
    }
    [[nodiscard]] FOVEA_BOTH const std::uint32_t *plane(std::uint32_t number) const {
        return planes + std::uint64_t{number} * planeStride;
    }
};

/// Picture i shows tables[tableOf[i] + spikes in planes [i * hop, i * hop + window)]. A thread
/// makes `perThread` pictures of 32 pixels, sliding over the planes that two of them share.
/// Threads: words * ceil(pictures / perThread). levels: bits of a count.
template <int levels> struct RateBody {
    static constexpr const char *name() { return "tfp"; }

    PictureRoom room;
    const std::uint8_t *tables;
    const std::uint32_t *tableOf;
    std::uint32_t window, hop, perThread;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const auto word = static_cast<std::uint32_t>(thread % room.words);
        std::uint32_t picture = static_cast<std::uint32_t>(thread / room.words) * perThread;
        const std::uint32_t end = lesser(picture + perThread, room.pictures);
        std::uint32_t slices[levels] = {};
        add(slices, word, picture * hop, window);
        for (;;) {
            store<levels>(slices, tables + tableOf[picture], room.greyOf(picture, word));
            if (++picture >= end)
                return;
            if (2 * hop < window) {
                take(slices, word, (picture - 1) * hop, hop);
                add(slices, word, (picture - 1) * hop + window, hop);
            } else {
                for (int level = 0; level < levels; ++level)
                    slices[level] = 0;
                add(slices, word, picture * hop, window);
            }
        }
    }

private:
    FOVEA_BOTH void add(std::uint32_t (&slices)[levels], std::uint32_t word, std::uint32_t first,
                        std::uint32_t count) const {
        const std::uint32_t *at = room.plane(first) + word;
        for (std::uint32_t i = 0; i < count; ++i, at += room.planeStride) {
            std::uint32_t carry = *at;
            for (int level = 0; level < levels; ++level) {
                const std::uint32_t old = slices[level];
                slices[level] = old ^ carry;
                carry &= old;
            }
        }
    }
    FOVEA_BOTH void take(std::uint32_t (&slices)[levels], std::uint32_t word, std::uint32_t first,
                         std::uint32_t count) const {
        const std::uint32_t *at = room.plane(first) + word;
        for (std::uint32_t i = 0; i < count; ++i, at += room.planeStride) {
            std::uint32_t borrow = *at;
            for (int level = 0; level < levels; ++level) {
                slices[level] ^= borrow;
                borrow &= slices[level];
            }
        }
    }
};

/// Where picture i looks for spikes: `back` planes before planes[split], newest first, and `ahead`
/// planes from there on. Neither goes beyond a lost plane; both are 255 at most.
struct IntervalSearch {
    std::uint32_t split, back, ahead;
};

/// Picture i shows table[distance between the last spike before `split` and the first one after
/// it]; table[0] where one is missing or they are more than 255 planes apart.
/// Threads: words * pictures.
struct IntervalBody {
    static constexpr const char *name() { return "tfi"; }

    PictureRoom room;
    const std::uint8_t *table;
    const IntervalSearch *searches;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const auto word = static_cast<std::uint32_t>(thread % room.words);
        const auto picture = static_cast<std::uint32_t>(thread / room.words);
        const IntervalSearch search = searches[picture];
        std::uint32_t sum[9] = {};
        std::uint32_t after[9] = {};
        const std::uint32_t found = find<-1>(word, search.split - 1, search.back, sum) &
                                    find<1>(word, search.split, search.ahead, after);
        // Interval = planes skipped before + planes skipped after + 1.
        std::uint32_t carry = ~0U;
        for (int level = 0; level < 9; ++level) {
            const std::uint32_t either = sum[level] ^ after[level];
            const std::uint32_t both = sum[level] & after[level];
            sum[level] = either ^ carry;
            carry = both | (either & carry);
        }
        const std::uint32_t good = found & ~(sum[8] | carry);
        std::uint32_t interval[8];
        for (int level = 0; level < 8; ++level)
            interval[level] = sum[level] & good;
        store<8>(interval, table, room.greyOf(picture, word));
    }

private:
    /// The pixels that fire in one of `count` planes from `first` on; how many planes they skip.
    template <int step>
    FOVEA_BOTH std::uint32_t find(std::uint32_t word, std::uint32_t first, std::uint32_t count,
                                  std::uint32_t (&skipped)[9]) const {
        std::uint32_t open = ~0U;
        for (std::uint32_t i = 0; i < count && open != 0; ++i) {
            const std::uint32_t hit = open & room.plane(step < 0 ? first - i : first + i)[word];
            open ^= hit;
            for (int level = 0; level < 8; ++level)
                if (((i >> level) & 1U) != 0)
                    skipped[level] |= hit;
        }
        return ~open;
    }
};

}  // namespace fovea::picture_bodies
