// SPDX-License-Identifier: Apache-2.0
// Pictures lie on cache lines of their own, with room for whole chunks.
#include "engine/recon/grey_pictures.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("each picture has its own lines and whole chunks", "[recon]") {
    for (const PlaneShape shape : {PlaneShape{1, 1}, {512, 1}, {71, 9}, {400, 250}}) {
        GreyPictures pictures(shape, 3);
        CHECK(pictures.count() == 3);
        CHECK(pictures.stride() >= shape.pixels());
        CHECK(pictures.stride() % chunkPixels == 0);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(pictures[i].size() == shape.pixels());
            CHECK(reinterpret_cast<std::uintptr_t>(pictures[i].data()) % 64 == 0);
            std::fill(pictures[i].begin(), pictures[i].end(), static_cast<std::uint8_t>(i));
        }
        CHECK(pictures[0].back() == 0);
        CHECK(pictures[2].front() == 2);
        CHECK(pictures.target(1, 2).first == pictures[1].data());
        CHECK_FALSE(pictures.target(0, 3).past);
    }
}

TEST_CASE("more pictures than the cache holds are written past it", "[recon]") {
    GreyPictures pictures({1000, 1000}, 4);
    CHECK_FALSE(pictures.target(0, 1).past);
    CHECK(pictures.target(0, 4).past);
}
