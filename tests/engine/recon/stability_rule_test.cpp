// SPDX-License-Identifier: Apache-2.0
// Histories as words: what is found in them, and where both words are needed.
#include "engine/recon/stability_rule.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace fovea::stability;

TEST_CASE("a walk finds all spikes of two words, nearest first", "[recon]") {
    const std::uint64_t top = std::uint64_t{1} << 63;
    Walk walk(top | 5, top | 1);
    std::vector<std::uint32_t> found;
    for (std::uint32_t distance = 0; walk.next(distance);)
        found.push_back(distance);
    CHECK(found == std::vector<std::uint32_t>{0, 2, 63, 64, 127});
    Walk later(0, 2);
    std::uint32_t distance = 0;
    CHECK(later.next(distance));
    CHECK(distance == 65);
    CHECK_FALSE(later.next(distance));
}

TEST_CASE("intervals of n and n + 1 planes are one run", "[recon]") {
    // Shown plane, then 3, 4, 3 planes back, then 9: that one ends it.
    const std::uint64_t back = 1 | (1U << 3) | (1U << 7) | (1U << 10) | (1U << 19);
    CHECK(causal({back, 0}, 128) == (65535 * 3 + 5) / 10);
    CHECK(centred({back, 0}, {1U << 2, 0}, 64, 64) == (65535 * 4 + 6) / 13);
}

TEST_CASE("what is cut counts as long as it is seen", "[recon]") {
    CHECK(causal({0, 0}, 128) == (65535 + 64) / 128);
    CHECK(causal({1, 0}, 128) == (65535 + 64) / 128);
    CHECK(causal({std::uint64_t{1} << 40, 0}, 50) == (65535 + 20) / 41);
    CHECK(centred({0, 0}, {0, 0}, 64, 64) == (65535 + 64) / 128);
    CHECK(centred({1, 0}, {0, 0}, 1, 0) == 65535);
}
