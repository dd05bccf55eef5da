// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set. No fused multiply-add: results must be the same on all.
#include "engine/detect/batch_kernels.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/detect/batch_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::batch_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F = hn::CappedTag<float, 16>;
using I = hn::RebindToSigned<F>;
using U = hn::RebindToUnsigned<F>;
using V = hn::Vec<F>;
using W = hn::Vec<U>;
using M = hn::Mask<U>;

/// Neurons that see spikes in more planes of a batch are worked on plane by plane.
constexpr std::uint32_t busyPlanes = 6;

HWY_INLINE V set(float value) {
    return hn::Set(F(), value);
}

/// table[index & 31]
HWY_INLINE V lookUp(const float *table, W index) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
    // Highway before 1.1 has no lookup in two registers; the instruction takes the low bits only.
    return V{_mm512_permutex2var_ps(_mm512_load_ps(table), index.raw, _mm512_load_ps(table + 16))};
#else
    const auto low = hn::And(index, hn::Set(U(), timeWordPlanes - 1));
    return hn::GatherIndex(F(), table, hn::BitCast(I(), low));
#endif
}

/// 2^t of a spike at plane t.
HWY_INLINE V powerOf(W spike) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
    return V{_mm512_cvtepu32_ps(spike.raw)};
#else
    return hn::Abs(hn::ConvertTo(F(), hn::BitCast(I(), spike)));
#endif
}

/// What one group of neighbouring pixels carries from spike to spike.
struct Group {
    V deficit, drive, before;
    V gradient;  ///< times 2^t, so that it stays while time passes
    W waiting;   ///< spikes to come
    W at;        ///< plane of the last one, plus 127
    W passed;
};

/// The next spike of every pixel that has one.
HWY_INLINE void step(Group &g, W spike, const StpFactors &c) {
    const M active = hn::Ne(spike, hn::Zero(U()));
    const V power = powerOf(spike);
    const W exponent = hn::ShiftRight<23>(hn::BitCast(U(), power));  // 127 + t
    const W n = hn::Sub(exponent, g.at);
    const V deficit = hn::Mul(g.deficit, lookUp(c.deficit, n));
    const V drive = hn::Mul(g.drive, lookUp(c.drive, n));
    const V R = hn::Sub(set(1), deficit);
    const V d = hn::Abs(hn::Sub(deficit, g.before));
    const V change = hn::Mul(set(0.5F), hn::Div(d, R));
    const V gradient = hn::Add(g.gradient, hn::Mul(change, power));
    // d (sqrt(g) + 1) >= threshold, without the root.
    const V missing = hn::Max(hn::Sub(set(c.threshold), d), hn::Zero(F()));
    const auto passes =
        hn::Ge(hn::Mul(gradient, hn::Mul(d, d)), hn::Mul(hn::Mul(missing, missing), power));
    g.passed = hn::IfThenElse(hn::RebindMask(U(), passes), hn::Or(g.passed, spike), g.passed);
    const V unused = hn::Sub(set(1 - c.u0), drive);
    const V nextDeficit = hn::Sub(set(1), hn::Mul(R, unused));
    const V nextDrive = hn::Add(drive, hn::Mul(set(c.f), unused));
    const auto use = hn::RebindMask(F(), active);
    g.deficit = hn::IfThenElse(use, nextDeficit, g.deficit);
    g.drive = hn::IfThenElse(use, nextDrive, g.drive);
    g.gradient = hn::IfThenElse(use, gradient, g.gradient);
    g.before = hn::IfThenElse(use, deficit, g.before);
    g.at = hn::IfThenElse(active, exponent, g.at);
}

/// The first spike that waits, as a single bit, and takes it away.
HWY_INLINE W takeFirst(W &waiting) {
    const W first = hn::And(waiting, hn::Sub(hn::Zero(U()), waiting));
    waiting = hn::Xor(waiting, first);
    return first;
}

