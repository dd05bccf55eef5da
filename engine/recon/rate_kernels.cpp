// SPDX-License-Identifier: Apache-2.0
// The loops over rate pictures in 16-bit integers: merging, smoothing.
#include "engine/recon/rate_picture.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/recon/rate_kernels.cpp"
#include <hwy/foreach_target.h>
// Highway asks for this order.
#include <hwy/highway.h>

#ifndef FOVEA_RATE_KERNELS_ONCE
#define FOVEA_RATE_KERNELS_ONCE
namespace fovea::rates {

/// Half of a pixel's neighbours; the others are these seen from the other side.
struct Offset {
    int x, y;
};
inline constexpr std::array<Offset, 4> offsets{{{1, 0}, {0, 1}, {1, 1}, {-1, 1}}};

}  // namespace fovea::rates
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Values = hn::ScalableTag<std::int16_t>;
using Sums = hn::RebindToUnsigned<Values>;
using Floats = hn::ScalableTag<float>;
using Halves = hn::Rebind<std::int16_t, Floats>;
using HalfSums = hn::Rebind<std::uint16_t, Floats>;
using Wide = hn::Rebind<std::int32_t, Floats>;

/// To the next vector of columns.
template <class D> HWY_INLINE std::ptrdiff_t step(D d) {
    return static_cast<std::ptrdiff_t>(hn::Lanes(d));
}

// ------------------------------------------------------------------------------- sums of 3x3

/// |one - other| of the columns [first, last).
HWY_INLINE void rowApart(const std::int16_t *one, const std::int16_t *other, std::ptrdiff_t first,
                         std::ptrdiff_t last, std::uint16_t *apart) {
    const Values d;
    const Sums du;
    for (std::ptrdiff_t x = first; x < last; x += step(d)) {
        const auto a = hn::LoadU(d, one + x);
        const auto b = hn::LoadU(d, other + x);
        hn::StoreU(hn::BitCast(du, hn::Abs(hn::Sub(a, b))), du, apart + x);
    }
}

/// Sums of 3x3 values while rows come one after the other; a sum that runs over stays at its most.
struct BoxSums {
    std::uint16_t *rows[3];
    std::uint16_t *columns;

    BoxSums(RateScratch &scratch, std::size_t line)
        : rows{scratch.row(line), scratch.row(line + 1), scratch.row(line + 2)},
          columns(scratch.row(line + 3)) {}
    static constexpr std::size_t lines = 4;

    /// Where the next row goes.
    std::uint16_t *newRow() {
        std::rotate(rows, rows + 1, rows + 3);
        return rows[2];
    }
    /// Of the columns [first, last) of the last three rows.
    HWY_INLINE void addRows(std::ptrdiff_t first, std::ptrdiff_t last) {
        const Sums d;
        for (std::ptrdiff_t x = first; x < last; x += step(d)) {
            const auto two = hn::SaturatedAdd(hn::LoadU(d, rows[0] + x), hn::LoadU(d, rows[1] + x));
            hn::StoreU(hn::SaturatedAdd(two, hn::LoadU(d, rows[2] + x)), d, columns + x);
        }
    }
    /// Around the pixels from column x on.
    HWY_INLINE hn::Vec<Sums> at(std::ptrdiff_t x) const {
        const Sums d;
        const auto two = hn::SaturatedAdd(hn::LoadU(d, columns + x - 1), hn::LoadU(d, columns + x));
        return hn::SaturatedAdd(two, hn::LoadU(d, columns + x + 1));
    }
};

// ------------------------------------------------------------------------------------- merging

/// 2^22 / mean of 3x3: 2^22 * 9 / 4 over a sum of quarters.
HWY_INLINE void invertRow(const BoxSums &quarters, std::size_t width, std::uint16_t *inverse) {
    const Floats d;
    const Wide d32;
    const HalfSums d16;
    const Sums du;
    for (std::size_t x = 0; x < width; x += hn::Lanes(du))
        hn::StoreU(quarters.at(static_cast<std::ptrdiff_t>(x)), du, inverse + x);
    for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
        const auto sum = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d16, inverse + x)));
        const auto quotient = hn::Div(hn::Set(d, 9437184.0F), hn::Max(sum, hn::Set(d, 144.0F)));
        const auto rounded = hn::ConvertTo(d32, hn::Min(quotient, hn::Set(d, 65535.0F)));
        hn::StoreU(hn::DemoteTo(d16, rounded), d16, inverse + x);
    }
}

