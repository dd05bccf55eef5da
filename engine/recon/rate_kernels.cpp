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

struct Offset {
    int x, y;
};
inline constexpr std::array<Offset, 8> neighbours{
    {{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}}};

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

// ------------------------------------------------------------------------------------- merging

/// |one - other| of a row, from one column before the picture to one behind it.
HWY_INLINE void rowApart(const std::int16_t *one, const std::int16_t *other, std::size_t width,
                         std::uint16_t *apart) {
    const Values d;
    const Sums du;
    for (std::size_t x = 0; x < width + 2; x += hn::Lanes(d)) {
        const auto a = hn::LoadU(d, one + x - 1);
        const auto b = hn::LoadU(d, other + x - 1);
        hn::StoreU(hn::BitCast(du, hn::Abs(hn::Sub(a, b))), du, apart + x);
    }
}

/// Sums of 3x3 values while rows come one after the other.
struct BoxSums {
    std::uint16_t *rows[3];
    std::uint16_t *columns;
    std::size_t next = 0;

    explicit BoxSums(RateScratch &scratch)
        : rows{scratch.row(0), scratch.row(1), scratch.row(2)}, columns(scratch.row(3)) {}
    std::uint16_t *newRow() {
        std::uint16_t *row = rows[next];
        next = next == 2 ? 0 : next + 1;
        return row;
    }
    HWY_INLINE void addRows(std::size_t width) {
        const Sums d;
        for (std::size_t x = 0; x < width + 2; x += hn::Lanes(d)) {
            const auto two = hn::SaturatedAdd(hn::LoadU(d, rows[0] + x), hn::LoadU(d, rows[1] + x));
            hn::StoreU(hn::SaturatedAdd(two, hn::LoadU(d, rows[2] + x)), d, columns + x);
        }
    }
    /// Of the pixels from column x on.
    HWY_INLINE hn::Vec<Sums> at(std::size_t x) const {
        const Sums d;
        const std::uint16_t *column = columns + x + 1;
        const auto two = hn::SaturatedAdd(hn::LoadU(d, column - 1), hn::LoadU(d, column));
        return hn::SaturatedAdd(two, hn::LoadU(d, column + 1));
    }
};

/// 2^22 / mean of 3x3: 2^22 * 9 / 4 over a sum of quarters.
HWY_INLINE void invertRow(const std::uint16_t *quarters, std::size_t width,
                          std::uint16_t *inverse) {
    const Floats d;
    const Wide d32;
    const HalfSums d16;
    for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
        const auto sum = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d16, quarters + x)));
        const auto quotient = hn::Div(hn::Set(d, 9437184.0F), hn::Max(sum, hn::Set(d, 144.0F)));
        const auto rounded = hn::ConvertTo(d32, hn::Min(quotient, hn::Set(d, 65535.0F)));
        hn::StoreU(hn::DemoteTo(d16, rounded), d16, inverse + x);
    }
}

void makeReference(std::span<const RatePicture *const> pictures,
                   std::span<const std::int16_t> shares, RateScratch &scratch,
                   RatePicture &reference, std::span<std::uint16_t> inverse) {
    const Values d;
    const Sums du;
    const PlaneShape shape = reference.shape();
    const auto height = static_cast<std::ptrdiff_t>(shape.height);
    for (std::ptrdiff_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < shape.width; x += hn::Lanes(d)) {
            auto sum = hn::Zero(d);
            for (std::size_t i = 0; i < pictures.size(); ++i)
                sum = hn::Add(sum, hn::MulFixedPoint15(hn::LoadU(d, pictures[i]->row(y) + x),
                                                       hn::Set(d, shares[i])));
            hn::StoreU(hn::Max(sum, hn::Zero(d)), d, reference.row(y) + x);
        }
    }
    reference.extend(2);
    BoxSums box(scratch);
    std::uint16_t *const sums = scratch.row(4);
    for (std::ptrdiff_t y = -1; y <= height; ++y) {
        std::uint16_t *quarters = box.newRow();
        for (std::size_t x = 0; x < shape.width + 64; x += hn::Lanes(d)) {
            const auto value = hn::LoadU(d, reference.row(y) + x - 1);
            hn::StoreU(hn::BitCast(du, hn::ShiftRight<2>(value)), du, quarters + x);
        }
        if (y < 1)
            continue;
        box.addRows(shape.width);
        for (std::size_t x = 0; x < shape.width; x += hn::Lanes(d))
            hn::StoreU(box.at(x), du, sums + x);
        invertRow(sums, shape.width,
                  inverse.data() + static_cast<std::size_t>(y - 1) * reference.stride());
    }
}

