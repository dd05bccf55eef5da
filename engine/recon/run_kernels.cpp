// SPDX-License-Identifier: Apache-2.0
// Sliding counts and intervals in Highway: 512 pixels at a time through a whole run of planes.
#include "engine/recon/run_kernels.h"

#include <algorithm>
#include <hwy/cache_control.h>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/recon/run_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "engine/recon/spike_slices_inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {

/// One chunk of several planes, side by side, after a blank line. Planes themselves may lie so far
/// apart that their lines push each other out of the cache.
template <std::size_t planes> struct Lines {
    alignas(64) std::uint64_t words[planes + 1][chunkWords];

    Lines() { std::memset(words[0], 0, sizeof(words[0])); }
    /// Plane i becomes line i + 1; those of null planes stay as they are.
    HWY_INLINE void load(PlanePointers from, std::size_t chunk) {
        for (std::size_t i = 0; i < from.size(); ++i)
            if (from[i] != nullptr)
                std::memcpy(words[i + 1], from[i] + chunk * chunkWords, sizeof(words[i + 1]));
    }
    /// The pixels from `at` on that fire in line i.
    [[nodiscard]] HWY_INLINE hn::Mask<Bytes> spikes(std::size_t i, std::size_t at) const {
        return maskAt(words[i], at);
    }
};

/// A table of 256 bytes, ready for the look-ups; see spike_slices_inl.h.
struct GreySteps {
    alignas(64) std::uint8_t steps[256];
    explicit GreySteps(std::span<const std::uint8_t> table) { makeSteps(table.data(), 256, steps); }
};

/// Counts of lines [1, window], a byte a pixel.
template <std::size_t planes>
HWY_INLINE void countWindow(const Lines<planes> &lines, std::size_t window, std::uint8_t *counts) {
    const Words w;
    const Bytes d;
    constexpr std::size_t levels = 8;
    alignas(64) std::uint64_t rows[levels * chunkWords] = {};
    for (std::size_t lane = 0; lane < chunkWords; lane += hn::Lanes(w)) {
        const auto load = [&](std::size_t i)
                              HWY_ATTR { return hn::Load(w, lines.words[i + 1] + lane); };
        std::size_t i = 0;
        for (; i + 8 <= window; i += 8)
            addEight([&](std::size_t k) HWY_ATTR { return load(i + k); }, rows, levels, lane);
        for (; i < window; ++i)
            ripple(load(i), rows, 0, levels, lane);
    }
    for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d))
        hn::Store(toBytes(rows, 0, levels, at), d, counts + at);
}

/// Pictures that stay in the cache are stored as usual; more of them go past it, because a line
/// that is only written would be read first.
template <bool past> HWY_INLINE void put(ByteVec grey, std::uint8_t *to) {
    if constexpr (past)
        hn::Stream(grey, Bytes(), to);
    else
        hn::Store(grey, Bytes(), to);
}

/// Calls work<near, past>().
template <class Work> HWY_INLINE void choose(bool near, bool past, Work work) {
    using std::bool_constant;
    if (near && past)
        work(bool_constant<true>(), bool_constant<true>());
    else if (near)
        work(bool_constant<true>(), bool_constant<false>());
    else if (past)
        work(bool_constant<false>(), bool_constant<true>());
    else
        work(bool_constant<false>(), bool_constant<false>());
}

/// The plane `enter` comes into the counts, the plane `leave` goes out.
HWY_INLINE ByteVec slideBy(const Lines<maxSlidPlanes> &lines, std::size_t enter, std::size_t leave,
                           std::uint8_t *counts, std::size_t at) {
    const Bytes d;
    auto count = hn::Load(d, counts + at);
    count = addWhere(lines.spikes(enter, at), count, hn::Set(d, std::uint8_t{1}));
    count = addWhere(lines.spikes(leave, at), count, hn::Set(d, std::uint8_t{255}));
    hn::Store(count, d, counts + at);
    return count;
}

template <bool near, bool past>
HWY_ATTR void slideChunks(const RateRun &run, ChunkRange chunks, GreyTarget target) {
    const Bytes d;
    const GreySteps grey(run.table);
    Lines<maxSlidPlanes> lines;
    alignas(64) std::uint8_t counts[chunkPixels];
    for (std::size_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
        lines.load(run.planes, chunk);
        countWindow(lines, run.window - 1, counts);
        std::uint8_t *picture = target.first + chunk * chunkPixels;
        for (std::size_t first = 0, last = (run.count - 1) * run.hop; first <= last; ++first) {
            // Line 0 is blank: nothing leaves the first window.
            const std::size_t enter = first + run.window;
            if (first % run.hop != 0) {
                for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d))
                    (void)slideBy(lines, enter, first, counts, at);
                continue;
            }
            for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d)) {
                const auto count = slideBy(lines, enter, first, counts, at);
                put<past>(near ? lookUpNear(count, grey.steps) : lookUpFar(count, grey.steps),
                          picture + at);
            }
            picture += target.stride;
        }
    }
}

void slideCounts(const RateRun &run, ChunkRange chunks, GreyTarget target) {
    choose(run.window < nearEntries, target.past, [&](auto near, auto past) HWY_ATTR {
        slideChunks<near(), past()>(run, chunks, target);
    });
    hwy::FlushStream();
}