/// The mean of the pictures' row y by shares, with one column more on either side.
HWY_INLINE void referenceRow(std::span<const RatePicture *const> pictures,
                             std::span<const std::int16_t> shares, std::ptrdiff_t y,
                             std::ptrdiff_t width, std::int16_t *reference) {
    const Values d;
    for (std::ptrdiff_t x = -1; x < width + 1; x += step(d)) {
        auto sum = hn::Zero(d);
        for (std::size_t i = 0; i < shares.size(); ++i)
            sum = hn::Add(sum, hn::MulFixedPoint15(hn::LoadU(d, pictures[i]->row(y) + x),
                                                   hn::Set(d, shares[i])));
        hn::StoreU(hn::Max(sum, hn::Zero(d)), d, reference + x);
    }
}

void makeReference(std::span<const RatePicture *const> pictures,
                   std::span<const std::int16_t> shares, std::ptrdiff_t first, std::ptrdiff_t last,
                   RatePicture &reference) {
    for (std::ptrdiff_t y = first; y < last; ++y)
        referenceRow(pictures, shares, y, static_cast<std::ptrdiff_t>(reference.shape().width),
                     reference.row(y));
}

/// A quarter of a row, so that nine of them do not run over.
HWY_INLINE void quarterRow(const std::int16_t *row, std::ptrdiff_t width, std::uint16_t *quarters) {
    const Values d;
    const Sums du;
    for (std::ptrdiff_t x = -1; x < width + 1; x += step(d))
        hn::StoreU(hn::BitCast(du, hn::ShiftRight<2>(hn::LoadU(d, row + x))), du, quarters + x);
}

/// What the pictures add to a row of the reference, each as far as it agrees, and their weights.
HWY_INLINE void mergeRow(std::span<const RatePicture *const> pictures,
                         std::span<const MergeWeight> weights, std::span<const BoxSums> boxes,
                         const RatePicture &reference, const std::uint16_t *inverse,
                         std::ptrdiff_t y, std::int16_t *values, std::uint16_t *sums) {
    const Values d;
    const Sums du;
    const std::int16_t *const base = reference.row(y);
    const auto width = static_cast<std::ptrdiff_t>(reference.shape().width);
    for (std::ptrdiff_t x = 0; x < width; x += step(d)) {
        const auto old = hn::LoadU(d, base + x);
        const auto inverted = hn::LoadU(du, inverse + x);
        auto share = hn::Set(d, weights[0].whole);
        auto value =
            hn::MulFixedPoint15(hn::Sub(hn::LoadU(d, pictures[0]->row(y) + x), old), share);
        auto whole = hn::BitCast(du, share);
        for (std::size_t i = 1; i < pictures.size(); ++i) {
            const MergeWeight &weight = weights[i];
            const auto apart = hn::MulHigh(boxes[i].at(x), inverted);
            const auto twice = hn::Set(du, static_cast<std::uint16_t>(2 * weight.limit));
            const auto agreed = hn::Min(hn::Set(du, weight.limit), hn::SaturatedSub(twice, apart));
            share = hn::MulFixedPoint15(hn::BitCast(d, hn::ShiftLeftSame(agreed, weight.shift)),
                                        hn::Set(d, weight.scale));
            const auto change = hn::Sub(hn::LoadU(d, pictures[i]->row(y) + x), old);
            value = hn::Add(value, hn::MulFixedPoint15(change, share));
            whole = hn::Add(whole, hn::BitCast(du, share));
        }
        hn::StoreU(value, d, values + x);
        hn::StoreU(whole, du, sums + x);
    }
}

/// merged = reference + values / weights.
HWY_INLINE void finishRow(const std::int16_t *reference, const std::int16_t *values,
                          const std::uint16_t *weights, std::size_t width, std::int16_t *merged) {
    const Floats d;
    const Wide d32;
    const Halves d16;
    const HalfSums du16;
    for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
        const auto value = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d16, values + x)));
        const auto weight = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(du16, weights + x)));
        const auto change = hn::Div(hn::Mul(value, hn::Set(d, 32768.0F)), weight);
        const auto old = hn::PromoteTo(d32, hn::LoadU(d16, reference + x));
        const auto sum = hn::Add(old, hn::NearestInt(change));
        hn::StoreU(hn::DemoteTo(d16, hn::Max(sum, hn::Zero(d32))), d16, merged + x);
    }
}

/// 2^22 * weights / 2^8 / (9 * 2.2 * sqrt(1 / 6) * 3x3 mean), the planes being weights / 2^8.
HWY_INLINE void trustRow(const std::uint16_t *inverse, const std::uint16_t *weights,
                         std::size_t width, std::uint16_t *trust) {
    const Sums d;
    for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
        const auto product = hn::MulHigh(hn::LoadU(d, inverse + x), hn::LoadU(d, weights + x));
        const auto most = hn::Set(d, std::uint16_t{2047});
        hn::StoreU(hn::ShiftLeft<5>(hn::Min(product, most)), d, trust + x);
    }
}

