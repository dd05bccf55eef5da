// SPDX-License-Identifier: Apache-2.0
// Counters of silent planes in bytes, forward and backward; one multiplication a bound and pixel.
#include "engine/recon/segment_rates.h"

#include "engine/recon/rate_rule.h"

#include <array>
#include <hwy/cache_control.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/recon/segment_rates.cpp"
#include <hwy/foreach_target.h>
// Highway asks for this order.
#include <hwy/highway.h>

#ifndef FOVEA_SEGMENT_RATES_ONCE
#define FOVEA_SEGMENT_RATES_ONCE
namespace fovea::segments {

/// round(65536 / d) in two bytes, for the byte-wise look-up.
struct Reciprocals {
    alignas(64) std::array<std::uint8_t, 256> low{};
    alignas(64) std::array<std::uint8_t, 256> high{};

    constexpr Reciprocals() {
        for (unsigned d = 1; d < 256; ++d) {
            const unsigned value = rates::reciprocal(d);
            low[d] = static_cast<std::uint8_t>(value & 255U);
            high[d] = static_cast<std::uint8_t>(value >> 8);
        }
    }
};
inline constexpr Reciprocals reciprocals;

}  // namespace fovea::segments
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
/// Pixels that are walked through time together: two vectors of 64, which wait for each other's
/// memory.
constexpr std::size_t groupPixels = 128;
using Bytes = hn::CappedTag<std::uint8_t, 64>;
using Halves = hn::Repartition<std::uint16_t, Bytes>;
using Signed = hn::RebindToSigned<Halves>;

/// What is known of a group's pixels at every bound.
struct Group {
    alignas(64) std::uint8_t before[maxSegments + 1][groupPixels];  ///< silent planes up to there
    alignas(64) std::uint8_t after[maxSegments + 1][groupPixels];   ///< silent planes from there on
    alignas(64) std::uint8_t spikes[maxSegments + 1][groupPixels];  ///< in the piece
    alignas(64) std::uint16_t phases[2][groupPixels];               ///< of two bounds in turn
};

/// One vector of pixels on its way through the planes.
struct Walker {
    hn::Vec<Bytes> silent;    ///< planes since the last spike
    hn::Vec<Bytes> spikes;    ///< in this piece
    hn::Vec<Bytes> coming;    ///< silent planes at the beginning of this piece
    hn::Mask<Bytes> waiting;  ///< for the first spike of this piece

    HWY_INLINE void begin() {
        const Bytes d;
        spikes = hn::Zero(d);
        coming = hn::Zero(d);
        waiting = hn::Eq(spikes, coming);
    }
    HWY_INLINE void step(const std::uint64_t *plane, std::size_t pixel) {
        const Bytes d;
        const auto one = hn::Set(d, std::uint8_t{1});
#if HWY_TARGET == HWY_SCALAR
        const auto fires =
            hn::MaskFromVec(hn::Set(d, static_cast<std::uint8_t>(testBit(plane, pixel) ? 255 : 0)));
#else
        const auto *bits = reinterpret_cast<const std::uint8_t *>(plane) + pixel / 8;
        const auto fires = hn::LoadMaskBits(d, bits);
#endif
        waiting = hn::AndNot(fires, waiting);
        coming = hn::IfThenElse(waiting, hn::Add(coming, one), coming);
        spikes = hn::IfThenElse(fires, hn::Add(spikes, one), spikes);
        silent = hn::IfThenZeroElse(fires, hn::Add(silent, one));
    }
};

/// Fills `before` and `spikes`, and of `after` what lies in the piece itself.
HWY_INLINE void walk(PlanePointers planes, std::span<const std::uint16_t> bounds, std::size_t pixel,
                     std::size_t lane, Group &group) {
    const Bytes d;
    const std::size_t next = lane + hn::Lanes(d);
    Walker one{hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::MaskFromVec(hn::Zero(d))};
    Walker two = one;
    std::size_t plane = 0;
    const auto walkTo = [&](std::size_t end) HWY_ATTR {
        for (; plane < end; ++plane) {
            one.step(planes[plane], pixel + lane);
            two.step(planes[plane], pixel + next);
        }
    };
    walkTo(bounds[0]);
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        hn::Store(one.silent, d, group.before[i] + lane);
        hn::Store(two.silent, d, group.before[i] + next);
        one.begin();
        two.begin();
        walkTo(i + 1 < bounds.size() ? bounds[i + 1] : planes.size());
        hn::Store(one.spikes, d, group.spikes[i] + lane);
        hn::Store(two.spikes, d, group.spikes[i] + next);
        hn::Store(one.coming, d, group.after[i] + lane);
        hn::Store(two.coming, d, group.after[i] + next);
    }
}