/// The sums are signed.
HWY_INLINE std::int16_t *sums(RateScratch &scratch, std::size_t line) {
    return reinterpret_cast<std::int16_t *>(scratch.sums(line));
}

/// Adds one picture's rows [top, bottom) to the strip.
HWY_INLINE void mergeRows(const RatePicture &picture, const MergeWeight &weight, bool always,
                          const RatePicture &reference, const std::uint16_t *inverse,
                          std::ptrdiff_t top, std::ptrdiff_t bottom, BoxSums &box,
                          RateScratch &scratch) {
    const Values d;
    const Sums du;
    const std::size_t width = reference.shape().width;
    const auto limit = hn::Set(du, weight.limit);
    const auto twice = hn::Set(du, static_cast<std::uint16_t>(2 * weight.limit));
    const auto scale = hn::Set(d, weight.scale);
    for (std::ptrdiff_t y = always ? top : top - 1; y < (always ? bottom : bottom + 1); ++y) {
        std::ptrdiff_t here = y;
        if (!always) {
            rowApart(picture.row(y), reference.row(y), width, box.newRow());
            here = y - 1;
            if (here < top)
                continue;
            box.addRows(width);
        }
        const std::size_t row = static_cast<std::size_t>(here - top);
        const std::uint16_t *inverseRow =
            inverse + static_cast<std::size_t>(here) * reference.stride();
        const std::int16_t *const from = picture.row(here);
        const std::int16_t *const base = reference.row(here);
        std::int16_t *const values = sums(scratch, row);
        std::uint16_t *const weights = scratch.weights(row);
        for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
            auto share = hn::Set(d, weight.whole);
            if (!always) {
                const auto apart = hn::MulHigh(box.at(x), hn::LoadU(du, inverseRow + x));
                const auto agreed = hn::Min(limit, hn::SaturatedSub(twice, apart));
                share = hn::MulFixedPoint15(hn::BitCast(d, hn::ShiftLeftSame(agreed, weight.shift)),
                                            scale);
            }
            const auto apart = hn::Sub(hn::LoadU(d, from + x), hn::LoadU(d, base + x));
            const auto value = hn::Add(hn::LoadU(d, values + x), hn::MulFixedPoint15(apart, share));
            const auto whole = hn::Add(hn::LoadU(du, weights + x), hn::BitCast(du, share));
            hn::StoreU(value, d, values + x);
            hn::StoreU(whole, du, weights + x);
        }
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
                  std::span<const MergeWeight> weights, const RatePicture &reference,
                  std::span<const std::uint16_t> inverse, RateScratch &scratch, RatePicture &merged,
                  std::span<std::uint16_t> trust) {
    const PlaneShape shape = merged.shape();
    const auto height = static_cast<std::ptrdiff_t>(shape.height);
    BoxSums box(scratch);
    for (std::ptrdiff_t top = 0; top < height; top += RateScratch::stripRows) {
        const std::ptrdiff_t bottom =
            std::min<std::ptrdiff_t>(top + std::ptrdiff_t{RateScratch::stripRows}, height);
        scratch.clearStrip(static_cast<std::size_t>(bottom - top));
        for (std::size_t i = 0; i < pictures.size(); ++i)
            mergeRows(*pictures[i], weights[i], i == 0, reference, inverse.data(), top, bottom, box,
                      scratch);
        for (std::ptrdiff_t y = top; y < bottom; ++y) {
            const auto row = static_cast<std::size_t>(y - top);
            const std::size_t at = static_cast<std::size_t>(y) * merged.stride();
            finishRow(reference.row(y), sums(scratch, row), scratch.weights(row), shape.width,
                      merged.row(y));
            trustRow(inverse.data() + at, scratch.weights(row), shape.width, trust.data() + at);
        }
    }
    merged.extend(4);
}

