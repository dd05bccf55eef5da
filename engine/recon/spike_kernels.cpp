// SPDX-License-Identifier: Apache-2.0
// The inner loops in Highway: compiled for every vector width, chosen at run time.
#include "engine/recon/spike_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/recon/spike_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "engine/recon/spike_slices_inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {

/// Looks the numbers of a chunk up. Those below 128 in registers.
HWY_INLINE void lookUpNarrow(const std::uint64_t *rows, std::size_t levels,
                             const std::uint8_t *steps, std::uint8_t *grey) {
    const Bytes d;
    const std::size_t parts = ((std::size_t{1} << levels) + 15) / 16;
    for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d))
        hn::StoreU(lookUpHalf(toBytes(rows, 0, levels, at), steps, parts), d, grey + at);
}

/// Larger ones one by one.
HWY_INLINE void lookUpWide(const std::uint64_t *rows, std::size_t levels, const std::uint8_t *table,
                           std::uint8_t *grey) {
    const Bytes d;
    alignas(64) std::uint8_t low[chunkPixels];
    alignas(64) std::uint8_t high[chunkPixels];
    for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d)) {
        hn::Store(toBytes(rows, 0, 8, at), d, low + at);
        hn::Store(toBytes(rows, 8, levels, at), d, high + at);
    }
    for (std::size_t pixel = 0; pixel < chunkPixels; ++pixel)
        grey[pixel] = table[low[pixel] + 256 * high[pixel]];
}

/// Writes the pixels of the chunk that begins at pixel `first`; the last one may be cut.
HWY_INLINE void lookUp(const std::uint64_t *rows, std::size_t levels, const std::uint8_t *table,
                       const std::uint8_t *steps, std::span<std::uint8_t> grey, std::size_t first) {
    alignas(64) std::uint8_t cut[chunkPixels];
    const bool whole = grey.size() - first >= chunkPixels;
    std::uint8_t *target = whole ? grey.data() + first : cut;
    levels = usedLevels(rows, levels);
    if (levels < 8)
        lookUpNarrow(rows, levels, steps, target);
    else
        lookUpWide(rows, levels, table, target);
    if (!whole)
        std::memcpy(grey.data() + first, cut, grey.size() - first);
}

void addToCounts(PlanePointers planes, std::size_t levels, ChunkRange chunks,
                 std::uint64_t *counts) {
    // Eight planes side by side over some chunks: long enough for the processor to see eight
    // streams, short enough for the counts to stay in the first-level cache.
    constexpr std::size_t strip = 16;
    const Words d;
    for (std::size_t begin = chunks.begin; begin < chunks.end; begin += strip) {
        const std::size_t end = std::min(begin + strip, chunks.end);
        const auto each = [&](auto add) {
            for (std::size_t chunk = begin; chunk < end; ++chunk)
                for (std::size_t lane = 0; lane < chunkWords; lane += hn::Lanes(d))
                    add(chunk * chunkWords + lane, counts + chunk * levels * chunkWords, lane);
        };
        std::size_t i = 0;
        // Fewer than eight planes leave no room for the third row.
        for (; i + 8 <= planes.size(); i += 8)
            each([&](std::size_t word, std::uint64_t *rows, std::size_t lane) HWY_ATTR {
                const auto load = [&](std::size_t k)
                                      HWY_ATTR { return hn::Load(d, planes[i + k] + word); };
                addEight(load, rows, levels, lane);
            });
        for (; i < planes.size(); ++i)
            each([&](std::size_t word, std::uint64_t *rows, std::size_t lane)
                     HWY_ATTR { ripple(hn::Load(d, planes[i] + word), rows, 0, levels, lane); });
    }
}

