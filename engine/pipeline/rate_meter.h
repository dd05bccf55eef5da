// SPDX-License-Identifier: Apache-2.0
// How many a second, over the last second, and percentiles of recent delays.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace fovea {

/// Sums amounts in ten buckets of 100 ms.
///
/// Threads: any.
class RateMeter {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    void add(double amount, TimePoint now);
    /// Amount a second over the last full second, or over the time since the first add() when that
    /// is shorter; 0 before the first bucket is full.
    [[nodiscard]] double perSecond(TimePoint now) const;

private:
    static constexpr std::int64_t buckets = 10;
    [[nodiscard]] static std::int64_t bucketOf(TimePoint time);
    void forgetBefore(std::int64_t bucket);

    mutable std::mutex mutex_;
    // One more than is read: the newest bucket is still filling.
    std::array<double, buckets + 1> sums_{};
    std::int64_t first_ = -1;
    std::int64_t newest_ = -1;
};

/// The last 512 delays.
///
/// Threads: any.
class LatencyMeter {
public:
    void add(double seconds);
    /// `fraction` 0.5 = median; 0 when nothing was added.
    [[nodiscard]] double percentile(double fraction) const;

private:
    mutable std::mutex mutex_;
    std::array<double, 512> seconds_{};
    std::size_t count_ = 0;
};

}  // namespace fovea
