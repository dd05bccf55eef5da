// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set.
#include "engine/snn/event_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/snn/event_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::event_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// ------------------------------------------------------------------------------- listing

using Numbers = hn::CappedTag<std::uint32_t, spare>;

/// The lowest bits of a word, as many as there are lanes.
HWY_INLINE hn::Mask<Numbers> maskOf(std::uint64_t bits) {
#if HWY_TARGET == HWY_AVX3
    return hn::Mask<Numbers>{static_cast<__mmask16>(bits)};
#else
    std::uint8_t bytes[8];
    std::memcpy(bytes, &bits, sizeof bytes);
    return hn::LoadMaskBits(Numbers(), bytes);
#endif
}

std::size_t ListBits(const std::uint64_t *words, std::size_t count, std::uint32_t base,
                     std::uint32_t *list) {
    const Numbers d;
    constexpr std::size_t each = hn::MaxLanes(Numbers());
    constexpr std::uint64_t all = (std::uint64_t{1} << each) - 1;
    std::uint32_t *next = list;
    for (std::size_t w = 0; w < count; ++w) {
        auto number = hn::Iota(d, base + static_cast<std::uint32_t>(w * 64));
        for (std::uint64_t bits = words[w]; bits != 0; bits >>= each) {
            const std::uint64_t some = bits & all;
            hn::StoreU(hn::Compress(number, maskOf(some)), d, next);
            next += std::popcount(some);
            number = hn::Add(number, hn::Set(d, static_cast<std::uint32_t>(each)));
        }
    }
    return static_cast<std::size_t>(next - list);
}

// ------------------------------------------------------------------------------- adding rows

/// Calls `add` with each row: the numbers of weights that it begins at.
template <class Weight, class Add>
HWY_INLINE void eachRow(const Rows<Weight> &rows, const std::uint32_t *list, std::size_t count,
                        std::size_t row, std::size_t first, Add &&add) {
    constexpr std::size_t ahead = 12;
    const Weight *weights = rows.weights + first;
    for (std::size_t i = 0; i < count; ++i) {
        if (rows.far && i + ahead < count) {
            const Weight *later = weights + (row + list[i + ahead]) * rows.width;
            for (std::size_t at = 0; at < rows.width; at += 64 / sizeof(Weight))
                __builtin_prefetch(later + at);
        }
        add(weights + (row + list[i]) * rows.width);
    }
}

#if HWY_TARGET == HWY_SCALAR

void AddBytes(const Rows<std::int8_t> &rows, std::span<const Segment> segments,
              std::int32_t *sums) {
    std::fill_n(sums, rows.width, 0);
    for (const Segment &segment : segments)
        eachRow(rows, segment.list, segment.count, segment.row, 0,
                [&](const std::int8_t *row) HWY_ATTR {
                    for (std::size_t i = 0; i < rows.width; ++i)
                        sums[i / 16 * 16 + i % 16 / 2 + i % 2 * 8] +=
                            i % 2 == 0 ? static_cast<std::uint8_t>(row[i]) - 128 : row[i];
                });
}

void AddBfloats(const Rows<std::uint16_t> &rows, std::span<const Segment> segments, float *sums) {
    std::fill_n(sums, rows.width, 0.0F);
    for (const Segment &segment : segments)
        eachRow(rows, segment.list, segment.count, segment.row, 0,
                [&](const std::uint16_t *row) HWY_ATTR {
                    for (std::size_t i = 0; i < rows.width; ++i)
                        sums[i / 8 * 8 + i % 8 / 2 + i % 2 * 4] +=
                            std::bit_cast<float>(std::uint32_t{row[i]} << 16);
                });
}

#else

/// Bytes: the sum of all words without 256 times that of their upper bytes is, modulo 2^16, that of
/// the lower ones.
template <std::size_t vectors, class D>
HWY_INLINE void addBytes(D d, const Rows<std::int8_t> &rows, std::span<const Segment> segments,
                         std::int32_t *sums, std::size_t first) {
    constexpr std::size_t each = hn::MaxLanes(D());
    // So many weights of up to 127 fit 16 bits.
    constexpr std::size_t most = 256;
    hn::Vec<D> all[vectors];
    hn::Vec<D> upper[vectors];
    for (std::size_t v = 0; v < vectors; ++v)
        all[v] = upper[v] = hn::Zero(d);
    std::fill_n(sums + first, vectors * 2 * each, 0);
    std::size_t added = 0;
    const auto flush = [&]() HWY_ATTR {
        const auto lift = hn::Set(d, static_cast<std::int16_t>(-128 * static_cast<int>(added)));
        added = 0;
        for (std::size_t v = 0; v < vectors; ++v) {
            const hn::CappedTag<std::int32_t, 8> wide;
            const hn::Rebind<std::int16_t, decltype(wide)> narrow;
            HWY_ALIGN std::int16_t halves[2][each];
            hn::Store(hn::Add(hn::Sub(all[v], hn::ShiftLeft<8>(upper[v])), lift), d, halves[0]);
            hn::Store(upper[v], d, halves[1]);
            all[v] = upper[v] = hn::Zero(d);
            std::int32_t *to = sums + first + v * 2 * each;
            for (std::size_t i = 0; i < 2 * each; i += hn::MaxLanes(wide)) {
                const std::int16_t *from = halves[i % 16 / 8] + i / 16 * 8 + i % 8;
                const auto more = hn::PromoteTo(wide, hn::LoadU(narrow, from));
                hn::StoreU(hn::Add(hn::LoadU(wide, to + i), more), wide, to + i);
            }
        }
    };
    for (const Segment &segment : segments)
        for (std::size_t done = 0; done < segment.count;) {
            const std::size_t count = std::min(most - added, segment.count - done);
            eachRow(rows, segment.list + done, count, segment.row, first,
                    [&](const std::int8_t *row) HWY_ATTR {
                        const auto *pairs = reinterpret_cast<const std::int16_t *>(row);
                        for (std::size_t v = 0; v < vectors; ++v) {
                            const auto two = hn::LoadU(d, pairs + v * each);
                            all[v] = hn::Add(all[v], two);
                            upper[v] = hn::Add(upper[v], hn::ShiftRight<8>(two));
                        }
                    });
            done += count;
            added += count;
            if (added == most)
                flush();
        }
    flush();
}

