// SPDX-License-Identifier: Apache-2.0
// When planes are due: the one place that turns plane counts into time and back.
#pragma once

#include "engine/core/clock.h"

#include <chrono>
#include <cmath>
#include <cstdint>

namespace fovea {

/// A steady stream of planes that began at `start`: the n-th plane (from 1) is due n / rate later.
///
/// Threads: a value.
struct PlanePace {
    Clock::TimePoint start{};
    double planesPerSecond = 1;  ///< > 0

    /// Planes due at `now`; 0 before the start. A hair is added so that a plane is due at the very
    /// moment that timeOf() names, however the rate rounds.
    [[nodiscard]] std::uint64_t planesAt(Clock::TimePoint now) const {
        if (now <= start)
            return 0;
        const auto elapsed = std::chrono::nanoseconds(now - start).count();
        const double planes = static_cast<double>(elapsed) * planesPerSecond / 1e9;
        const double hair = 1e-8 + planesPerSecond * 1e-13 + planes * 4e-16;
        return static_cast<std::uint64_t>(planes + hair);
    }
    /// When `planes` planes are due.
    [[nodiscard]] Clock::TimePoint timeOf(std::uint64_t planes) const {
        const double wait = std::ceil(static_cast<double>(planes) * 1e9 / planesPerSecond - 1e-4);
        // Stands still beyond 50 years, which keeps the conversion in range.
        return start + std::chrono::nanoseconds(static_cast<std::int64_t>(std::fmin(wait, 1.6e18)));
    }
};

}  // namespace fovea