void mergeAligned(std::span<const RatePicture *const> pictures,
                  std::span<const MergeWeight> weights, std::span<const std::int16_t> shares,
                  RateScratch &scratch, RatePicture &reference, RatePicture &merged,
                  std::span<std::uint16_t> trust) {
    const auto width = static_cast<std::ptrdiff_t>(merged.shape().width);
    const auto height = static_cast<std::ptrdiff_t>(merged.shape().height);
    auto *const values = reinterpret_cast<std::int16_t *>(scratch.row(0));
    std::uint16_t *const sums = scratch.row(1);
    std::uint16_t *const inverse = scratch.row(2);
    const auto box = [&](std::size_t i) { return BoxSums(scratch, 3 + i * BoxSums::lines); };
    // Of the reference, then of how far each picture but the first is from it.
    std::array<BoxSums, RateScratch::mostPictures> boxes{box(0), box(1), box(2), box(3),
                                                         box(4), box(5), box(6), box(7)};
    const auto used = std::span(boxes).first(pictures.size());
    for (std::ptrdiff_t y = -1; y <= height; ++y) {
        referenceRow(pictures, shares, y, width, reference.row(y));
        quarterRow(reference.row(y), width, boxes[0].newRow());
        for (std::size_t i = 1; i < pictures.size(); ++i)
            rowApart(pictures[i]->row(y), reference.row(y), -1, width + 1, boxes[i].newRow());
        if (y < 1)
            continue;
        for (BoxSums &sum : used)
            sum.addRows(-1, width + 1);
        invertRow(boxes[0], merged.shape().width, inverse);
        const std::ptrdiff_t here = y - 1;
        mergeRow(pictures, weights, boxes, reference, inverse, here, values, sums);
        finishRow(reference.row(here), values, sums, merged.shape().width, merged.row(here));
        trustRow(inverse, sums, merged.shape().width,
                 trust.data() + static_cast<std::size_t>(here) * merged.stride());
    }
    merged.extend(4);
}

// ----------------------------------------------------------------------------------- smoothing

/// A neighbour: how far the 3x3 pixels around it are from those around the pixel, and itself.
struct Neighbour {
    const std::uint16_t *apart;
    const std::int16_t *rate;
};

/// What the neighbours add to a row, each as far as it is alike, and their weights.
HWY_INLINE void smoothRow(const std::array<Neighbour, 8> &neighbours, const std::int16_t *from,
                          const std::uint16_t *trust, std::uint16_t noise, std::ptrdiff_t width,
                          std::int16_t *values, std::uint16_t *weights) {
    const Values d;
    const Sums du;
    for (std::ptrdiff_t x = 0; x < width; x += step(d)) {
        const auto strict = hn::MulHigh(hn::LoadU(du, trust + x), hn::Set(du, noise));
        const auto own = hn::LoadU(d, from + x);
        auto value = hn::Zero(d);
        auto weight = hn::Zero(du);
        for (const Neighbour &one : neighbours) {
            const auto apart = hn::MulHigh(hn::LoadU(du, one.apart + x), strict);
            const auto alike = hn::Min(hn::Set(du, std::uint16_t{64}),
                                       hn::SaturatedSub(hn::Set(du, std::uint16_t{102}), apart));
            const auto change = hn::Sub(hn::LoadU(d, one.rate + x), own);
            const auto share = hn::Min(hn::ShiftLeft<9>(alike), hn::Set(du, std::uint16_t{32767}));
            const auto part = hn::MulFixedPoint15(change, hn::BitCast(d, share));
            value = hn::SaturatedAdd(value, part);
            weight = hn::Add(weight, alike);
        }
        hn::StoreU(value, d, values + x);
        hn::StoreU(weight, du, weights + x);
    }
}

/// For one offset: how far 3x3 pixels are from those at the offset, of this row and the one above.
struct Apart {
    rates::Offset offset;
    BoxSums box;
    std::uint16_t *above, *here;
    static constexpr std::size_t lines = BoxSums::lines + 2;

    Apart(RateScratch &scratch, std::size_t i)
        : offset(rates::offsets[i]), box(scratch, 2 + i * lines),
          above(scratch.row(2 + i * lines + BoxSums::lines)),
          here(scratch.row(3 + i * lines + BoxSums::lines)) {}

