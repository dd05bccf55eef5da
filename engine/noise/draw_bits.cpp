// SPDX-License-Identifier: Apache-2.0
// Random bits in Highway: compiled for every vector width, chosen at run time.
#include "engine/core/random.h"
#include "engine/noise/random_mask.h"

#include <algorithm>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/noise/draw_bits.cpp"
#include <hwy/foreach_target.h>
// Highway asks for this order.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t lanes = 8;
using Words = hn::CappedTag<std::uint64_t, lanes>;
using Vec = hn::Vec<Words>;

/// As many generators as a vector has lanes.
struct Generators {
    Vec a;
    Vec b;
    Vec c;
    Vec d;

    HWY_INLINE Generators(std::uint64_t seed, std::size_t lane)
        : a(part(seed, 0, lane)), b(part(seed, 1, lane)), c(part(seed, 2, lane)),
          d(part(seed, 3, lane)) {}
    static HWY_INLINE Vec part(std::uint64_t seed, std::uint64_t index, std::size_t lane) {
        alignas(64) std::uint64_t state[lanes];
        for (std::size_t i = 0; i < hn::Lanes(Words()); ++i)
            state[i] = randomAt(seed, index, lane + i);
        return hn::Load(Words(), state);
    }
    template <int count> static HWY_INLINE Vec rotate(Vec v) {
        return hn::Or(hn::ShiftLeft<count>(v), hn::ShiftRight<64 - count>(v));
    }
    HWY_INLINE Vec next() {
        const Vec result = hn::Add(rotate<23>(hn::Add(a, d)), a);
        const Vec shifted = hn::ShiftLeft<17>(b);
        c = hn::Xor(c, a);
        d = hn::Xor(d, b);
        b = hn::Xor(b, c);
        a = hn::Xor(a, d);
        c = hn::Xor(c, shifted);
        d = rotate<45>(d);
        return result;
    }
};

/// Decides the pixels of `open` by the probability's low 16 bits.
HWY_INLINE std::uint64_t decide(std::uint64_t seed, std::size_t word, std::uint64_t open,
                                std::uint64_t rest) {
    std::uint64_t set = 0;
    for (; open != 0; open &= open - 1) {
        const std::size_t pixel = 64 * word + static_cast<std::size_t>(std::countr_zero(open));
        set |= (mixBits(seed + pixel) >> 48) < rest ? open & -open : 0;
    }
    return set;
}

void drawBits(std::uint64_t seed, std::uint64_t probability, std::span<std::uint64_t> words) {
    const Words d;
    const std::uint64_t restSeed = mixBits(seed);
    const std::uint64_t rest = probability & 0xFFFF;
    const int last = std::max(16, std::countr_zero(probability));
    for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
        Generators random(seed, lane);
        for (std::size_t first = lane; first < words.size(); first += lanes) {
            Vec set = hn::Zero(d);
            Vec open = hn::Not(set);
            for (int bit = 31; bit >= last; --bit) {
                const Vec draw = random.next();
                // Where this bit of the probability is one, a drawn zero is below it.
                if (((probability >> bit) & 1U) != 0) {
                    set = hn::Or(set, hn::AndNot(draw, open));
                    open = hn::And(open, draw);
                } else {
                    open = hn::AndNot(draw, open);
                }
            }
            hn::StoreU(set, d, &words[first]);
            if (rest == 0 || hn::AllTrue(d, hn::Eq(open, hn::Zero(d))))
                continue;
            alignas(64) std::uint64_t left[lanes];
            hn::Store(open, d, left);
            for (std::size_t i = 0; i < hn::Lanes(d); ++i)
                words[first + i] |= decide(restSeed, first + i, left[i], rest);
        }
    }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea {

HWY_EXPORT(drawBits);

void drawBits(std::uint64_t seed, std::uint64_t probability, std::span<std::uint64_t> words) {
    if (probability == 0 || probability >> 32 != 0)
        std::fill(words.begin(), words.end(), probability == 0 ? 0 : ~std::uint64_t{0});
    else
        HWY_DYNAMIC_DISPATCH(drawBits)(seed, probability, words);
}

}  // namespace fovea
#endif
