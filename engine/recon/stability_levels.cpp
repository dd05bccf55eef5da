// SPDX-License-Identifier: Apache-2.0
// The history of each pixel as two words; intervals are distances between their bits.
#include "engine/recon/stability_levels.h"

#include <algorithm>
#include <bit>

namespace fovea {

namespace {

constexpr std::size_t halfPlanes = 64;

/// Afterwards bit i of rows[j] is what bit j of rows[i] was (Warren, Hacker's Delight, 7-3).
void transpose(std::array<std::uint64_t, 64> &rows) {
    std::uint64_t mask = 0x00000000FFFFFFFF;
    for (std::size_t step = 32; step != 0; step >>= 1, mask ^= mask << step) {
        for (std::size_t i = 0; i < 64; i = ((i | step) + 1) & ~step) {
            const std::uint64_t swap = ((rows[i] >> step) ^ rows[i | step]) & mask;
            rows[i] ^= swap << step;
            rows[i | step] ^= swap;
        }
    }
}

/// The spikes of one direction in time, nearest first.
struct Walk {
    std::uint64_t near, far;  ///< the first 64 planes, the next 64
    unsigned last = 0;        ///< distance of the spike that was found last
    unsigned base = 0;

    /// The next spike's distance in planes, from 0; false: none.
    bool next(unsigned &distance) {
        while (near == 0) {
            if (far == 0)
                return false;
            near = far;
            far = 0;
            base += halfPlanes;
        }
        distance = base + static_cast<unsigned>(std::countr_zero(near));
        near &= near - 1;
        last = distance;
        return true;
    }
};

/// The run of intervals that differ by at most one plane.
struct StableRun {
    unsigned shortest, longest, planes;
    unsigned intervals = 1;

    explicit StableRun(unsigned interval)
        : shortest(interval), longest(interval), planes(interval) {}
    /// The next interval on the side of `walk`; false: there is none, or it ends the run.
    bool take(Walk &walk) {
        const unsigned from = walk.last;
        unsigned to = 0;
        if (!walk.next(to))
            return false;
        const unsigned interval = to - from;
        if (std::max(longest, interval) - std::min(shortest, interval) > 1)
            return false;
        shortest = std::min(shortest, interval);
        longest = std::max(longest, interval);
        planes += interval;
        ++intervals;
        return true;
    }
    [[nodiscard]] std::uint16_t level() const {
        return static_cast<std::uint16_t>((65535 * intervals + planes / 2) / planes);
    }
};

std::uint16_t levelOf(unsigned interval) {
    return StableRun(std::max(interval, 1U)).level();
}

/// `back` begins with the shown plane, `ahead` with the next one; so many planes are there.
std::uint16_t centred(Walk back, Walk ahead, unsigned planesBack, unsigned planesAhead) {
    unsigned before = planesBack;
    unsigned after = planesAhead;
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

std::uint16_t causal(Walk back, unsigned planesBack) {
    unsigned silent = planesBack;
    unsigned before = planesBack;
    if (!back.next(silent))
        return levelOf(planesBack);
    if (!back.next(before) || before - silent <= silent)
        return levelOf(std::max(silent + 1, before - silent));  // it lasts longer already
    StableRun run(before - silent);
    while (run.take(back)) {
    }
    return run.level();
}

}  // namespace

PlaneReach StabilityLevels::reachOf(ReconMode mode) {
    constexpr auto half = static_cast<std::uint32_t>(halfPlanes);
    return mode == ReconMode::Causal ? PlaneReach{2 * half - 1, 0} : PlaneReach{half - 1, half};
}

StabilityLevels::StabilityLevels(const ReconSettings &settings, PlaneShape shape)
    : LevelSource(shape), mode_(settings.mode) {}

void StabilityLevels::fill(const PlaneWindow &window, std::span<std::uint16_t> levels) {
    const PlaneReach most = reach();
    const PlanePointers planes = window.planes;
    std::size_t back = 0;  // planes that are there, the shown one among them
    while (back <= most.before && back <= window.key && planes[window.key - back] != nullptr)
        ++back;
    std::size_t ahead = 0;
    while (ahead < most.after && window.key + 1 + ahead < planes.size() &&
           planes[window.key + 1 + ahead] != nullptr)
        ++ahead;
    if (back == 0) {
        std::fill(levels.begin(), levels.end(), std::uint16_t{0});
        return;
    }
    const bool looksAhead = mode_ == ReconMode::Centred;
    for (std::size_t word = 0; 64 * word < levels.size(); ++word) {
        for (std::size_t i = 0; i < halfPlanes; ++i) {
            const std::size_t second =
                looksAhead ? window.key + 1 + i : window.key - i - halfPlanes;
            const bool there = looksAhead ? i < ahead : i + halfPlanes < back;
            newer_[i] = i < back ? planes[window.key - i][word] : 0;
            older_[i] = there ? planes[second][word] : 0;
        }
        transpose(newer_);
        transpose(older_);
        const std::size_t end = std::min<std::size_t>(64, levels.size() - 64 * word);
        const auto planesBack = static_cast<unsigned>(back);
        for (std::size_t pixel = 0; pixel < end; ++pixel)
            levels[64 * word + pixel] = looksAhead
                                            ? centred({newer_[pixel], 0}, {older_[pixel], 0},
                                                      planesBack - 1, static_cast<unsigned>(ahead))
                                            : causal({newer_[pixel], older_[pixel]}, planesBack);
    }
}

}  // namespace fovea