/// Continues `after` beyond the pieces' ends. An interval that is cut by the first or the last of
/// all planes becomes as long as the next whole one, when that is longer than what is seen of it.
HWY_INLINE void joinPieces(std::span<const std::uint16_t> bounds, std::size_t planes,
                           std::size_t lane, Group &group) {
    const Bytes d;
    const auto one = hn::Set(d, std::uint8_t{1});
    auto interval = hn::Zero(d);
    for (std::size_t i = bounds.size(); i-- > 0;) {
        const std::size_t end = i + 1 < bounds.size() ? bounds[i + 1] : planes;
        auto after = hn::Load(d, group.after[i] + lane);
        if (i + 1 < bounds.size()) {
            const auto length = hn::Set(d, static_cast<std::uint8_t>(end - bounds[i]));
            const auto more =
                hn::IfThenElseZero(hn::Eq(after, length), hn::Load(d, group.after[i + 1] + lane));
            after = hn::Add(after, more);
            hn::Store(after, d, group.after[i] + lane);
        }
        const auto before = hn::Load(d, group.before[i] + lane);
        const auto cut = hn::Eq(before, hn::Set(d, static_cast<std::uint8_t>(bounds[i])));
        const auto likely = hn::SaturatedSub(interval, hn::Add(after, one));
        const auto longer = hn::Max(before, hn::IfThenElseZero(cut, likely));
        interval = hn::Add(hn::Add(longer, after), one);
        hn::Store(longer, d, group.before[i] + lane);
    }
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const auto after = hn::Load(d, group.after[i] + lane);
        const auto before = hn::Load(d, group.before[i] + lane);
        const auto cut = hn::Eq(after, hn::Set(d, static_cast<std::uint8_t>(planes - bounds[i])));
        const auto likely = hn::SaturatedSub(interval, hn::Add(before, one));
        const auto longer = i == 0 ? after : hn::Max(after, hn::IfThenElseZero(cut, likely));
        interval = hn::Add(hn::Add(before, longer), one);
        hn::Store(longer, d, group.after[i] + lane);
    }
}

/// low and high byte of round(65536 / d).
HWY_INLINE void lookUpReciprocal(hn::Vec<Bytes> number, hn::Vec<Bytes> &low, hn::Vec<Bytes> &high) {
    const Bytes d;
    const auto &table = segments::reciprocals;
#if HWY_TARGET == HWY_SCALAR
    low = hn::Set(d, table.low[hn::GetLane(number)]);
    high = hn::Set(d, table.high[hn::GetLane(number)]);
#else
    low = hn::Zero(d);
    high = hn::Zero(d);
    for (std::size_t part = 0; part < 256; part += 16) {
        // An index outside of these 16 entries gets its top bit set, which looks up zero.
        const auto shifted = hn::Sub(number, hn::Set(d, static_cast<std::uint8_t>(part)));
        const auto marked = hn::SaturatedAdd(shifted, hn::Set(d, std::uint8_t{0x70}));
        const auto index = hn::And(marked, hn::Set(d, std::uint8_t{0x8F}));
        const auto lows = hn::LoadDup128(d, table.low.data() + part);
        const auto highs = hn::LoadDup128(d, table.high.data() + part);
        low = hn::Or(low, hn::TableLookupBytesOr0(lows, index));
        high = hn::Or(high, hn::TableLookupBytesOr0(highs, index));
        const auto last = hn::Set(d, static_cast<std::uint8_t>(part + 15));
        if (hn::AllTrue(d, hn::Eq(hn::Max(number, last), last)))
            return;
    }
#endif
}

