// SPDX-License-Identifier: Apache-2.0
// Memory of vectors begins on a cache line, also after growing.
#include "engine/core/aligned_vector.h"

#include <catch2/catch.hpp>
#include <cstdint>

using namespace fovea;

TEST_CASE("vectors of all kinds begin on a cache line", "[core]") {
    AlignedVector<std::uint8_t> bytes;
    AlignedVector<std::uint64_t> words(3, 7);
    for (int i = 0; i < 300; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(i));
        words.push_back(7);
        REQUIRE(reinterpret_cast<std::uintptr_t>(bytes.data()) % 64 == 0);
        REQUIRE(reinterpret_cast<std::uintptr_t>(words.data()) % 64 == 0);
    }
    CHECK(bytes[299] == 299 % 256);
    CHECK(words == AlignedVector<std::uint64_t>(303, 7));
}
