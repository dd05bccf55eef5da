// SPDX-License-Identifier: Apache-2.0
// Buckets of a tenth of a second, and a ring of delays.
#include "engine/pipeline/rate_meter.h"

#include <algorithm>
#include <vector>

namespace fovea {

std::int64_t RateMeter::bucketOf(TimePoint time) {
    using Tenths = std::chrono::duration<std::int64_t, std::deci>;
    return std::chrono::duration_cast<Tenths>(time.time_since_epoch()).count();
}

void RateMeter::forgetBefore(std::int64_t bucket) {
    constexpr auto size = buckets + 1;
    for (std::int64_t b = std::max(newest_ + 1, bucket - buckets); b <= bucket; ++b)
        sums_[static_cast<std::size_t>(b % size)] = 0;
    newest_ = std::max(newest_, bucket);
}

void RateMeter::add(double amount, TimePoint now) {
    const std::int64_t bucket = bucketOf(now);
    std::lock_guard lock(mutex_);
    if (first_ < 0)
        first_ = newest_ = bucket;
    if (bucket > newest_)
        forgetBefore(bucket);
    sums_[static_cast<std::size_t>(bucket % (buckets + 1))] += amount;
}

double RateMeter::perSecond(TimePoint now) const {
    const std::int64_t bucket = bucketOf(now);
    std::lock_guard lock(mutex_);
    if (first_ < 0)
        return 0;
    const std::int64_t begin = std::max(first_, bucket - buckets);
    if (begin >= bucket)
        return 0;
    double sum = 0;
    for (std::int64_t b = begin; b < bucket; ++b)
        if (b <= newest_ && b >= newest_ - buckets)
            sum += sums_[static_cast<std::size_t>(b % (buckets + 1))];
    return sum * 10 / static_cast<double>(bucket - begin);
}

void LatencyMeter::add(double seconds) {
    std::lock_guard lock(mutex_);
    seconds_[count_++ % seconds_.size()] = seconds;
}

double LatencyMeter::percentile(double fraction) const {
    std::vector<double> sorted;
    {
        std::lock_guard lock(mutex_);
        sorted.assign(seconds_.begin(), seconds_.begin() + static_cast<std::ptrdiff_t>(
                                                               std::min(count_, seconds_.size())));
    }
    if (sorted.empty())
        return 0;
    const auto at = static_cast<std::size_t>(fraction * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(at),
                     sorted.end());
    return sorted[at];
}

}  // namespace fovea
