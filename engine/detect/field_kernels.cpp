// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set. No fused multiply-add: results must be the same on all.
#include "engine/detect/field_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/detect/field_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::field_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F = hn::CappedTag<float, 16>;
using V = hn::Vec<F>;

HWY_INLINE V positiveSquare(const float *at) {
    const V positive = hn::Max(hn::LoadU(F(), at), hn::Zero(F()));
    return hn::Mul(positive, positive);
}

float energy(const float *HWY_RESTRICT potential, std::size_t count) {
    const F d;
    alignas(64) float lanes[16] = {};
    for (std::size_t x = 0; x < count; x += 16)
        for (std::size_t lane = 0; lane < 16; lane += hn::Lanes(d))
            hn::Store(hn::Add(hn::Load(d, lanes + lane), positiveSquare(potential + x + lane)), d,
                      lanes + lane);
    float sum = 0;
    for (const float lane : lanes)
        sum += lane;
    return sum;
}

Span relax(const float *HWY_RESTRICT potential, float scale, float least, float *HWY_RESTRICT in,
           std::size_t count) {
    const F d;
    Span span{count, 0};
    for (std::size_t from = 0; from < count; from += rowStep) {
        V any = hn::Zero(d);
        for (std::size_t x = from; x < from + rowStep; x += hn::Lanes(d)) {
            const V value = hn::Mul(positiveSquare(potential + x), hn::Set(d, scale));
            const V kept = hn::IfThenElseZero(hn::Ge(value, hn::Set(d, least)), value);
            any = hn::Or(any, kept);
            hn::StoreU(kept, d, in + x);
        }
        if (!hn::AllTrue(d, hn::Eq(any, hn::Zero(d))))
            span = {std::min(span.first, from), from + rowStep};
    }
    return span;
}

void smoothRow(const float *HWY_RESTRICT in, const float *HWY_RESTRICT weight, std::size_t reach,
               float *HWY_RESTRICT smooth, float *HWY_RESTRICT box, Span span) {
    const F d;
    for (std::size_t x = span.first; x < span.last; x += hn::Lanes(d)) {
        V plain = hn::LoadU(d, in + x);
        V weighted = hn::Mul(plain, hn::Set(d, weight[0]));
        for (std::size_t j = 1; j <= reach; ++j) {
            const V both = hn::Add(hn::LoadU(d, in + x - j), hn::LoadU(d, in + x + j));
            plain = hn::Add(plain, both);
            weighted = hn::Add(weighted, hn::Mul(both, hn::Set(d, weight[j])));
        }
        hn::StoreU(weighted, d, smooth + x);
        hn::StoreU(plain, d, box + x);
    }
}

/// A strip of columns: the sum over rows moves along with y, so it costs two rows a step.
HWY_INLINE void stepStrip(const FieldRows &rows, const float *HWY_RESTRICT weight,
                          std::size_t reach, FieldStep step, std::size_t first, std::size_t last,
                          std::size_t x) {
    const F d;
    constexpr std::size_t width = 4;
    const std::size_t lanes = hn::Lanes(d);
    V box[width] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    const auto active = [&](std::size_t y) {
        return rows.active[y].first <= x && x < rows.active[y].last;
    };
    const auto addBox = [&](std::size_t y, V sign) HWY_ATTR {
        if (!active(y))
            return;
        for (std::size_t i = 0; i < width; ++i)
            box[i] = hn::Add(
                box[i], hn::Mul(sign, hn::LoadU(d, rows.box + y * rows.stride + x + i * lanes)));
    };
    const V plus = hn::Set(d, 1);
    const V minus = hn::Set(d, -1);
    for (std::size_t y = first > reach ? first - reach : 0;
         y < std::min(rows.height, first + reach); ++y)
        addBox(y, plus);
    for (std::size_t y = first; y < last; ++y) {
        if (y + reach < rows.height)
            addBox(y + reach, plus);
        V sum[width] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
        const auto add = [&](std::size_t from, float by) HWY_ATTR {
            const float *smooth = rows.smooth + from * rows.stride + x;
            for (std::size_t i = 0; i < width; ++i)
                sum[i] = hn::Add(sum[i], hn::Mul(hn::Set(d, by), hn::LoadU(d, smooth + i * lanes)));
        };
        if (active(y))
            add(y, weight[0]);
        for (std::size_t j = 1; j <= reach; ++j) {
            const bool above = j <= y && active(y - j);
            const bool below = y + j < rows.height && active(y + j);
            if (above && below) {
                const float *one = rows.smooth + (y - j) * rows.stride + x;
                const float *other = rows.smooth + (y + j) * rows.stride + x;
                for (std::size_t i = 0; i < width; ++i) {
                    const V both =
                        hn::Add(hn::LoadU(d, one + i * lanes), hn::LoadU(d, other + i * lanes));
                    sum[i] = hn::Add(sum[i], hn::Mul(hn::Set(d, weight[j]), both));
                }
            } else if (above || below) {
                add(above ? y - j : y + j, weight[j]);
            }
        }
        float *potential = rows.potential + y * rows.stride + x;
        for (std::size_t i = 0; i < width; ++i) {
            const V drive = hn::Sub(hn::Mul(sum[i], hn::Set(d, step.byGauss)),
                                    hn::Mul(box[i], hn::Set(d, step.byBox)));
            const V kept = hn::Mul(hn::LoadU(d, potential + i * lanes), hn::Set(d, step.keep));
            hn::StoreU(hn::Add(kept, drive), d, potential + i * lanes);
        }
        if (y >= reach)
            addBox(y - reach, minus);
    }
}

void stepRows(const FieldRows &rows, const float *weight, std::size_t reach, FieldStep step,
              std::size_t first, std::size_t last) {
    for (std::size_t x = 0; x < rows.stride; x += 4 * hn::Lanes(F()))
        stepStrip(rows, weight, reach, step, first, last, x);
}

}  // namespace fovea::field_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::field_kernels {

namespace {
HWY_EXPORT(energy);
HWY_EXPORT(relax);
HWY_EXPORT(smoothRow);
HWY_EXPORT(stepRows);
}  // namespace

float energy(const float *potential, std::size_t count) {
    return HWY_DYNAMIC_DISPATCH(energy)(potential, count);
}

Span relax(const float *potential, float scale, float least, float *in, std::size_t count) {
    return HWY_DYNAMIC_DISPATCH(relax)(potential, scale, least, in, count);
}

void smoothRow(const float *in, const float *weight, std::size_t reach, float *smooth, float *box,
               Span span) {
    HWY_DYNAMIC_DISPATCH(smoothRow)(in, weight, reach, smooth, box, span);
}

void stepRows(const FieldRows &rows, const float *weight, std::size_t reach, FieldStep step,
              std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(stepRows)(rows, weight, reach, step, first, last);
}

}  // namespace fovea::field_kernels
#endif
