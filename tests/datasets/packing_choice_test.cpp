// SPDX-License-Identifier: Apache-2.0
// When packing pays.
#include "datasets/packing_choice.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("packing is chosen when it saves room and a core has the time") {
    CHECK(choosePacking({0.5, 400e6}, 100e6).packing == Packing::Zstd);
    CHECK(choosePacking({0.95, 400e6}, 100e6).packing == Packing::None);
    CHECK(choosePacking({0.5, 400e6}, 300e6).packing == Packing::None);
    CHECK(choosePacking({0.5, 400e6}, 100e6).why == "zstd: 50 % of the room, 25 % of a core");
    CHECK(choosePacking({0.5, 400e6}, 300e6).why.find("75 % of a core") != std::string::npos);
}

TEST_CASE("a trial packs the planes that it is given") {
    const PackingTrial dark = tryPacking(
        [] {
            SpikeBlock block({64, 64}, 4);
            block.begin(0, 40000);
            for (int i = 0; i < 4; ++i)
                std::fill_n(block.append(), block.shape().wordStride(), std::uint64_t{0});
            return block;
        }(),
        true);
    CHECK(dark.share < 0.1);
    CHECK(dark.bytesPerSecond > 0);
    CHECK(tryPacking(randomPlanes({13, 7}, 3, 1), false).bytesPerSecond > 0);
    for (const PackingWish wish : {PackingWish::None, PackingWish::Auto, PackingWish::Zstd})
        CHECK(parsePackingWish(toString(wish)) == wish);
    CHECK(parsePackingWish("gzip").error().code == ErrorCode::Usage);
}
