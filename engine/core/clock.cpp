// SPDX-License-Identifier: Apache-2.0
// Waiting on the steady clock and on the manual one.
#include "engine/core/clock.h"

namespace fovea {

void SteadyClock::waitUntil(TimePoint time, std::uint64_t seen) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, time, [&] { return wakes_ != seen; });
}

std::uint64_t SteadyClock::wakes() const {
    std::lock_guard lock(mutex_);
    return wakes_;
}

void SteadyClock::wake() {
    {
        std::lock_guard lock(mutex_);
        ++wakes_;
    }
    changed_.notify_all();
}

ManualClock::TimePoint ManualClock::now() const {
    std::lock_guard lock(mutex_);
    return now_;
}

void ManualClock::waitUntil(TimePoint time, std::uint64_t seen) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return now_ >= time || wakes_ != seen; });
}

std::uint64_t ManualClock::wakes() const {
    std::lock_guard lock(mutex_);
    return wakes_;
}

void ManualClock::wake() {
    {
        std::lock_guard lock(mutex_);
        ++wakes_;
    }
    changed_.notify_all();
}

void ManualClock::advance(std::chrono::nanoseconds by) {
    {
        std::lock_guard lock(mutex_);
        now_ += by;
    }
    changed_.notify_all();
}

}  // namespace fovea
