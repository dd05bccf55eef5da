// SPDX-License-Identifier: Apache-2.0
// Running a check with every instruction set of this machine; tables that tell all entries apart.
#pragma once

#include "engine/core/random.h"
#include "engine/recon/spike_kernels.h"

#include <catch2/catch.hpp>
#include <hwy/targets.h>
#include <vector>

namespace fovea::test {

/// Runs `check` once for every instruction set of this build that the machine has.
template <class Check> inline void forEachTarget(Check check) {
    std::int64_t targets = hwy::SupportedTargets();
    int ran = 0;
    for (; targets != 0; targets &= targets - 1) {
        const std::int64_t target = targets & -targets;
        hwy::SetSupportedTargetsForTest(target);
        CAPTURE(hwy::TargetName(static_cast<std::uint32_t>(target)));
        check();
        ++ran;
    }
    hwy::SetSupportedTargetsForTest(0);
    REQUIRE(ran > 0);
}

inline std::vector<std::uint8_t> scrambledTable(std::size_t largest) {
    std::vector<std::uint8_t> table(greyTableSize(largest));
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = static_cast<std::uint8_t>(mixBits(i));
    return table;
}

}  // namespace fovea::test