// ----------------------------------------------------------------------------------- smoothing

/// Adds one neighbour's part to the rows [top, bottom).
HWY_INLINE void smoothRows(const RatePicture &merged, rates::Offset offset,
                           const std::uint16_t *trust, std::uint16_t noise, std::ptrdiff_t top,
                           std::ptrdiff_t bottom, BoxSums &box, RateScratch &scratch) {
    const Values d;
    const Sums du;
    const std::size_t width = merged.shape().width;
    const auto strictness = hn::Set(du, noise);
    for (std::ptrdiff_t y = top - 1; y < bottom + 1; ++y) {
        rowApart(merged.row(y), merged.row(y + offset.y) + offset.x, width, box.newRow());
        const std::ptrdiff_t here = y - 1;
        if (here < top)
            continue;
        box.addRows(width);
        const std::size_t row = static_cast<std::size_t>(here - top);
        const std::uint16_t *trustRow = trust + static_cast<std::size_t>(here) * merged.stride();
        const std::int16_t *const from = merged.row(here);
        const std::int16_t *const neighbour = merged.row(here + offset.y) + offset.x;
        std::int16_t *const values = sums(scratch, row);
        std::uint16_t *const weights = scratch.weights(row);
        for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
            const auto strict = hn::MulHigh(hn::LoadU(du, trustRow + x), strictness);
            const auto apart = hn::MulHigh(box.at(x), strict);
            const auto alike = hn::Min(hn::Set(du, std::uint16_t{64}),
                                       hn::SaturatedSub(hn::Set(du, std::uint16_t{102}), apart));
            const auto change = hn::Sub(hn::LoadU(d, neighbour + x), hn::LoadU(d, from + x));
            const auto share = hn::Min(hn::ShiftLeft<9>(alike), hn::Set(du, std::uint16_t{32767}));
            const auto part = hn::MulFixedPoint15(change, hn::BitCast(d, share));
            hn::StoreU(hn::SaturatedAdd(hn::LoadU(d, values + x), part), d, values + x);
            hn::StoreU(hn::Add(hn::LoadU(du, weights + x), alike), du, weights + x);
        }
    }
}

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
    const auto height = static_cast<std::ptrdiff_t>(shape.height);
    BoxSums box(scratch);
    std::uint16_t *const line = scratch.row(4);
    const auto strictness = static_cast<std::uint16_t>(65535 / noise);
    for (std::ptrdiff_t top = 0; top < height; top += RateScratch::stripRows) {
        const std::ptrdiff_t bottom =
            std::min<std::ptrdiff_t>(top + std::ptrdiff_t{RateScratch::stripRows}, height);
        scratch.clearStrip(static_cast<std::size_t>(bottom - top));
        for (const rates::Offset offset : rates::neighbours)
            smoothRows(merged, offset, trust.data(), strictness, top, bottom, box, scratch);
        for (std::ptrdiff_t y = top; y < bottom; ++y) {
            const auto row = static_cast<std::size_t>(y - top);
            levelRow(merged.row(y), sums(scratch, row), scratch.weights(row), shape.width, line);
            std::memcpy(levels.data() + static_cast<std::size_t>(y) * shape.width, line,
                        2 * shape.width);
        }
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
                   std::span<const std::int16_t> shares, RateScratch &scratch,
                   RatePicture &reference, std::span<std::uint16_t> inverse) {
    HWY_DYNAMIC_DISPATCH(makeReference)(pictures, shares, scratch, reference, inverse);
}

void mergeAligned(std::span<const RatePicture *const> pictures,
                  std::span<const MergeWeight> weights, const RatePicture &reference,
                  std::span<const std::uint16_t> inverse, RateScratch &scratch, RatePicture &merged,
                  std::span<std::uint16_t> trust) {
    HWY_DYNAMIC_DISPATCH(mergeAligned)
    (pictures, weights, reference, inverse, scratch, merged, trust);
}

void smooth(const RatePicture &merged, std::span<const std::uint16_t> trust, double noise,
            RateScratch &scratch, std::span<std::uint16_t> levels) {
    HWY_DYNAMIC_DISPATCH(smooth)(merged, trust, noise, scratch, levels);
}

}  // namespace fovea
#endif
