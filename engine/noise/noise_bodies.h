// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of the injectors: the random bits of the CPU's, drawn by many threads at once.
#pragma once

#include "engine/core/random.h"
#include "engine/cuda/both.h"

#include <cmath>

namespace fovea::noise_bodies {

/// Planes one after the other.
struct PlaneRow {
    std::uint64_t *words;
    std::uint32_t stride;  ///< words a plane
    std::uint32_t count;
    std::uint64_t pixels;

    [[nodiscard]] FOVEA_BOTH std::uint64_t *plane(std::uint64_t number) const {
        return words + number * stride;
    }
    /// Pixels of a word, without the bits behind the last one.
    [[nodiscard]] FOVEA_BOTH std::uint64_t inside(std::uint32_t word) const {
        const std::uint64_t first = std::uint64_t{word} * 64;
        if (first >= pixels)
            return 0;
        return pixels - first >= 64 ? ~std::uint64_t{0}
                                    : (std::uint64_t{1} << (pixels - first)) - 1;
    }
};

/// Which planes draw, and from which seeds.
struct PlaneSeeds {
    const std::uint64_t *seeds;   ///< planeSeed() of each
    const std::uint32_t *rounds;  ///< null: one draw with the plane's seed; else BrightBody's
    std::uint32_t round, which;   ///< of a plane that has several

    [[nodiscard]] FOVEA_BOTH bool draws(std::uint64_t plane) const {
        return rounds == nullptr || round < rounds[plane];
    }
    [[nodiscard]] FOVEA_BOTH std::uint64_t of(std::uint64_t plane) const {
        return rounds == nullptr ? seeds[plane] : mixBits(randomAt(seeds[plane], round, 0) + which);
    }
};

/// drawBits() into `masks`, eight threads a plane. Threads: 8 * planes.
struct DenseMaskBody {
    static constexpr const char *name() { return "random bits"; }
    static constexpr std::uint32_t lanes = 8;

    PlaneSeeds seeds;
    PlaneRow masks;
    std::uint64_t probability;           ///< of all planes, or
    const std::uint64_t *probabilities;  ///< of each

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const std::uint64_t plane = thread / lanes;
        const auto lane = static_cast<std::uint32_t>(thread % lanes);
        if (!seeds.draws(plane))
            return;
        const std::uint64_t p = probabilities != nullptr ? probabilities[plane] : probability;
        std::uint64_t *words = masks.plane(plane);
        if (p == 0 || p >> 32 != 0) {
            for (std::uint32_t word = lane; word < masks.stride; word += lanes)
                words[word] = p == 0 ? 0 : masks.inside(word);
            return;
        }
        draw(seeds.of(plane), p, lane, words);
    }

private:
    struct Generator {  // xoshiro256++
        std::uint64_t a, b, c, d;
        FOVEA_BOTH std::uint64_t next() {
            const std::uint64_t sum = a + d;
            const std::uint64_t result = ((sum << 23) | (sum >> 41)) + a;
            const std::uint64_t shifted = b << 17;
            c ^= a;
            d ^= b;
            b ^= c;
            a ^= d;
            c ^= shifted;
            d = (d << 45) | (d >> 19);
            return result;
        }
    };
    FOVEA_BOTH void draw(std::uint64_t seed, std::uint64_t p, std::uint32_t lane,
                         std::uint64_t *words) const {
        Generator random{randomAt(seed, 0, lane), randomAt(seed, 1, lane), randomAt(seed, 2, lane),
                         randomAt(seed, 3, lane)};
        const std::uint64_t restSeed = mixBits(seed);
        const std::uint64_t rest = p & 0xFFFF;
        std::uint32_t last = 16;
        while (last < 32 && (p & ((std::uint64_t{2} << last) - 1)) == 0)
            ++last;
        for (std::uint32_t word = lane; word < masks.stride; word += lanes) {
            std::uint64_t set = 0;
            std::uint64_t open = ~std::uint64_t{0};
            for (std::uint32_t bit = 31; bit >= last; --bit) {
                const std::uint64_t drawn = random.next();
                // Where this bit of the probability is one, a drawn zero is below it.
                if (((p >> bit) & 1U) != 0) {
                    set |= open & ~drawn;
                    open &= drawn;
                } else {
                    open &= ~drawn;
                }
            }
            if (rest != 0)
                for (; open != 0; open &= open - 1) {
                    const std::uint64_t pixel = std::uint64_t{word} * 64 + lowest(open);
                    if (mixBits(restSeed + pixel) >> 48 < rest)
                        set |= open & (~open + 1);
                }
            words[word] = set & masks.inside(word);
        }
    }
    [[nodiscard]] static FOVEA_BOTH std::uint32_t lowest(std::uint64_t bits) {
        const auto low = static_cast<std::uint32_t>(bits);
        return low != 0 ? lowestBit(low) : 32 + lowestBit(static_cast<std::uint32_t>(bits >> 32));
    }
};