/// Vectors that walk side by side: two where there are registers for them.
constexpr std::size_t sideBySide = HWY_TARGET <= HWY_AVX3 ? 2 : 1;

/// Takes the spikes of `sideBySide` vectors of pixels from p on.
HWY_INLINE void walk(const StpFactors &c, const StpState &state, const std::uint32_t *spikes,
                     std::size_t planes, std::size_t p, std::uint32_t *passed) {
    const F d;
    const U u;
    const std::size_t lanes = hn::Lanes(d);
    Group groups[sideBySide];
    W spike[sideBySide];
    W any = hn::Zero(u);
    for (std::size_t i = 0; i < sideBySide; ++i) {
        const std::size_t at = p + i * lanes;
        groups[i] = {hn::LoadU(d, state.deficit + at),
                     hn::LoadU(d, state.drive + at),
                     hn::LoadU(d, state.before + at),
                     hn::LoadU(d, state.gradient + at),
                     hn::Load(u, spikes + i * lanes),
                     hn::Set(u, 127U),
                     hn::Zero(u)};
        spike[i] = takeFirst(groups[i].waiting);
        any = hn::Or(any, spike[i]);
    }
    while (!hn::AllTrue(u, hn::Eq(any, hn::Zero(u)))) {
        any = hn::Zero(u);
        for (std::size_t i = 0; i < sideBySide; ++i) {
            step(groups[i], spike[i], c);
            spike[i] = takeFirst(groups[i].waiting);
            any = hn::Or(any, spike[i]);
        }
    }
    // To the plane after the last one, in two factors: 32 is beyond the table.
    const W end = hn::Set(u, static_cast<std::uint32_t>(127 + planes - 1));
    const V unscale = set(c.half[planes - 1] * c.half[1]);
    for (std::size_t i = 0; i < sideBySide; ++i) {
        const std::size_t at = p + i * lanes;
        const Group &g = groups[i];
        const W rest = hn::Sub(end, g.at);
        const auto decay = [&](V value, const float *table) HWY_ATTR {
            return hn::Mul(hn::Mul(value, lookUp(table, rest)), set(table[1]));
        };
        hn::StoreU(decay(g.deficit, c.deficit), d, state.deficit + at);
        hn::StoreU(decay(g.drive, c.drive), d, state.drive + at);
        hn::StoreU(hn::Mul(g.gradient, unscale), d, state.gradient + at);
        hn::StoreU(g.before, d, state.before + at);
        hn::StoreU(g.passed, u, passed + at);
    }
}

void stpBatch(const StpFactors &c, const StpState &state, PlanePointers planes,
              std::size_t firstChunk, std::size_t lastChunk, std::uint32_t *HWY_RESTRICT passed) {
    const F d;
    alignas(64) std::uint32_t spikes[timeWordChunk];
    for (std::size_t chunk = firstChunk; chunk < lastChunk; ++chunk) {
        planesToWords(planes, chunk, spikes);
        for (std::size_t i = 0; i < timeWordChunk; i += sideBySide * hn::Lanes(d))
            walk(c, state, spikes + i, planes.size(), chunk * timeWordChunk + i, passed);
    }
}

/// Number of set bits of three words each, bit by bit.
HWY_INLINE W addBits(W a, W b, W c, W &carry) {
    const W either = hn::Xor(a, b);
    carry = hn::Or(hn::And(a, b), hn::And(either, c));
    return hn::Xor(either, c);
}

/// The square of 3x3 pixels around each of some neighbouring pixels, and the sum of its bits.
struct Square {
    W words[9];
    W any;