    /// Takes row y of the differences; from the third one on `here` belongs to the row before.
    HWY_INLINE void take(const RatePicture &merged, std::ptrdiff_t y, std::ptrdiff_t width) {
        rowApart(merged.row(y), merged.row(y + offset.y) + offset.x, -2, width + 2, box.newRow());
        box.addRows(-2, width + 2);
        std::swap(above, here);
        const Sums d;
        for (std::ptrdiff_t x = -1; x < width + 1; x += step(d))
            hn::StoreU(box.at(x), d, here + x);
    }
    [[nodiscard]] Neighbour ahead(const RatePicture &merged, std::ptrdiff_t y) const {
        return {here, merged.row(y + offset.y) + offset.x};
    }
    /// The difference is the same seen from the other side.
    [[nodiscard]] Neighbour behind(const RatePicture &merged, std::ptrdiff_t y) const {
        return {(offset.y == 0 ? here : above) - offset.x, merged.row(y - offset.y) - offset.x};
    }
};

/// levels = 4 * (merged + values / (1 + weights / 64)).
HWY_INLINE void levelRow(const std::int16_t *merged, const std::int16_t *values,
                         const std::uint16_t *weights, std::size_t width, std::uint16_t *levels) {
    const Floats d;
    const Wide d32;
    const Halves d16;
    const HalfSums du16;
    for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
        const auto old = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d16, merged + x)));
        const auto value = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d16, values + x)));
        const auto weight = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(du16, weights + x)));
        const auto change =
            hn::Div(hn::Mul(value, hn::Set(d, 64.0F)), hn::Add(weight, hn::Set(d, 64.0F)));
        const auto level = hn::NearestInt(hn::Mul(hn::Add(old, change), hn::Set(d, 4.0F)));
        hn::StoreU(hn::DemoteTo(du16, level), du16, levels + x);
    }
}

void smooth(const RatePicture &merged, std::span<const std::uint16_t> trust, double noise,
            RateScratch &scratch, std::span<std::uint16_t> levels) {
    const PlaneShape shape = merged.shape();
    const auto width = static_cast<std::ptrdiff_t>(shape.width);
    const auto height = static_cast<std::ptrdiff_t>(shape.height);
    auto *const values = reinterpret_cast<std::int16_t *>(scratch.row(0));
    std::uint16_t *const weights = scratch.row(1);
    std::array<Apart, 4> sides{Apart(scratch, 0), Apart(scratch, 1), Apart(scratch, 2),
                               Apart(scratch, 3)};
    const auto &[right, below, belowRight, belowLeft] = sides;
    const auto strictness = static_cast<std::uint16_t>(65535 / noise);
    for (std::ptrdiff_t y = -2; y <= height; ++y) {
        for (Apart &side : sides)
            side.take(merged, y, width);
        const std::ptrdiff_t here = y - 1;
        if (here < 0)
            continue;
        // Saturated sums are taken in this order.
        const std::array<Neighbour, 8> neighbours{
            right.behind(merged, here),      right.ahead(merged, here),
            below.behind(merged, here),      below.ahead(merged, here),
            belowRight.behind(merged, here), belowLeft.behind(merged, here),
            belowLeft.ahead(merged, here),   belowRight.ahead(merged, here)};
        const auto row = static_cast<std::size_t>(here);
        smoothRow(neighbours, merged.row(here), trust.data() + row * merged.stride(), strictness,
                  width, values, weights);
        // The last vector of a row runs over into the next one, which comes later.
        std::uint16_t *const line = levels.data() + row * shape.width;
        const bool room = (row + 1) * shape.width + hn::Lanes(Values()) <= levels.size();
        levelRow(merged.row(here), values, weights, shape.width, room ? line : weights);
        if (!room)
            std::memcpy(line, weights, 2 * shape.width);
    }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea {

namespace {
HWY_EXPORT(makeReference);
HWY_EXPORT(mergeAligned);
HWY_EXPORT(smooth);
}  // namespace

void makeReference(std::span<const RatePicture *const> pictures,
                   std::span<const std::int16_t> shares, std::ptrdiff_t first, std::ptrdiff_t last,
                   RatePicture &reference) {
    HWY_DYNAMIC_DISPATCH(makeReference)(pictures, shares, first, last, reference);
}

void mergeAligned(std::span<const RatePicture *const> pictures,
                  std::span<const MergeWeight> weights, std::span<const std::int16_t> shares,
                  RateScratch &scratch, RatePicture &reference, RatePicture &merged,
                  std::span<std::uint16_t> trust) {
    HWY_DYNAMIC_DISPATCH(mergeAligned)
    (pictures, weights, shares, scratch, reference, merged, trust);
}

void smooth(const RatePicture &merged, std::span<const std::uint16_t> trust, double noise,
            RateScratch &scratch, std::span<std::uint16_t> levels) {
    HWY_DYNAMIC_DISPATCH(smooth)(merged, trust, noise, scratch, levels);
}

}  // namespace fovea
#endif