/// RandomMask's rare bits into cleared masks: a plane is one sequence. Threads: planes.
struct RareMaskBody {
    static constexpr const char *name() { return "rare random bits"; }
    static constexpr std::uint32_t skip = 255;

    PlaneSeeds seeds;
    PlaneRow masks;
    const std::uint32_t *table;  ///< RandomMask's, threshold and other in turn

    FOVEA_BOTH void operator()(std::uint64_t plane) const {
        Random random(seeds.of(plane));
        std::uint64_t *words = masks.plane(plane);
        std::uint64_t pixel = 0;
        for (;;) {
            const std::uint64_t draw = random();
            if (!place(static_cast<std::uint32_t>(draw), pixel, words) ||
                !place(static_cast<std::uint32_t>(draw >> 32), pixel, words))
                return;
        }
    }

private:
    FOVEA_BOTH bool place(std::uint32_t draw, std::uint64_t &pixel, std::uint64_t *words) const {
        const std::uint32_t index = draw & 0xFFU;
        const std::uint32_t distance =
            (draw >> 8) >= table[2 * index] ? table[2 * index + 1] : index;
        pixel += distance;
        if (pixel >= masks.pixels)
            return false;
        if (distance != skip) {
            words[pixel / 64] |= std::uint64_t{1} << (pixel % 64);
            ++pixel;
        }
        return true;
    }
};

enum class MaskAction : std::uint32_t { Clear, Set, Invert, Delay };

/// What masks do to planes. Delay: spikes under the mask come one plane later; `late` goes on from
/// call to call, and is lost before planes for which `fresh` is not 0. Threads: words of a plane.
struct ApplyBody {
    static constexpr const char *name() { return "disturb"; }

    PlaneRow planes;
    const std::uint64_t *masks;
    MaskAction action;
    std::uint64_t *late;
    const std::uint32_t *fresh;

    FOVEA_BOTH void operator()(std::uint64_t word) const {
        std::uint64_t delayed = action == MaskAction::Delay ? late[word] : 0;
        for (std::uint32_t i = 0; i < planes.count; ++i) {
            std::uint64_t &bits = planes.plane(i)[word];
            const std::uint64_t mask = masks[std::uint64_t{i} * planes.stride + word];
            if (action == MaskAction::Clear) {
                bits &= ~mask;
            } else if (action == MaskAction::Set) {
                bits |= mask;
            } else if (action == MaskAction::Invert) {
                bits ^= mask;
            } else {
                const std::uint64_t before = fresh[i] != 0 ? 0 : delayed;
                delayed = bits & mask;
                bits = (bits & ~mask) | before;
            }
        }
        if (action == MaskAction::Delay)
            late[word] = delayed;
    }
};

/// Stuck pixels. Threads: words of a plane.
struct StuckBody {
    static constexpr const char *name() { return "stuck pixels"; }

