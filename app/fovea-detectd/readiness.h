// SPDX-License-Identifier: Apache-2.0
// Whether the service does its work right now, and if not, why.
#pragma once

#include "engine/core/clock.h"
#include "engine/pipeline/session.h"

#include <mutex>
#include <string>

namespace fovea {

struct ReadyState {
    bool ready = false;
    std::string reason;  ///< empty when ready
};

/// Ready means: the source streams, planes arrive, and the engine finishes blocks. Judged by
/// progress, not by what threads say of themselves.
///
/// Threads: any.
class Readiness {
public:
    /// `limit`: how long nothing may happen.
    explicit Readiness(std::chrono::nanoseconds limit);
    /// A second, or three blocks when those take longer at the configured speed.
    [[nodiscard]] static std::chrono::nanoseconds limitFor(const Config &config);

    /// Call it a few times a second, so that a standstill is seen from its beginning.
    [[nodiscard]] ReadyState check(const SessionStatus &status, Clock::TimePoint now);

private:
    const std::chrono::nanoseconds limit_;
    std::mutex mutex_;
    std::uint64_t processed_ = 0;
    Clock::TimePoint lastProgress_{};
};

}  // namespace fovea
