// SPDX-License-Identifier: Apache-2.0
// CPU time of a case, and what the machine can copy.
#pragma once

#include "app/bench/bench_case.h"

namespace fovea {

struct BenchResult {
    unsigned threads = 1;
    double planesPerCpuSecond = 0;  ///< CPU time of all threads together
    /// Planes a second of the busiest thread, over the camera's rate: what the thread-set reaches
    /// when each of its threads has a core.
    double realtime = 0;
    double copyFraction = 0;  ///< bytes moved a CPU second, over those of a plain copy
};

/// Bytes read and written in a CPU second of one thread that copies memory which no cache of a core
/// holds (64 MiB).
[[nodiscard]] double copyBandwidth();

/// Runs the case for at least `seconds` of CPU time after a warm-up.
[[nodiscard]] Result<BenchResult> measure(const BenchCase &one, unsigned threads, double bandwidth,
                                          double seconds = 0.4);

}  // namespace fovea
