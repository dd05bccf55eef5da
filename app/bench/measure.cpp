// SPDX-License-Identifier: Apache-2.0
// CPU clocks of the process and of the calling thread.
#include "app/bench/measure.h"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace fovea {

namespace {

double cpuSeconds(clockid_t clock) {
    std::timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

double copyBandwidth() {
    constexpr std::size_t bytes = std::size_t{64} << 20;
    std::vector<char> from(bytes, 1);
    std::vector<char> to(bytes, 2);
    const double begin = cpuSeconds(CLOCK_THREAD_CPUTIME_ID);
    double passed = 0;
    double copied = 0;
    while (passed < 0.3) {
        std::memcpy(to.data(), from.data(), bytes);
        std::swap(from, to);  // so that no copy can be left out
        copied += static_cast<double>(bytes);
        passed = cpuSeconds(CLOCK_THREAD_CPUTIME_ID) - begin;
    }
    return 2 * copied / passed;
}

Result<BenchResult> measure(const BenchCase &one, unsigned threads, double bandwidth,
                            double seconds) {
    TilePool pool(threads);
    Result<BenchPass> pass = one.prepare(one, pool);
    if (!pass)
        return failed(pass);
    if (auto warm = (*pass)(); !warm)
        return failed(warm);
    const double all = cpuSeconds(CLOCK_PROCESS_CPUTIME_ID);
    const double own = cpuSeconds(CLOCK_THREAD_CPUTIME_ID);
    double allUsed = 0;
    double planes = 0;
    while (allUsed < seconds) {
        const auto done = (*pass)();
        if (!done)
            return tl::make_unexpected(done.error());
        planes += static_cast<double>(*done);
        allUsed = cpuSeconds(CLOCK_PROCESS_CPUTIME_ID) - all;
    }
    const double ownUsed = cpuSeconds(CLOCK_THREAD_CPUTIME_ID) - own;
    const unsigned helpers = pool.threads() - 1;
    const double busiest = std::max(ownUsed, helpers > 0 ? (allUsed - ownUsed) / helpers : 0);
    BenchResult result;
    result.threads = pool.threads();
    result.planesPerCpuSecond = planes / allUsed;
    result.realtime = planes / busiest / one.planeRateHz;
    result.copyFraction = result.planesPerCpuSecond * one.bytesPerPlane / bandwidth;
    return result;
}

}  // namespace fovea