    HWY_INLINE void load(const std::uint32_t *centre, std::size_t width, M left, M right) {
        const U u;
        any = hn::Zero(u);
        for (std::size_t row = 0; row < 3; ++row) {
            const std::uint32_t *at = centre + row * width - width;
            words[3 * row] = hn::IfThenElseZero(left, hn::LoadU(u, at - 1));
            words[3 * row + 1] = hn::LoadU(u, at);
            words[3 * row + 2] = hn::IfThenElseZero(right, hn::LoadU(u, at + 1));
            any =
                hn::Or(any, hn::Or(words[3 * row], hn::Or(words[3 * row + 1], words[3 * row + 2])));
        }
    }
    /// Bits 0 to 3 of the numbers.
    HWY_INLINE void sum(W (&bits)[4]) const {
        W c0, c1, c2, c3, d0, d1;
        const W a = addBits(words[0], words[1], words[2], c0);
        const W b = addBits(words[3], words[4], words[5], c1);
        const W c = addBits(words[6], words[7], words[8], c2);
        bits[0] = addBits(a, b, c, c3);
        const W twos = addBits(c0, c1, c2, d0);
        bits[1] = hn::Xor(twos, c3);
        d1 = hn::And(twos, c3);
        bits[2] = hn::Xor(d0, d1);
        bits[3] = hn::And(d0, d1);
    }
};

HWY_INLINE M has(W words, W bit) {
    return hn::Ne(hn::And(words, bit), hn::Zero(U()));
}

HWY_INLINE auto asF(M mask) {
    return hn::RebindMask(F(), mask);
}

/// The neurons' squares over time, and what their potentials become.
struct Neurons {
    const LifRule &rule;
    W own;
    W bits[4];  ///< of the number of spikes in the square

    /// One plane, whose bit is `now` in each lane: potential before and after.
    HWY_INLINE V step(V potential, W now, W &fired) const {
        const V leak = hn::IfThenZeroElse(asF(has(own, now)), set(rule.leak));
        V drive = set(0);
        V weight = set(rule.weight);
        for (const W &level : bits) {
            drive = hn::Add(drive, hn::IfThenElseZero(asF(has(level, now)), weight));
            weight = hn::Add(weight, weight);
        }
        const V driven = hn::Max(hn::Add(hn::Sub(potential, leak), drive), set(rule.least));
        const auto fires = hn::Ge(driven, set(rule.threshold));
        fired = hn::Or(fired, hn::IfThenElseZero(hn::RebindMask(U(), fires), now));
        return hn::IfThenElse(fires, hn::Mul(driven, set(rule.keep)), driven);
    }
};

/// Planes in which something happens, one after the other; between them V only leaks.
HWY_INLINE V fireGroup(const LifRule &rule, V potential, const Square &square, W all, W &fired) {
    const U u;
    Neurons neurons{rule, square.words[4], {}};
    square.sum(neurons.bits);
    if (hn::GetLane(hn::MaxOfLanes(u, hn::PopulationCount(square.any))) > busyPlanes) {
        const std::uint32_t last = hn::GetLane(all);
        for (std::uint32_t bit = 1; (bit & last) != 0; bit <<= 1)
            potential = neurons.step(potential, hn::Set(u, bit), fired);
        return potential;
    }
    const V warm = set(rule.threshold + rule.leak);
    const auto one = hn::Set(u, 1U);
    W waiting =
        hn::Or(square.any, hn::IfThenElseZero(hn::RebindMask(u, hn::Ge(potential, warm)), one));
    V at = set(0);  // planes that the potential has seen
    const auto planeOf = [](W bit) HWY_ATTR {
        const V power = hn::Abs(hn::ConvertTo(F(), hn::BitCast(I(), bit)));
        const W exponent = hn::ShiftRight<23>(hn::BitCast(U(), power));
        return hn::ConvertTo(F(), hn::BitCast(I(), hn::Sub(exponent, hn::Set(U(), 127U))));
    };
    for (;;) {
        waiting = hn::And(waiting, all);
        const W now = takeFirst(waiting);
        const M active = hn::Ne(now, hn::Zero(u));
        if (hn::AllFalse(u, active))
            break;
        const V plane = planeOf(now);
        const V rested = hn::Max(hn::Sub(potential, hn::Mul(set(rule.leak), hn::Sub(plane, at))),
                                 set(rule.least));
        const V next = neurons.step(rested, now, fired);
        // Above that it fires again without a spike.
        const auto hot = hn::Ge(next, warm);
        if (HWY_UNLIKELY(!hn::AllFalse(F(), hot)))
            waiting =
                hn::Or(waiting, hn::IfThenElseZero(hn::RebindMask(u, hot), hn::Add(now, now)));
        potential = hn::IfThenElse(asF(active), next, potential);
        at = hn::IfThenElse(asF(active), hn::Add(plane, set(1)), at);
    }
    const V planes = hn::Add(planeOf(hn::Xor(all, hn::ShiftRight<1>(all))), set(1));
    return hn::Max(hn::Sub(potential, hn::Mul(set(rule.leak), hn::Sub(planes, at))),
                   set(rule.least));
}

