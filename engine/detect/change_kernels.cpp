// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set. No fused multiply-add: results must be the same on all.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/detect/change_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "engine/detect/change_kernels.h"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::change_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
// At most 16 lanes: the arrays are padded to that, and the order of sums is fixed by it.
using F = hn::CappedTag<float, 16>;
using U8 = hn::Rebind<std::uint8_t, F>;
using I32 = hn::Rebind<std::int32_t, F>;
using V = hn::Vec<F>;

HWY_INLINE V load(const float *p) {
    return hn::LoadU(F(), p);
}
HWY_INLINE V loadBytes(const std::uint8_t *p) {
    return hn::ConvertTo(F(), hn::PromoteTo(I32(), hn::LoadU(U8(), p)));
}
HWY_INLINE V set(float value) {
    return hn::Set(F(), value);
}

/// Sums 16 partial sums, lane by lane, in one fixed order whatever the vector length is.
struct LaneSums {
    HWY_ALIGN float lanes[16] = {};
    HWY_INLINE void add(V value, std::size_t at) {
        float *lane = lanes + at % 16;
        hn::Store(hn::Add(hn::Load(F(), lane), value), F(), lane);
    }
    float total() const {
        float sum = 0;
        for (const float lane : lanes)
            sum += lane;
        return sum;
    }
};

Sums sumGain(const std::uint8_t *HWY_RESTRICT counts, const std::uint8_t *HWY_RESTRICT marks,
             const float *HWY_RESTRICT background, float limit, std::size_t count) {
    LaneSums expected;
    LaneSums seen;
    for (std::size_t i = 0; i < count; i += hn::Lanes(F())) {
        const V b = load(background + i);
        const auto use = hn::And(hn::Lt(b, set(limit)), hn::Eq(loadBytes(marks + i), set(0)));
        expected.add(hn::IfThenElseZero(use, b), i);
        seen.add(hn::IfThenElseZero(use, loadBytes(counts + i)), i);
    }
    return {expected.total(), seen.total()};
}

Sums sumNoise(const std::uint8_t *HWY_RESTRICT counts, const float *HWY_RESTRICT mean,
              const float *HWY_RESTRICT age, float scale, float clip, std::size_t count) {
    LaneSums expected;
    LaneSums seen;
    for (std::size_t i = 0; i < count; i += hn::Lanes(F())) {
        const V m = load(mean + i);
        const V d = hn::Sub(hn::Mul(loadBytes(counts + i), set(scale)), m);
        const V v = hn::Add(set(quantisation), hn::Mul(set(perSpike), m));
        const auto use = hn::And(hn::Gt(load(age + i), set(4)), hn::Gt(m, set(0.02F)));
        expected.add(hn::IfThenElseZero(use, v), i);
        seen.add(hn::IfThenElseZero(use, hn::Min(hn::Mul(d, d), hn::Mul(set(clip), v))), i);
    }
    return {expected.total(), seen.total()};
}

void stepSegments(const SegmentStep &p, std::size_t count) {
    const V one = set(1);
    const V base = set(quantisation * p.noise);
    const V slope = set(perSpike * p.noise);
    for (std::size_t i = 0; i < count; i += hn::Lanes(F())) {
        const V x = hn::Mul(loadBytes(p.counts + i), set(p.scale));
        const V m = load(p.mean + i);
        const V n = load(p.age + i);
        const V f0 = load(p.fast + i);
        const V s0 = load(p.slow + i);
        const V f = hn::Add(f0, hn::Mul(set(0.4F), hn::Sub(x, f0)));
        const V s = hn::Add(s0, hn::Mul(set(0.1F), hn::Sub(x, s0)));
        const V share = hn::Div(one, hn::Add(n, set(2)));
        const V v = hn::Add(base, hn::Mul(slope, m));
        const V limit = hn::Mul(set(p.change), v);
        const V d0 = hn::Sub(x, m);
        const V d1 = hn::Sub(f, m);
        const V d2 = hn::Sub(s, m);
        const auto abrupt =
            hn::Or(hn::Gt(hn::Mul(d0, d0), hn::Mul(limit, hn::Add(one, share))),
                   hn::Gt(hn::Mul(d1, d1), hn::Mul(limit, hn::Add(set(0.25F), share))));
        const auto gradual = hn::Gt(hn::Mul(d2, d2), hn::Mul(limit, hn::Add(set(0.05F), share)));
        const auto changed = hn::Or(abrupt, gradual);
        const V begin = hn::IfThenElse(abrupt, x, f);
        const V kept = hn::Add(m, hn::Mul(d0, hn::Max(share, set(0.004F))));
        const V now = hn::IfThenElse(changed, begin, kept);
        const V young = hn::IfThenElse(abrupt, hn::Zero(F()), one);
        const V older = hn::IfThenElse(changed, young, hn::Min(hn::Add(n, one), set(60000)));
        hn::StoreU(now, F(), p.mean + i);
        hn::StoreU(hn::IfThenElse(changed, begin, f), F(), p.fast + i);
        hn::StoreU(hn::IfThenElse(changed, begin, s), F(), p.slow + i);
        hn::StoreU(older, F(), p.age + i);
        const V b = load(p.background + i);
        const V relative = hn::Add(hn::Mul(set(p.floor), b), set(0.1F));
        // 1 / (older + 1), without another division: `older` is 0, 1 or n + 1.
        const V fresh = hn::IfThenElse(abrupt, one, set(0.5F));
        const V settled = hn::Max(hn::IfThenElse(changed, fresh, share), set(0.01F));
        hn::StoreU(hn::Sub(now, b), F(), p.difference + i);
        hn::StoreU(
            hn::Add(hn::Mul(v, hn::Add(settled, set(p.learned))), hn::Mul(relative, relative)), F(),
            p.variance + i);
    }
}