    PlaneRow planes;
    const std::uint64_t *silent, *firing;

    FOVEA_BOTH void operator()(std::uint64_t word) const {
        for (std::uint32_t i = 0; i < planes.count; ++i) {
            std::uint64_t &bits = planes.plane(i)[word];
            bits = (bits & ~silent[word]) | firing[word];
        }
    }
};

/// How often, and how probably, the silent pixels of a plane look at a neighbour. Threads: planes.
struct BrightBody {
    static constexpr const char *name() { return "brightness"; }
    static constexpr std::uint32_t maxRounds = 8;

    PlaneRow planes;
    double scale;
    std::uint32_t *rounds;
    std::uint64_t *probabilities;

    FOVEA_BOTH void operator()(std::uint64_t plane) const {
        std::uint64_t spikes = 0;
        for (std::uint32_t word = 0; word < planes.stride; ++word) {
            const std::uint64_t bits = planes.plane(plane)[word];
            spikes += countBits(static_cast<std::uint32_t>(bits)) +
                      countBits(static_cast<std::uint32_t>(bits >> 32));
        }
        const double silent = 1 - static_cast<double>(spikes) / static_cast<double>(planes.pixels);
        rounds[plane] = 0;
        probabilities[plane] = 0;
        if (spikes == 0 || silent <= 0)
            return;
        const double wanted = (scale - 1) / silent;
        const double times = lesser(greater(std::ceil(wanted), 1.0), double{maxRounds});
        rounds[plane] = static_cast<std::uint32_t>(times);
        const double share = lesser(greater(wanted / times, 0.0), 1.0);
        probabilities[plane] = static_cast<std::uint64_t>(share * 4294967296.0 + 0.5);
    }
};

/// One round: silent pixels take over the spike of a neighbour that two random bits choose.
/// Threads: planes * words.
struct TakeOverBody {
    static constexpr const char *name() { return "neighbours"; }

    PlaneRow planes;
    const std::uint64_t *source;                     ///< the planes as they were
    const std::uint64_t *vertical, *second, *taken;  ///< random bits of all planes
    const std::uint64_t *first, *last;               ///< pixels of the first and the last column
    const std::uint32_t *rounds;
    std::uint32_t round, width;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const std::uint64_t plane = thread / planes.stride;
        const auto word = static_cast<std::uint32_t>(thread % planes.stride);
        if (round >= rounds[plane])
            return;
        const std::uint64_t at = plane * planes.stride;
        const std::int64_t bit = std::int64_t{word} * 64;
        const std::uint64_t left = bitsFrom(source + at, bit - 1) & ~first[word];
        const std::uint64_t right = bitsFrom(source + at, bit + 1) & ~last[word];
        const std::uint64_t up = bitsFrom(source + at, bit - std::int64_t{width});
        const std::uint64_t down = bitsFrom(source + at, bit + std::int64_t{width});
        const std::uint64_t v = vertical[at + word];
        const std::uint64_t s = second[at + word];
        const std::uint64_t chosen =
            (~v & ((~s & left) | (s & right))) | (v & ((~s & up) | (s & down)));
        planes.words[at + word] |= chosen & planes.inside(word) & taken[at + word];
    }

private:
    [[nodiscard]] FOVEA_BOTH std::uint64_t bitsFrom(const std::uint64_t *words,
                                                    std::int64_t bit) const {
        const std::int64_t word = bit >= 0 ? bit / 64 : -((63 - bit) / 64);
        const auto shift = static_cast<std::uint32_t>(bit - word * 64);
        return (wordAt(words, word) >> shift) | (wordAt(words, word + 1) << 1 << (63 - shift));
    }
    [[nodiscard]] FOVEA_BOTH std::uint64_t wordAt(const std::uint64_t *words,
                                                  std::int64_t word) const {
        return word < 0 || word >= std::int64_t{planes.stride} ? 0 : words[word];
    }
};

}  // namespace fovea::noise_bodies
