// SPDX-License-Identifier: Apache-2.0
// What all kernels share: numbers from bit slices, first spikes, byte tables, for each vector
// width.
#include "tests/engine/recon/every_target.h"

#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/engine/recon/spike_slices_inl_test.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "engine/recon/spike_slices_inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {

/// out[i] = lookUpFar(i), 256 of them; near[i] = lookUpNear(i) for those that it takes.
void lookUpAll(const std::uint8_t *table, std::uint8_t *far, std::uint8_t *near) {
    const Bytes d;
    alignas(64) std::uint8_t steps[256];
    alignas(64) std::uint8_t index[256];
    makeSteps(table, 256, steps);
    for (std::size_t i = 0; i < 256; ++i)
        index[i] = static_cast<std::uint8_t>(i);
    for (std::size_t i = 0; i < 256; i += hn::Lanes(d)) {
        hn::StoreU(lookUpFar(hn::Load(d, index + i), steps), d, far + i);
        hn::StoreU(lookUpNear(hn::Load(d, index + i), steps), d, near + i);
    }
}

/// distance[p] = planes to the first spike of pixel p of the first chunk, 255: none.
void searchChunk(PlanePointers planes, std::uint8_t *distance) {
    const Words w;
    const Bytes d;
    alignas(64) std::uint64_t rows[9 * chunkWords] = {};
    for (std::size_t lane = 0; lane < chunkWords; lane += hn::Lanes(w)) {
        const auto none = firstSpike(planes, 0, rows, lane);
        for (std::size_t level = 0; level < 8; ++level) {
            std::uint64_t *row = rows + level * chunkWords + lane;
            hn::Store(hn::Or(hn::Load(w, row), none), w, row);
        }
    }
    const std::size_t used = usedLevels(rows, 9);
    for (std::size_t at = 0; at < chunkPixels; at += hn::Lanes(d))
        hn::StoreU(toBytes(rows, 0, used, at), d, distance + at);
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "tests/engine/recon/random_planes.h"

namespace fovea {
HWY_EXPORT(lookUpAll);
HWY_EXPORT(searchChunk);
}  // namespace fovea

using namespace fovea;

TEST_CASE("byte tables give every entry", "[recon]") {
    const auto table = test::scrambledTable(255);
    test::forEachTarget([&] {
        std::vector<std::uint8_t> far(256);
        std::vector<std::uint8_t> near(256);
        HWY_DYNAMIC_DISPATCH(lookUpAll)(table.data(), far.data(), near.data());
        CHECK(far == table);
        CHECK(std::equal(near.begin(), near.begin() + 48, table.begin()));
    });
}

TEST_CASE("the first spike is found among any number of planes", "[recon]") {
    const PlaneShape shape{32, 16};
    const SpikeBlock block = test::randomPlanes(shape, 255, 9);
    const auto planes = test::pointers(block);
    test::forEachTarget([&] {
        for (const std::size_t n : {0, 1, 2, 3, 5, 31, 32, 33, 64, 200, 255}) {
            std::vector<std::uint8_t> distance(512);
            HWY_DYNAMIC_DISPATCH(searchChunk)(std::span(planes).first(n), distance.data());
            CAPTURE(n);
            for (std::size_t pixel = 0; pixel < 512; ++pixel) {
                std::size_t first = 0;
                while (first < n && !testBit(planes[first], pixel))
                    ++first;
                REQUIRE(distance[pixel] == (first < n ? first : 255));
            }
        }
    });
}
#endif
