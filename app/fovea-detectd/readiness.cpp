// SPDX-License-Identifier: Apache-2.0
// Judging readiness by progress.
#include "app/fovea-detectd/readiness.h"

#include <algorithm>

namespace fovea {

namespace {

ReadyState notReady(std::string reason) {
    return {false, std::move(reason)};
}

}  // namespace

Readiness::Readiness(std::chrono::nanoseconds limit) : limit_(limit) {}

std::chrono::nanoseconds Readiness::limitFor(const Config &config) {
    const double speed = config.source.speed > 0 ? std::min(1.0, config.source.speed) : 1.0;
    const double blocks = 3 * config.engine.blockMilliseconds / 1000 / speed;
    // An hour is beyond any use; the bound keeps a tiny speed from overflowing.
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(std::clamp(blocks, 1.0, 3600.0)));
}

ReadyState Readiness::check(const SessionStatus &status, Clock::TimePoint now) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t processed =
        status.planes.delivered + status.planes.of(DropReason::Injected);
    if (processed != processed_ || lastProgress_ == Clock::TimePoint{}) {
        processed_ = processed;
        lastProgress_ = now;
    }
    const std::string why = status.error ? ": " + status.error->message : std::string();
    if (status.finished)
        return notReady("the source has ended" + why);
    if (status.losses > status.reconnects)
        return notReady(fmt::format("the source is lost: {}; the last plane came {:.1f} s ago",
                                    status.lossReason, status.secondsSinceLastPlane));
    if (status.state != SourceState::Streaming)
        return notReady(fmt::format("the source is {}{}", toString(status.state), why));
    if (status.planes.received == 0)
        return notReady("no plane has come yet");
    const double limit = std::chrono::duration<double>(limit_).count();
    if (status.secondsSinceLastPlane > limit)
        return notReady(
            fmt::format("no plane has come for {:.1f} s{}", status.secondsSinceLastPlane, why));
    if (now - lastProgress_ > limit_)
        return notReady(fmt::format("the engine has finished no block for {:.1f} s{}",
                                    std::chrono::duration<double>(now - lastProgress_).count(),
                                    why));
    return {true, {}};
}

}  // namespace fovea
