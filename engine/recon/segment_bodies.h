// SPDX-License-Identifier: Apache-2.0
// Kernel body of segmentRates(), a pixel a thread.
#pragma once

#include "engine/cuda/both.h"
#include "engine/recon/level_bodies.h"
#include "engine/recon/rate_rule.h"

namespace fovea::adaptive_bodies {

using level_bodies::PackedPlanes;

constexpr std::uint32_t mostPieces = 5;

/// segmentRates() of all pieces. Threads: pixels.
struct SegmentBody {
    static constexpr const char *name() { return "segment rates"; }

    PackedPlanes planes;
    std::uint32_t planeCount, pieces;
    std::uint32_t bounds[mostPieces + 1];  ///< pieces + 1 of them
    std::int32_t bits[mostPieces];         ///< phaseBits()
    std::int32_t scale[mostPieces];        ///< phaseScale()
    std::int16_t *rates;
    std::uint64_t stride;  ///< from piece to piece

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        Bounds at;
        walk(pixel, at);
        join(at);
        std::uint32_t phase = phaseAt(at, 0);
        FOVEA_UNROLL
        for (std::uint32_t i = 0; i < mostPieces; ++i)
            if (i < pieces) {
                const std::uint32_t next = phaseAt(at, i + 1);
                const std::uint32_t gain = (next >> (16 - bits[i])) - (phase >> (16 - bits[i]));
                const auto sum = static_cast<std::int16_t>((at.spikes[i] << bits[i]) + gain);
                rates[i * stride + pixel] =
                    rates::mulFixed15(greater(sum, static_cast<std::int16_t>(0)), scale[i]);
                phase = next;
            }
    }

private:
    struct Bounds {
        std::uint32_t before[mostPieces + 1] = {};  ///< silent planes up to there
        std::uint32_t after[mostPieces + 1] = {};   ///< silent planes from there on
        std::uint32_t spikes[mostPieces + 1] = {};  ///< in the piece
    };
    [[nodiscard]] FOVEA_BOTH std::uint32_t endOf(std::uint32_t i) const {
        return i < pieces ? bounds[lesser(i + 1, mostPieces)] : planeCount;
    }
    FOVEA_BOTH void walk(std::uint64_t pixel, Bounds &at) const {
        std::uint32_t silent = 0;
        std::uint32_t plane = 0;
        for (; plane < bounds[0]; ++plane)
            silent = planes.spike(plane, pixel) != 0 ? 0 : silent + 1;
        FOVEA_UNROLL
        for (std::uint32_t i = 0; i <= mostPieces; ++i)
            if (i <= pieces) {
                at.before[i] = silent;
                std::uint32_t spikes = 0;
                std::uint32_t coming = 0;
                for (const std::uint32_t end = endOf(i); plane < end; ++plane) {
                    const std::uint32_t fires = planes.spike(plane, pixel);
                    spikes += fires;
                    coming += spikes == 0 ? 1 : 0;
                    silent = fires != 0 ? 0 : silent + 1;
                }
                at.spikes[i] = spikes;
                at.after[i] = coming;
            }
    }
    [[nodiscard]] FOVEA_BOTH static std::uint32_t beyond(std::uint32_t interval,
                                                         std::uint32_t seen) {
        return interval > seen ? interval - seen : 0;
    }
    /// See joinPieces() of segment_rates.cpp.
    FOVEA_BOTH void join(Bounds &at) const {
        std::uint32_t interval = 0;
        FOVEA_UNROLL
        for (std::uint32_t back = 0; back <= mostPieces; ++back) {
            const std::uint32_t i = mostPieces - back;
            if (i > pieces)
                continue;
            std::uint32_t after = at.after[i];
            if (i < pieces && after == endOf(i) - bounds[i])
                after += at.after[lesser(i + 1, mostPieces)];
            at.after[i] = after;
            const bool cut = at.before[i] == bounds[i];
            const std::uint32_t longer =
                greater(at.before[i], cut ? beyond(interval, after + 1) : 0U);
            interval = longer + after + 1;
            at.before[i] = longer;
        }
        FOVEA_UNROLL
        for (std::uint32_t i = 0; i <= mostPieces; ++i)
            if (i <= pieces) {
                const bool cut = i > 0 && at.after[i] == planeCount - bounds[i];
                const std::uint32_t longer =
                    greater(at.after[i], cut ? beyond(interval, at.before[i] + 1) : 0U);
                interval = at.before[i] + longer + 1;
                at.after[i] = longer;
            }
    }
    [[nodiscard]] FOVEA_BOTH std::uint32_t phaseAt(const Bounds &at, std::uint32_t i) const {
        return (rates::reciprocal(at.before[i] + at.after[i] + 1) * at.before[i]) & 0xFFFFU;
    }
};

}  // namespace fovea::adaptive_bodies
