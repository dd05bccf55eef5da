// SPDX-License-Identifier: Apache-2.0
// All instruction sets one after the other.
#pragma once

#include <catch2/catch.hpp>
#include <hwy/targets.h>

namespace fovea::test {

/// Runs `check` once for every instruction set of this build that the machine has.
template <class Check> void forEachTarget(Check check) {
    int ran = 0;
    for (std::int64_t left = hwy::SupportedTargets(); left != 0; left &= left - 1, ++ran) {
        hwy::SetSupportedTargetsForTest(left & -left);
        CAPTURE(hwy::TargetName(static_cast<std::uint32_t>(left & -left)));
        check();
    }
    hwy::SetSupportedTargetsForTest(0);
    REQUIRE(ran > 0);
}

}  // namespace fovea::test
