// SPDX-License-Identifier: Apache-2.0
// Fetching blocks from where they were, and means of 4x4 pixels.
#include "engine/recon/rate_picture.h"
#include "engine/recon/rate_rule.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/recon/align_kernels.cpp"
#include <hwy/foreach_target.h>
// Highway asks for this order.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Sums = hn::ScalableTag<std::uint16_t>;
using Block = hn::CappedTag<std::int16_t, blockSide>;

constexpr std::size_t patchSide = blockSide + 3;
constexpr std::size_t patchStride = 32;

/// sum of weights[i] * from[i * step], 16 values.
HWY_INLINE void interpolate(const std::int16_t *from, std::size_t step,
                            const std::int16_t (&weights)[4], std::int16_t *to) {
    const Block d;
    for (std::size_t x = 0; x < blockSide; x += hn::Lanes(d)) {
        auto sum = hn::MulFixedPoint15(hn::LoadU(d, from + x), hn::Set(d, weights[0]));
        for (std::size_t tap = 1; tap < 4; ++tap)
            sum = hn::Add(sum, hn::MulFixedPoint15(hn::LoadU(d, from + x + tap * step),
                                                   hn::Set(d, weights[tap])));
        hn::StoreU(sum, d, to + x);
    }
}

/// `from` is one row and column before the block.
HWY_INLINE void shiftBlock(const std::int16_t *from, std::size_t stride, std::size_t fractionX,
                           std::size_t fractionY, std::size_t rows, std::int16_t *to,
                           std::size_t toStride) {
    std::int16_t between[patchSide * blockSide];
    for (std::size_t y = 0; y < rows + 3; ++y) {
        if (fractionX == 0)
            std::memcpy(between + y * blockSide, from + y * stride + 1, 2 * blockSide);
        else
            interpolate(from + y * stride, 1, rates::cubic.weights[fractionX],
                        between + y * blockSide);
    }
    for (std::size_t y = 0; y < rows; ++y) {
        if (fractionY == 0)
            std::memcpy(to + y * toStride, between + (y + 1) * blockSide, 2 * blockSide);
        else
            interpolate(between + y * blockSide, blockSide, rates::cubic.weights[fractionY],
                        to + y * toStride);
    }
}

/// The place of a block in the picture, cut where it lies outside.
void cutPatch(const std::int16_t *rates, PlaneShape shape, long left, long top,
              std::int16_t *patch) {
    const long right = static_cast<long>(shape.width) - 1;
    const long bottom = static_cast<long>(shape.height) - 1;
    const long side = static_cast<long>(patchSide);
    const long before = std::clamp(-left, 0L, side);
    const long after = std::clamp(left + side - 1 - right, 0L, side);
    const long within = std::max(side - before - after, 0L);
    for (long y = 0; y < side; ++y, patch += patchStride) {
        const std::int16_t *row = rates + std::clamp(top + y, 0L, bottom) * (right + 1);
        if (within == side) {
            std::memcpy(patch, row + left, 2 * patchSide);
            continue;
        }
        std::fill_n(patch, before, row[0]);
        if (within > 0)
            std::memcpy(patch + before, row + left + before, 2 * static_cast<std::size_t>(within));
        std::fill(patch + before + within, patch + side, row[right]);
    }
}

void alignBlocks(const std::int16_t *rates, std::span<const BlockShift> shifts, RatePicture &out) {
    const PlaneShape shape = out.shape();
    const auto width = static_cast<long>(shape.width);
    const auto height = static_cast<long>(shape.height);
    alignas(64) std::int16_t patch[patchSide * patchStride];
    for (std::size_t y = 0; y < shape.height; y += blockSide) {
        for (std::size_t x = 0; x < shape.width; x += blockSide) {
            const BlockShift shift =
                shifts[y / blockSide * blocksAlong(shape.width) + x / blockSide];
            const long left = static_cast<long>(x) + (shift.x >> 6) - 1;
            const long top = static_cast<long>(y) + (shift.y >> 6) - 1;
            const bool inside = left >= 0 && top >= 0 &&
                                left + static_cast<long>(patchSide) <= width &&
                                top + static_cast<long>(patchSide) <= height;
            if (!inside)
                cutPatch(rates, shape, left, top, patch);
            shiftBlock(inside ? rates + top * width + left : patch,
                       inside ? shape.width : patchStride, static_cast<std::size_t>(shift.x & 63),
                       static_cast<std::size_t>(shift.y & 63),
                       std::min(blockSide, shape.height - y),
                       out.row(static_cast<std::ptrdiff_t>(y)) + x, out.stride());
        }
    }
}

void quarterPicture(const std::int16_t *rates, PlaneShape shape, RateScratch &scratch,
                    std::span<float> cells) {
    const Sums d;
    const std::size_t columns = shape.width / 4;
    std::uint16_t *const mean = scratch.row(0);
    for (std::size_t y = 0; y < shape.height / 4; ++y) {
        const auto *from = reinterpret_cast<const std::uint16_t *>(rates + 4 * y * shape.width);
        const std::size_t width = shape.width;
        std::size_t x = 0;
        for (; x + hn::Lanes(d) <= width; x += hn::Lanes(d)) {
            const auto upper =
                hn::AverageRound(hn::LoadU(d, from + x), hn::LoadU(d, from + x + width));
            const auto lower = hn::AverageRound(hn::LoadU(d, from + x + 2 * width),
                                                hn::LoadU(d, from + x + 3 * width));
            hn::StoreU(hn::AverageRound(upper, lower), d, mean + x);
        }
        for (; x < width; ++x) {
            const int upper = (from[x] + from[x + width] + 1) / 2;
            const int lower = (from[x + 2 * width] + from[x + 3 * width] + 1) / 2;
            mean[x] = static_cast<std::uint16_t>((upper + lower + 1) / 2);
        }
        for (std::size_t cell = 0; cell < columns; ++cell) {
            const std::uint16_t *four = mean + 4 * cell;
            const int sum = four[0] + four[1] + four[2] + four[3];
            cells[y * columns + cell] = static_cast<float>(sum) * (1.0F / 65536);
        }
    }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea {

namespace {
HWY_EXPORT(alignBlocks);
HWY_EXPORT(quarterPicture);
}  // namespace

void alignBlocks(const std::int16_t *rates, std::span<const BlockShift> shifts, RatePicture &out) {
    HWY_DYNAMIC_DISPATCH(alignBlocks)(rates, shifts, out);
    out.extend(2);
}

void quarterPicture(const std::int16_t *rates, PlaneShape shape, RateScratch &scratch,
                    std::span<float> cells) {
    HWY_DYNAMIC_DISPATCH(quarterPicture)(rates, shape, scratch, cells);
}

}  // namespace fovea
#endif