/// A vector of neurons.
HWY_INLINE void fireSome(const LifRule &rule, float *potential, const Square &square,
                         std::size_t planes, std::uint32_t *fired) {
    const F d;
    const U u;
    const V before = hn::LoadU(d, potential);
    const V warm = set(rule.threshold + rule.leak);
    W fires = hn::Zero(u);
    V after =
        hn::Max(hn::Sub(before, set(rule.leak * static_cast<float>(planes))), set(rule.least));
    if (!hn::AllTrue(u, hn::Eq(square.any, hn::Zero(u))) || !hn::AllTrue(d, hn::Lt(before, warm)))
        after =
            fireGroup(rule, before, square, hn::Set(u, ~0U >> (timeWordPlanes - planes)), fires);
    hn::StoreU(after, d, potential);
    hn::StoreU(fires, u, fired);
}

void lifBatch(const LifRule &rule, float *potential, const std::uint32_t *passed, PlaneShape shape,
              std::size_t planes, std::size_t firstRow, std::size_t lastRow, std::uint32_t *fired) {
    const U u;
    const std::size_t lanes = hn::Lanes(u);
    const M notFirst = hn::Not(hn::FirstN(u, 1));
    const M everyone = hn::FirstN(u, lanes);
    Square square;
    for (std::size_t y = firstRow; y < lastRow; ++y)
        for (std::size_t x = 0; x < shape.width; x += lanes) {
            const std::size_t p = y * shape.width + x;
            const std::size_t left = shape.width - x;
            square.load(passed + p, shape.width, x == 0 ? notFirst : everyone,
                        left > lanes ? everyone : hn::FirstN(u, left - 1));
            if (left >= lanes) {
                fireSome(rule, potential + p, square, planes, fired + p);
                continue;
            }
            // The next row may be another thread's.
            alignas(64) float ownPotential[16] = {};
            alignas(64) std::uint32_t ownFired[16];
            std::memcpy(ownPotential, potential + p, left * sizeof(float));
            square.any = hn::IfThenElseZero(hn::FirstN(u, left), square.any);
            fireSome(rule, ownPotential, square, planes, ownFired);
            std::memcpy(potential + p, ownPotential, left * sizeof(float));
            std::memcpy(fired + p, ownFired, left * sizeof(std::uint32_t));
        }
}

}  // namespace fovea::batch_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::batch_kernels {

namespace {
HWY_EXPORT(stpBatch);
HWY_EXPORT(lifBatch);
}  // namespace

void stpBatch(const StpFactors &factors, const StpState &state, PlanePointers planes,
              std::size_t firstChunk, std::size_t lastChunk, std::uint32_t *passed) {
    HWY_DYNAMIC_DISPATCH(stpBatch)(factors, state, planes, firstChunk, lastChunk, passed);
}

void lifBatch(const LifRule &rule, float *potential, const std::uint32_t *passed, PlaneShape shape,
              std::size_t planes, std::size_t firstRow, std::size_t lastRow, std::uint32_t *fired) {
    HWY_DYNAMIC_DISPATCH(lifBatch)
    (rule, potential, passed, shape, planes, firstRow, lastRow, fired);
}

}  // namespace fovea::batch_kernels
#endif
