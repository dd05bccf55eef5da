// SPDX-License-Identifier: Apache-2.0
// The time of day, for labels that people and other machines read; nothing is steered by it.
#pragma once

#include <chrono>

namespace fovea {

/// Seconds since 1970, to the microsecond.
[[nodiscard]] inline double unixTime() {
    using namespace std::chrono;
    const auto now = system_clock::now().time_since_epoch();
    return static_cast<double>(duration_cast<microseconds>(now).count()) / 1e6;
}

}  // namespace fovea