void sumRows(const float *HWY_RESTRICT in, float *HWY_RESTRICT out, std::size_t row,
             std::size_t count) {
    for (std::size_t i = 0; i < count; i += hn::Lanes(F()))
        hn::StoreU(hn::Add(hn::Add(load(in + i - row), load(in + i)), load(in + i + row)), F(),
                   out + i);
}

void stepForeground(const ForegroundStep &p, std::size_t count) {
    const V one = set(1);
    for (std::size_t i = 0; i < count; i += hn::Lanes(F())) {
        const V d = load(p.difference + i);
        const V v = load(p.variance + i);
        const float *sd = p.sumDifference + i;
        const float *sv = p.sumVariance + i;
        const V sumD = hn::Add(hn::Add(load(sd - 1), load(sd)), load(sd + 1));
        const V sumV = hn::Add(hn::Add(load(sv - 1), load(sv)), load(sv + 1));
        const V dd = hn::Mul(d, d);
        const auto alone = hn::Gt(dd, hn::Mul(set(p.single), v));
        const auto together = hn::And(
            hn::And(hn::Gt(hn::Mul(sumD, sumD), hn::Mul(set(p.joint), sumV)), hn::Gt(dd, v)),
            hn::Gt(hn::Mul(d, sumD), hn::Zero(F())));
        // Back at the background? The newest count says so first, where it can be told apart.
        const V b = load(p.background + i);
        const V newest = hn::Sub(hn::Mul(loadBytes(p.counts + i), set(p.scale)), b);
        const V recent = hn::Sub(load(p.fast + i), b);
        const auto clear = hn::Gt(dd, hn::Mul(set(9), v));
        const V seen = hn::Mul(hn::IfThenElse(clear, newest, recent), d);
        const auto still = hn::Gt(seen, hn::Mul(hn::IfThenElse(clear, set(0.4F), set(0.25F)), dd));
        const V age = load(p.age + i);
        const auto calm = hn::Gt(age, set(p.absorbAge));
        const auto fore = hn::AndNot(calm, hn::And(hn::Or(alone, together), still));
        const V m = load(p.mean + i);
        const V taken = hn::IfThenElse(calm, m, hn::Add(b, hn::Mul(d, set(p.learn))));
        hn::StoreU(hn::IfThenElse(fore, b, taken), F(), p.background + i);
        const auto sure = hn::AndNot(fore, hn::Gt(age, set(p.trustAge)));
        const V trust = hn::IfThenElse(sure, one, load(p.trust + i));
        hn::StoreU(trust, F(), p.trust + i);
        const V moving = hn::IfThenElseZero(hn::Le(age, set(p.activeAge)), set(4));
        const V recent8 = hn::IfThenElseZero(hn::Le(age, set(p.recentAge)), set(8));
        const V mark = hn::Add(hn::Add(one, hn::Add(trust, trust)), hn::Add(moving, recent8));
        const auto bytes = hn::ConvertTo(I32(), hn::IfThenElseZero(fore, mark));
        hn::StoreU(hn::DemoteTo(U8(), bytes), U8(), p.marks + i);
    }
}

// A plain loop: the compiler vectorises it for the instruction set of this namespace.
void dropLonely(const std::uint8_t *HWY_RESTRICT marks, std::uint8_t *HWY_RESTRICT out,
                std::size_t row, std::size_t count, std::uint8_t least) {
    // Each begins one cell to the left.
    const std::uint8_t *HWY_RESTRICT up = marks - row - 1;
    const std::uint8_t *HWY_RESTRICT mid = marks - 1;
    const std::uint8_t *HWY_RESTRICT down = marks + row - 1;
    for (std::size_t i = 0; i < count; ++i) {
        const int sum = (up[i] & 1) + (up[i + 1] & 1) + (up[i + 2] & 1) + (mid[i] & 1) +
                        (mid[i + 1] & 1) + (mid[i + 2] & 1) + (down[i] & 1) + (down[i + 1] & 1) +
                        (down[i + 2] & 1);
        out[i] = sum >= least ? marks[i] : std::uint8_t{0};
    }
}

}  // namespace fovea::change_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::change_kernels {

HWY_EXPORT(sumGain);
HWY_EXPORT(sumNoise);
HWY_EXPORT(stepSegments);
HWY_EXPORT(sumRows);
HWY_EXPORT(stepForeground);
HWY_EXPORT(dropLonely);

Sums sumGain(const std::uint8_t *counts, const std::uint8_t *marks, const float *background,
             float limit, std::size_t count) {
    return HWY_DYNAMIC_DISPATCH(sumGain)(counts, marks, background, limit, count);
}
Sums sumNoise(const std::uint8_t *counts, const float *mean, const float *age, float scale,
              float clip, std::size_t count) {
    return HWY_DYNAMIC_DISPATCH(sumNoise)(counts, mean, age, scale, clip, count);
}
void stepSegments(const SegmentStep &step, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(stepSegments)(step, count);
}
void sumRows(const float *in, float *out, std::size_t row, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(sumRows)(in, out, row, count);
}
void stepForeground(const ForegroundStep &step, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(stepForeground)(step, count);
}

void dropLonely(const std::uint8_t *marks, std::uint8_t *out, std::size_t row, std::size_t count,
                std::uint8_t least) {
    HWY_DYNAMIC_DISPATCH(dropLonely)(marks, out, row, count, least);
}

}  // namespace fovea::change_kernels
#endif  // HWY_ONCE