/// Planes to the first spike in `planes`, a byte a pixel; 255: none.
HWY_INLINE void searchPlanes(PlanePointers planes, std::size_t chunk, std::uint8_t *distances) {
    const Words w;
    const Bytes d;
    const auto levels = static_cast<std::size_t>(std::bit_width(planes.size()));
    alignas(64) std::uint64_t rows[8 * chunkWords] = {};
    alignas(64) std::uint64_t none[chunkWords];
    for (std::size_t lane = 0; lane < chunkWords; lane += hn::Lanes(w))
        hn::Store(firstSpike(planes, chunk * chunkWords, rows, lane), w, none + lane);
    const std::size_t used = usedLevels(rows, levels);
    const auto unknown = hn::Set(d, std::uint8_t{255});
    for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d))
        hn::Store(addWhere(maskAt(none, at), toBytes(rows, 0, used, at), unknown), d,
                  distances + at);
}

/// One plane further away from the last spike, or a spike, or (lost) who knows.
template <std::size_t planes>
HWY_INLINE ByteVec passPlane(ByteVec distance, const Lines<planes> &lines, std::size_t i,
                             std::size_t at) {
    const auto further = hn::SaturatedAdd(distance, hn::Set(Bytes(), std::uint8_t{1}));
    return hn::IfThenZeroElse(lines.spikes(i, at), further);
}

using Distances = std::uint8_t[chunkPixels];

/// next[i] = planes to the first spike after plane i, from next[planes - 1] downwards.
HWY_INLINE void followBackwards(PlanePointers planes, const Lines<maxIntervalPlanes> &lines,
                                Distances *next) {
    const Bytes d;
    for (std::size_t i = planes.size() - 1; i > 0; --i) {
        if (planes[i] == nullptr) {
            std::memset(next[i - 1], 255, chunkPixels);
            continue;
        }
        for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d))
            hn::Store(passPlane(hn::Load(d, next[i] + at), lines, i + 1, at), d, next[i - 1] + at);
    }
}

/// Grey from the planes since the last spike and those to the next. `near`: no limit above 23.
template <bool near>
HWY_INLINE ByteVec lookUpInterval(ByteVec age, ByteVec wait, ByteVec limit, ByteVec missing,
                                  const std::uint8_t *steps) {
    const Bytes d;
    const auto index = hn::SaturatedAdd(age, wait);
    auto unknown = hn::Gt(hn::Max(age, wait), limit);
    if constexpr (near)
        return hn::IfThenElse(unknown, missing, lookUpNear(index, steps));
    unknown = hn::Or(unknown, hn::Eq(index, hn::Set(d, std::uint8_t{255})));
    const auto close = hn::Lt(index, hn::Set(d, std::uint8_t{nearEntries}));
    const auto known =
        hn::AllTrue(d, hn::Or(unknown, close)) ? lookUpNear(index, steps) : lookUpFar(index, steps);
    return hn::IfThenElse(unknown, missing, known);
}

/// `last` = planes from the last spike to each plane; pictures where both sides are known.
template <bool near, bool past>
HWY_INLINE void followForwards(const IntervalRun &run, const Lines<maxIntervalPlanes> &lines,
                               const Distances *next, Distances &last, const std::uint8_t *steps,
                               std::uint8_t *picture, std::size_t stride) {
    const Bytes d;
    const auto limit = hn::Set(d, static_cast<std::uint8_t>(run.reach - 1));
    const auto missing = hn::Set(d, run.table[255]);
    for (std::size_t i = 0; i < run.planes.size(); ++i) {
        const bool lost = run.planes[i] == nullptr;
        if (lost)
            std::memset(last, 255, chunkPixels);
        if (i % run.hop != 0) {
            for (std::size_t at = 0; !lost && at < chunkPixels; at += hn::Lanes(d))
                hn::Store(passPlane(hn::Load(d, last + at), lines, i + 1, at), d, last + at);
            continue;
        }
        for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d)) {
            auto age = hn::Load(d, last + at);
            if (!lost)
                age = passPlane(age, lines, i + 1, at);
            hn::Store(age, d, last + at);
            put<past>(lookUpInterval<near>(age, hn::Load(d, next[i] + at), limit, missing, steps),
                      picture + at);
        }
        picture += stride;
    }
}

template <bool near, bool past>
HWY_ATTR void followChunks(const IntervalRun &run, ChunkRange chunks, GreyTarget target) {
    const GreySteps grey(run.table);
    Lines<maxIntervalPlanes> lines;
    alignas(64) Distances last;
    alignas(64) Distances next[maxIntervalPlanes];
    for (std::size_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
        lines.load(run.planes, chunk);
        searchPlanes(run.backward, chunk, last);
        searchPlanes(run.forward, chunk, next[run.planes.size() - 1]);
        followBackwards(run.planes, lines, next);
        followForwards<near, past>(run, lines, next, last, grey.steps,
                                   target.first + chunk * chunkPixels, target.stride);
    }
}

void followIntervals(const IntervalRun &run, ChunkRange chunks, GreyTarget target) {
    choose(2 * run.reach <= nearEntries, target.past, [&](auto near, auto past) HWY_ATTR {
        followChunks<near(), past()>(run, chunks, target);
    });
    hwy::FlushStream();
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea {

namespace {
HWY_EXPORT(slideCounts);
HWY_EXPORT(followIntervals);
}  // namespace

void slideCounts(const RateRun &run, ChunkRange chunks, GreyTarget target) {
    HWY_DYNAMIC_DISPATCH(slideCounts)(run, chunks, target);
}

void followIntervals(const IntervalRun &run, ChunkRange chunks, GreyTarget target) {
    HWY_DYNAMIC_DISPATCH(followIntervals)(run, chunks, target);
}

}  // namespace fovea
#endif
