// SPDX-License-Identifier: Apache-2.0
// Pieces of random sizes read back as the one stream they are.
#include "datasets/byte_window.h"

#include "engine/core/random.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("a window over pieces shows the stream, however it is cut") {
    std::vector<std::uint8_t> stream(20'000);
    for (std::size_t i = 0; i < stream.size(); ++i)
        stream[i] = static_cast<std::uint8_t>(mixBits(i));
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Random random(seed);
        ByteWindow window;
        std::size_t at = 0;  // of the window in the stream
        std::size_t fed = 0;
        while (fed < stream.size()) {
            CHECK(window.needsFood());
            const std::size_t piece =
                std::min<std::size_t>(stream.size() - fed, 1 + random.below(700));
            window.feed({stream.data() + fed, piece});
            fed += piece;
            REQUIRE(window.size() == fed - at);
            for (int looks = 0; looks < 5 && window.size() > 0; ++looks) {
                const std::size_t from = random.below(window.size());
                const std::size_t bytes = random.below(window.size() - from + 1);
                const std::uint8_t *view = window.view(from, bytes);
                REQUIRE(std::equal(view, view + bytes, stream.data() + at + from));
                const std::size_t skipped = random.below(
                    std::min<std::size_t>(window.size() + 1, looks % 2 == 0 ? 1000 : 20));
                window.skip(skipped);
                at += skipped;
            }
            window.keepRest();
            REQUIRE(window.size() == fed - at);
        }
    }
}
