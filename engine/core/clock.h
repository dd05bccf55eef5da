// SPDX-License-Identifier: Apache-2.0
// The seam through which all code asks for the time, so that tests own it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace fovea {

/// Monotonic time and interruptible waiting. Wall-clock time never steers anything.
///
/// Threads: any.
class Clock {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    virtual ~Clock() = default;

    [[nodiscard]] virtual TimePoint now() const = 0;
    /// Waits until `time` or until wake(); may return early, so callers look at the time again.
    void waitUntil(TimePoint time) { waitUntil(time, wakes()); }
    /// As above, but returns at once when wake() was called since wakes() gave `seen`: read it
    /// before looking at what wake() announces, and no wake-up between look and wait is lost.
    virtual void waitUntil(TimePoint time, std::uint64_t seen) = 0;
    /// How often wake() has been called.
    [[nodiscard]] virtual std::uint64_t wakes() const = 0;
    /// Ends every wait that is going on.
    virtual void wake() = 0;
};

/// The machine's monotonic clock.
class SteadyClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }
    using Clock::waitUntil;
    void waitUntil(TimePoint time, std::uint64_t seen) override;
    [[nodiscard]] std::uint64_t wakes() const override;
    void wake() override;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t wakes_ = 0;
};

/// Time that moves only when told to; waits end when it has moved far enough.
class ManualClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override;
    using Clock::waitUntil;
    void waitUntil(TimePoint time, std::uint64_t seen) override;
    [[nodiscard]] std::uint64_t wakes() const override;
    void wake() override;
    void advance(std::chrono::nanoseconds by);

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    TimePoint now_{std::chrono::hours{1}};
    std::uint64_t wakes_ = 0;
};

}  // namespace fovea