void countsToGrey(const std::uint64_t *counts, std::size_t levels, ChunkRange chunks,
                  std::span<const std::uint8_t> table, std::span<std::uint8_t> grey) {
    alignas(64) std::uint8_t steps[128];
    makeSteps(table.data(), 128, steps);
    for (std::size_t chunk = chunks.begin; chunk < chunks.end; ++chunk)
        lookUp(counts + chunk * levels * chunkWords, levels, table.data(), steps, grey,
               chunk * chunkPixels);
}

constexpr std::size_t intervalLevels = 8;
using IntervalRows = std::uint64_t[intervalLevels * chunkWords];

/// before = backward + forward + 1 where both were found and the sum is below 256, else 0.
HWY_INLINE void intervalChunk(PlanePointers backward, PlanePointers forward, std::size_t firstWord,
                              IntervalRows &before, IntervalRows &after) {
    const Words d;
    for (std::size_t lane = 0; lane < chunkWords; lane += hn::Lanes(d)) {
        const auto none = firstSpike(backward, firstWord, before, lane);
        const auto never = firstSpike(forward, firstWord, after, lane);
        const auto found = hn::Not(hn::Or(none, never));
        auto carry = found;
        for (std::size_t level = 0; level < intervalLevels; ++level) {
            std::uint64_t *row = before + level * chunkWords + lane;
            auto sum = hn::And(hn::Load(d, row), found);
            const auto other = hn::Load(d, after + level * chunkWords + lane);
            carry = addBits(sum, hn::And(other, found), carry);
            hn::Store(sum, d, row);
        }
        if (hn::AllTrue(d, hn::Eq(carry, hn::Zero(d))))
            continue;
        for (std::size_t level = 0; level < intervalLevels; ++level) {
            std::uint64_t *row = before + level * chunkWords + lane;
            hn::Store(hn::AndNot(carry, hn::Load(d, row)), d, row);
        }
    }
}

void intervalsToGrey(PlanePointers backward, PlanePointers forward,
                     std::span<const std::uint8_t> table, std::span<std::uint8_t> grey) {
    alignas(64) IntervalRows before;
    alignas(64) IntervalRows after;
    alignas(64) std::uint8_t steps[128];
    makeSteps(table.data(), 128, steps);
    for (std::size_t pixel = 0; pixel < grey.size(); pixel += chunkPixels) {
        std::memset(before, 0, sizeof(before));
        std::memset(after, 0, sizeof(after));
        intervalChunk(backward, forward, pixel / 64, before, after);
        lookUp(before, intervalLevels, table.data(), steps, grey, pixel);
    }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea {

namespace {
HWY_EXPORT(addToCounts);
HWY_EXPORT(countsToGrey);
HWY_EXPORT(intervalsToGrey);
}  // namespace

PlanePointers searched(PlanePointers planes) {
    const auto lost = std::find(planes.begin(), planes.end(), nullptr);
    const auto there = static_cast<std::size_t>(lost - planes.begin());
    return planes.first(std::min(there, maxSearchedPlanes));
}

std::size_t greyTableSize(std::size_t largest) {
    return std::max<std::size_t>(128, std::size_t{1} << std::bit_width(largest));
}

void addToCounts(PlanePointers planes, std::size_t levels, ChunkRange chunks,
                 std::uint64_t *counts) {
    HWY_DYNAMIC_DISPATCH(addToCounts)(planes, levels, chunks, counts);
}

void countsToGrey(const std::uint64_t *counts, std::size_t levels, ChunkRange chunks,
                  std::span<const std::uint8_t> table, std::span<std::uint8_t> grey) {
    HWY_DYNAMIC_DISPATCH(countsToGrey)(counts, levels, chunks, table, grey);
}

void intervalsToGrey(PlanePointers backward, PlanePointers forward, PlaneShape shape,
                     std::span<const std::uint8_t> table, std::span<std::uint8_t> grey) {
    HWY_DYNAMIC_DISPATCH(intervalsToGrey)
    (searched(backward), searched(forward), table, grey.first(shape.pixels()));
}

}  // namespace fovea
#endif
