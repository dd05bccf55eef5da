// SPDX-License-Identifier: Apache-2.0
// Bit matrices turned over: compiled once for each instruction set.
#include "engine/detect/time_words.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/detect/time_words.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using U = hn::CappedTag<std::uint32_t, 16>;
using W = hn::Vec<U>;

constexpr std::size_t rowWords = timeWordChunk / 32;

/// out[32 * w + i] = rows[i][w], in squares of 4x4 words.
HWY_INLINE void storeColumns(const std::uint32_t (&rows)[timeWordPlanes][rowWords],
                             std::uint32_t *HWY_RESTRICT out) {
#if HWY_TARGET == HWY_SCALAR  // has nothing to interleave
    for (std::size_t w = 0; w < rowWords; ++w)
        for (std::size_t i = 0; i < timeWordPlanes; ++i)
            out[timeWordPlanes * w + i] = rows[i][w];
#else
    const hn::CappedTag<std::uint32_t, 4> d;
    const hn::Repartition<std::uint64_t, decltype(d)> pairs;
    const auto store = [&](auto low, auto high, std::uint32_t *at) HWY_ATTR {
        const auto a = hn::BitCast(pairs, low);
        const auto b = hn::BitCast(pairs, high);
        hn::StoreU(hn::BitCast(d, hn::InterleaveLower(a, b)), d, at);
        hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, a, b)), d, at + timeWordPlanes);
    };
    for (std::size_t i = 0; i < timeWordPlanes; i += 4)
        for (std::size_t w = 0; w < rowWords; w += 4) {
            const auto a = hn::Load(d, rows[i] + w);
            const auto b = hn::Load(d, rows[i + 1] + w);
            const auto c = hn::Load(d, rows[i + 2] + w);
            const auto e = hn::Load(d, rows[i + 3] + w);
            std::uint32_t *at = out + timeWordPlanes * w + i;
            store(hn::InterleaveLower(a, b), hn::InterleaveLower(c, e), at);
            store(hn::InterleaveUpper(d, a, b), hn::InterleaveUpper(d, c, e),
                  at + 2 * timeWordPlanes);
        }
#endif
}

/// 32 planes of 512 pixels: word p of the result has pixel p's bits, plane by plane. Swaps squares
/// of 16, 8, 4, 2, 1 bits (Warren, Hacker's Delight, 7-3), for 16 words side by side.
void planesToWords(PlanePointers planes, std::size_t chunk, std::uint32_t *HWY_RESTRICT out) {
    alignas(64) std::uint32_t rows[timeWordPlanes][rowWords];
    const U d;
    for (std::size_t i = 0; i < timeWordPlanes; ++i)
        for (std::size_t w = 0; w < rowWords; w += hn::Lanes(d)) {
            const auto *words =
                i < planes.size()
                    ? reinterpret_cast<const std::uint32_t *>(planes[i]) + chunk * rowWords + w
                    : nullptr;
            hn::Store(words != nullptr ? hn::LoadU(d, words) : hn::Zero(d), d, rows[i] + w);
        }
    const auto stage = [&]<int distance>(std::uint32_t keep) HWY_ATTR {
        const auto mask = hn::Set(d, keep);
        for (std::size_t i = 0; i < timeWordPlanes;
             i = ((i | distance) + 1) & ~std::size_t{distance})
            for (std::size_t w = 0; w < rowWords; w += hn::Lanes(d)) {
                const auto a = hn::Load(d, rows[i] + w);
                const auto b = hn::Load(d, rows[i + distance] + w);
                const auto t = hn::And(hn::Xor(hn::ShiftRight<distance>(a), b), mask);
                hn::Store(hn::Xor(a, hn::ShiftLeft<distance>(t)), d, rows[i] + w);
                hn::Store(hn::Xor(b, t), d, rows[i + distance] + w);
            }
    };
    stage.template operator()<16>(0x0000FFFFU);
    stage.template operator()<8>(0x00FF00FFU);
    stage.template operator()<4>(0x0F0F0F0FU);
    stage.template operator()<2>(0x33333333U);
    stage.template operator()<1>(0x55555555U);
    storeColumns(rows, out);
}

/// Writes the bit `bit` of 512 words.
HWY_INLINE void extractChunk(const std::uint32_t *words, W bit, std::uint8_t *out) {
    const U u;
    const std::size_t lanes = hn::Lanes(u);
    for (std::size_t i = 0; i < timeWordChunk; i += 16) {
        std::uint32_t found = 0;
        for (std::size_t lane = 0; lane < 16; lane += lanes) {
            std::uint8_t mask[8] = {};
            hn::StoreMaskBits(u, hn::Ne(hn::And(hn::LoadU(u, words + i + lane), bit), hn::Zero(u)),
                              mask);
            found |= static_cast<std::uint32_t>(mask[0] | (mask[1] << 8)) << lane;
        }
        out[i / 8] = static_cast<std::uint8_t>(found);
        out[i / 8 + 1] = static_cast<std::uint8_t>(found >> 8);
    }
}

void wordsToPlanes(const std::uint32_t *words, std::size_t firstPlane,
                   std::span<std::uint64_t *const> planes, std::size_t firstChunk,
                   std::size_t lastChunk) {
    const U u;
    for (std::size_t chunk = firstChunk; chunk < lastChunk; ++chunk) {
        const std::uint32_t *from = words + chunk * timeWordChunk;
        W any = hn::Zero(u);
        for (std::size_t i = 0; i < timeWordChunk; i += hn::Lanes(u))
            any = hn::Or(any, hn::LoadU(u, from + i));
        for (std::size_t i = 0; i < planes.size(); ++i) {
            auto *out = reinterpret_cast<std::uint8_t *>(planes[i]) + chunk * (timeWordChunk / 8);
            const W bit = hn::Set(u, 1U << (firstPlane + i));
            if (hn::AllFalse(u, hn::Ne(hn::And(any, bit), hn::Zero(u))))
                std::memset(out, 0, timeWordChunk / 8);
            else
                extractChunk(from, bit, out);
        }
    }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea {

namespace {
HWY_EXPORT(planesToWords);
HWY_EXPORT(wordsToPlanes);
}  // namespace

void planesToWords(PlanePointers planes, std::size_t chunk, std::uint32_t *words) {
    HWY_DYNAMIC_DISPATCH(planesToWords)(planes, chunk, words);
}

void wordsToPlanes(const std::uint32_t *words, std::size_t firstPlane,
                   std::span<std::uint64_t *const> planes, std::size_t firstChunk,
                   std::size_t lastChunk) {
    HWY_DYNAMIC_DISPATCH(wordsToPlanes)(words, firstPlane, planes, firstChunk, lastChunk);
}

}  // namespace fovea
#endif