/// bf16: a word of 32 bits is two floats.
template <std::size_t vectors, class D>
HWY_INLINE void addBfloats(D d, const Rows<std::uint16_t> &rows, std::span<const Segment> segments,
                           float *sums, std::size_t first) {
    constexpr std::size_t each = hn::MaxLanes(D());
    const hn::RebindToFloat<D> f;
    const auto mask = hn::Set(d, 0xFFFF0000U);
    hn::Vec<decltype(f)> lower[vectors];
    hn::Vec<decltype(f)> upper[vectors];
    for (std::size_t v = 0; v < vectors; ++v)
        lower[v] = upper[v] = hn::Zero(f);
    for (const Segment &segment : segments)
        eachRow(rows, segment.list, segment.count, segment.row, first,
                [&](const std::uint16_t *row) HWY_ATTR {
                    const auto *pairs = reinterpret_cast<const std::uint32_t *>(row);
                    for (std::size_t v = 0; v < vectors; ++v) {
                        const auto two = hn::LoadU(d, pairs + v * each);
                        lower[v] = hn::Add(lower[v], hn::BitCast(f, hn::ShiftLeft<16>(two)));
                        upper[v] = hn::Add(upper[v], hn::BitCast(f, hn::And(two, mask)));
                    }
                });
    for (std::size_t v = 0; v < vectors; ++v) {
        HWY_ALIGN float halves[2][each];
        hn::Store(lower[v], f, halves[0]);
        hn::Store(upper[v], f, halves[1]);
        float *to = sums + first + v * 2 * each;
        for (std::size_t i = 0; i < 2 * each; i += 4)
            std::memcpy(to + i, halves[i % 8 / 4] + i / 8 * 4, 4 * sizeof(float));
    }
}

void AddBytes(const Rows<std::int8_t> &rows, std::span<const Segment> segments,
              std::int32_t *sums) {
    const hn::CappedTag<std::int16_t, 32> d;
    constexpr std::size_t columns = 2 * hn::MaxLanes(decltype(d)());
    std::size_t first = 0;
    for (; first + 4 * columns <= rows.width; first += 4 * columns)
        addBytes<4>(d, rows, segments, sums, first);
    for (; first + 2 * columns <= rows.width; first += 2 * columns)
        addBytes<2>(d, rows, segments, sums, first);
    for (; first + columns <= rows.width; first += columns)
        addBytes<1>(d, rows, segments, sums, first);
    for (; first < rows.width; first += groupColumns)
        addBytes<1>(hn::CappedTag<std::int16_t, 8>(), rows, segments, sums, first);
}

void AddBfloats(const Rows<std::uint16_t> &rows, std::span<const Segment> segments, float *sums) {
    const hn::CappedTag<std::uint32_t, 16> d;
    constexpr std::size_t columns = 2 * hn::MaxLanes(decltype(d)());
    std::size_t first = 0;
    for (; first + 4 * columns <= rows.width; first += 4 * columns)
        addBfloats<4>(d, rows, segments, sums, first);
    for (; first + columns <= rows.width; first += columns)
        addBfloats<1>(d, rows, segments, sums, first);
    for (; first < rows.width; first += 8)
        addBfloats<1>(hn::CappedTag<std::uint32_t, 4>(), rows, segments, sums, first);
}

#endif

}  // namespace fovea::event_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::event_kernels {

HWY_EXPORT(ListBits);
HWY_EXPORT(AddBytes);
HWY_EXPORT(AddBfloats);

std::size_t listBits(const std::uint64_t *words, std::size_t count, std::uint32_t base,
                     std::uint32_t *list) {
    return HWY_DYNAMIC_DISPATCH(ListBits)(words, count, base, list);
}
void addRows(const Rows<std::int8_t> &rows, std::span<const Segment> segments, std::int32_t *sums) {
    HWY_DYNAMIC_DISPATCH(AddBytes)(rows, segments, sums);
}
void addRows(const Rows<std::uint16_t> &rows, std::span<const Segment> segments, float *sums) {
    HWY_DYNAMIC_DISPATCH(AddBfloats)(rows, segments, sums);
}

}  // namespace fovea::event_kernels
#endif