/// phases = before / (before + after + 1) in 16 bits.
HWY_INLINE void phasesAt(const Group &group, std::size_t bound, std::uint16_t *phases) {
    const Bytes d;
    const Halves d16;
    const hn::Rebind<std::uint8_t, Halves> half;
    alignas(64) std::uint8_t lows[64];
    alignas(64) std::uint8_t highs[64];
    for (std::size_t lane = 0; lane < groupPixels; lane += hn::Lanes(d)) {
        const std::uint8_t *const silent = group.before[bound] + lane;
        const auto before = hn::Load(d, silent);
        const auto after = hn::Load(d, group.after[bound] + lane);
        hn::Vec<Bytes> low;
        hn::Vec<Bytes> high;
        lookUpReciprocal(hn::Add(hn::Add(before, after), hn::Set(d, std::uint8_t{1})), low, high);
        hn::Store(low, d, lows);
        hn::Store(high, d, highs);
        for (std::size_t i = 0; i < hn::Lanes(d); i += hn::Lanes(d16)) {
            const auto upper = hn::ShiftLeft<8>(hn::PromoteTo(d16, hn::Load(half, highs + i)));
            const auto reciprocal = hn::Or(upper, hn::PromoteTo(d16, hn::Load(half, lows + i)));
            const auto planes = hn::PromoteTo(d16, hn::Load(half, silent + i));
            hn::Store(hn::Mul(reciprocal, planes), d16, phases + lane + i);
        }
    }
}

/// (spikes + end - begin) / planes.
HWY_INLINE void writeRates(const std::uint8_t *spikes, const std::uint16_t *begin,
                           const std::uint16_t *end, std::size_t planes, std::int16_t *rates) {
    const Signed d;
    const Halves d16;
    const hn::Rebind<std::uint8_t, Halves> d8;
    const int bits = rates::phaseBits(planes);
    const auto scale = hn::Set(d, rates::phaseScale(planes));
    for (std::size_t lane = 0; lane < groupPixels; lane += hn::Lanes(d)) {
        const auto whole = hn::ShiftLeftSame(hn::PromoteTo(d16, hn::Load(d8, spikes + lane)), bits);
        const auto gain = hn::Sub(hn::ShiftRightSame(hn::Load(d16, end + lane), 16 - bits),
                                  hn::ShiftRightSame(hn::Load(d16, begin + lane), 16 - bits));
        const auto inRange = hn::Max(hn::BitCast(d, hn::Add(whole, gain)), hn::Zero(d));
        hn::StoreU(hn::MulFixedPoint15(inRange, scale), d, rates + lane);
    }
}

void segmentRates(PlanePointers planes, std::span<const std::uint16_t> bounds, std::size_t pixels,
                  std::span<std::int16_t *const> rates) {
    const Bytes d;
    constexpr std::size_t linePixels = 512;
    constexpr std::size_t groups = linePixels / groupPixels;
    Group group;
    for (std::size_t pixel = 0; pixel < pixels; pixel += groupPixels) {
        // Too many places at once for the machine to guess what is read next.
        const std::size_t next = pixel / linePixels * linePixels + linePixels;
        if (next < pixels)
            for (std::size_t i = pixel % linePixels / groupPixels; i < planes.size(); i += groups)
                hwy::Prefetch(planes[i] + next / 64);
        for (std::size_t lane = 0; lane < groupPixels; lane += 2 * hn::Lanes(d))
            walk(planes, bounds, pixel, lane, group);
        for (std::size_t lane = 0; lane < groupPixels; lane += hn::Lanes(d))
            joinPieces(bounds, planes.size(), lane, group);
        phasesAt(group, 0, group.phases[0]);
        for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
            phasesAt(group, i + 1, group.phases[(i + 1) % 2]);
            writeRates(group.spikes[i], group.phases[i % 2], group.phases[(i + 1) % 2],
                       std::size_t{bounds[i + 1]} - bounds[i], rates[i] + pixel);
        }
    }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea {

namespace {
HWY_EXPORT(segmentRates);
}

void segmentRates(PlanePointers planes, std::span<const std::uint16_t> bounds, PlaneShape shape,
                  std::span<std::int16_t *const> rates) {
    HWY_DYNAMIC_DISPATCH(segmentRates)(planes, bounds, shape.pixels(), rates);
}

}  // namespace fovea
#endif
