// SPDX-License-Identifier: Apache-2.0
// The inner loops: every vector width that this machine has gives the same values.
#include "engine/recon/spike_kernels.h"

#include "engine/core/aligned_vector.h"
#include "tests/engine/recon/every_target.h"
#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("tables have room for every value", "[recon]") {
    CHECK(greyTableSize(1) == 128);
    CHECK(greyTableSize(127) == 128);
    CHECK(greyTableSize(128) == 256);
    CHECK(greyTableSize(255) == 256);
    CHECK(greyTableSize(256) == 512);
    CHECK(greyTableSize(maxCountedPlanes) == 4096);
}

TEST_CASE("counts are exact with every instruction set and number of planes", "[recon]") {
    const PlaneShape shape{71, 9};  // two chunks, the second one cut
    const SpikeBlock block = test::randomPlanes(shape, 300, 2);
    const auto planes = test::pointers(block);
    const auto table = test::scrambledTable(300);
    test::forEachTarget([&] {
        std::vector<std::size_t> counts(shape.pixels(), 0);
        std::vector<std::uint8_t> grey(shape.pixels());
        for (std::size_t n = 1; n <= planes.size(); ++n) {
            for (std::size_t pixel = 0; pixel < counts.size(); ++pixel)
                counts[pixel] += testBit(planes[n - 1], pixel) ? 1 : 0;
            constexpr std::size_t levels = 9;
            AlignedVector<std::uint64_t> sliced(shape.wordStride() * levels);
            const ChunkRange all{0, chunksOf(shape)};
            const std::size_t some = n / 3;  // counts go on where they were
            addToCounts(std::span(planes).first(some), levels, all, sliced.data());
            addToCounts(std::span(planes).subspan(some, n - some), levels, all, sliced.data());
            countsToGrey(sliced.data(), levels, all, table, grey);
            std::vector<std::uint8_t> expected(shape.pixels());
            for (std::size_t pixel = 0; pixel < counts.size(); ++pixel)
                expected[pixel] = table[counts[pixel]];
            CAPTURE(n);
            REQUIRE(grey == expected);
        }
    });
}

TEST_CASE("intervals are exact with every instruction set", "[recon]") {
    const PlaneShape shape{71, 9};
    const SpikeBlock block = test::randomPlanes(shape, 600, 4);
    const auto planes = test::pointers(block);
    const auto table = test::scrambledTable(255);
    test::forEachTarget([&] {
        for (const std::size_t side : {0, 1, 3, 20, 100, 255, 300}) {
            std::vector<const std::uint64_t *> backward;
            for (std::size_t i = 0; i < side; ++i)
                backward.push_back(planes[299 - i]);
            const auto forward = std::span(planes).subspan(300, side);
            std::vector<std::uint8_t> grey(shape.pixels());
            intervalsToGrey(backward, forward, shape, table, grey);
            CAPTURE(side);
            for (std::size_t pixel = 0; pixel < grey.size(); ++pixel) {
                const auto first = [&](PlanePointers list) {
                    const std::size_t most = std::min<std::size_t>(list.size(), 255);
                    for (std::size_t i = 0; i < most; ++i)
                        if (testBit(list[i], pixel))
                            return i;
                    return std::size_t{1000};
                };
                const std::size_t interval = first(backward) + first(forward) + 1;
                REQUIRE(grey[pixel] == table[interval < 256 ? interval : 0]);
            }
        }
    });
}

TEST_CASE("a search ends at a lost plane", "[recon]") {
    const PlaneShape shape{64, 8};
    const SpikeBlock block = test::randomPlanes(shape, 40, 4);
    auto planes = test::pointers(block);
    const std::vector<const std::uint64_t *> backward(planes.rbegin() + 20, planes.rend());
    const auto table = test::scrambledTable(255);
    std::vector<std::uint8_t> cut(shape.pixels());
    std::vector<std::uint8_t> shorter(shape.pixels());
    intervalsToGrey(backward, std::span(planes).subspan(20, 5), shape, table, shorter);
    planes[25] = nullptr;
    intervalsToGrey(backward, std::span(planes).subspan(20), shape, table, cut);
    CHECK(cut == shorter);
}
