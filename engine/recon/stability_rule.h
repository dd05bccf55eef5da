// SPDX-License-Identifier: Apache-2.0
// The stability method for one pixel, its history as words; see stability_levels.h.
#pragma once

#include "engine/cuda/both.h"

namespace fovea::stability {

/// Planes in one word of a history.
constexpr std::uint32_t halfPlanes = 64;

/// The spikes of one direction in time, nearest first.
struct Walk {
    std::uint64_t near, far;  ///< the first 64 planes, the next 64
    std::uint32_t last = 0;   ///< distance of the spike that was found last
    std::uint32_t base = 0;

    FOVEA_BOTH Walk(std::uint64_t nearest, std::uint64_t rest) : near(nearest), far(rest) {}
    /// The next spike's distance in planes, from 0; false: none.
    FOVEA_BOTH bool next(std::uint32_t &distance) {
        if (near == 0) {
            if (far == 0)
                return false;
            near = far;
            far = 0;
            base += halfPlanes;
        }
        distance = base + lowestBit64(near);
        near &= near - 1;
        last = distance;
        return true;
    }
};

/// The run of intervals that differ by at most one plane.
struct StableRun {
    std::uint32_t shortest, longest, planes;
    std::uint32_t intervals = 1;

    FOVEA_BOTH explicit StableRun(std::uint32_t interval)
        : shortest(interval), longest(interval), planes(interval) {}
    /// The next interval on the side of `walk`; false: there is none, or it ends the run.
    FOVEA_BOTH bool take(Walk &walk) {
        const std::uint32_t from = walk.last;
        std::uint32_t to = 0;
        if (!walk.next(to))
            return false;
        const std::uint32_t interval = to - from;
        if (greater(longest, interval) - lesser(shortest, interval) > 1)
            return false;
        shortest = lesser(shortest, interval);
        longest = greater(longest, interval);
        planes += interval;
        ++intervals;
        return true;
    }
    [[nodiscard]] FOVEA_BOTH std::uint16_t level() const {
        return static_cast<std::uint16_t>((65535 * intervals + planes / 2) / planes);
    }
};

[[nodiscard]] FOVEA_BOTH inline std::uint16_t levelOf(std::uint32_t interval) {
    return StableRun(greater(interval, std::uint32_t{1})).level();
}

/// `back` begins with the shown plane, `ahead` with the next one; so many planes are there.
[[nodiscard]] FOVEA_BOTH inline std::uint16_t
centred(Walk back, Walk ahead, std::uint32_t planesBack, std::uint32_t planesAhead) {
    std::uint32_t before = planesBack - 1;
    std::uint32_t after = planesAhead;
    const bool begun = back.next(before);
    const bool ended = ahead.next(after);
    if (!begun || !ended)
        return levelOf(before + after + 1);
    StableRun run(before + after + 1);
    for (bool backward = true, forward = true; backward || forward;) {
        backward = backward && run.take(back);
        forward = forward && run.take(ahead);
    }
    return run.level();
}

[[nodiscard]] FOVEA_BOTH inline std::uint16_t causal(Walk back, std::uint32_t planesBack) {
    std::uint32_t silent = planesBack;
    std::uint32_t before = planesBack;
    if (!back.next(silent))
        return levelOf(planesBack);
    if (!back.next(before) || before - silent <= silent)
        return levelOf(greater(silent + 1, before - silent));  // it lasts longer already
    StableRun run(before - silent);
    while (run.take(back)) {
    }
    return run.level();
}

}  // namespace fovea::stability
