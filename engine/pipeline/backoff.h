// SPDX-License-Identifier: Apache-2.0
// How long to wait between attempts to find a lost camera.
#pragma once

#include "engine/core/random.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace fovea {

/// 0.25 s, then twice as long each time, at most 1 s: a camera that is back shall stream again
/// within two. Each is up to a fifth shorter by chance, so that programs that lost the same bus do
/// not ask in step. Same seed, same times.
class Backoff {
public:
    using Milliseconds = std::chrono::milliseconds;
    static constexpr Milliseconds first{250};
    static constexpr Milliseconds last{1000};

    explicit Backoff(std::uint64_t seed) : seed_(seed) {}

    [[nodiscard]] Milliseconds next() {
        const Milliseconds longest = std::exchange(wait_, std::min(wait_ * 2, last));
        const std::uint64_t spread = static_cast<std::uint64_t>(longest.count()) / 5;
        return longest - Milliseconds(randomAt(seed_, attempt_++, 0) % (spread + 1));
    }

private:
    const std::uint64_t seed_;
    std::uint64_t attempt_ = 0;
    Milliseconds wait_ = first;
};

}  // namespace fovea
