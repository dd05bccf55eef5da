// SPDX-License-Identifier: Apache-2.0
// Listing bits and adding rows on every instruction set, against plain loops.
#include "engine/snn/event_kernels.h"

#include "engine/core/aligned_vector.h"
#include "engine/core/random.h"

#include "tests/support/targets.h"

#include <catch2/catch.hpp>

#include <bit>
#include <vector>

using namespace fovea;
using fovea::test::forEachTarget;

TEST_CASE("bits that are set are listed in order", "[snn]") {
    Random random(1);
    const std::vector<std::uint64_t> words = {random() & random(), 0, ~std::uint64_t{0},
                                              std::uint64_t{1} << 63};
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t i = 0; i < words.size() * 64; ++i)
        if ((words[i / 64] >> (i % 64) & 1U) != 0)
            wanted.push_back(1000 + i);
    forEachTarget([&] {
        std::vector<std::uint32_t> list(wanted.size() + event_kernels::spare);
        CHECK(event_kernels::listBits(words.data(), 0, 0, list.data()) == 0);
        list.resize(event_kernels::listBits(words.data(), words.size(), 1000, list.data()));
        CHECK(list == wanted);
    });
}

TEST_CASE("rows of bytes and bf16 numbers are added", "[snn]") {
    constexpr std::size_t rows = 40;
    Random random(2);
    for (const std::size_t width : {16U, 32U, 48U, 112U, 128U}) {
        INFO("width " << width);
        AlignedVector<std::int8_t> bytes(rows * width);
        AlignedVector<std::uint16_t> bfloats(rows * width);
        std::vector<std::int32_t> weights(rows * width);
        for (std::size_t i = 0; i < weights.size(); ++i) {
            // Mostly the largest, so that sums of 16 bits would not hold them.
            weights[i] = random.below(4) == 0 ? static_cast<std::int32_t>(random.below(255)) - 127
                         : i % 2 == 0         ? 127
                                              : -127;
            const std::size_t row = i / width * width;
            event_kernels::put(bytes.data() + row, i % width, static_cast<std::int8_t>(weights[i]));
            event_kernels::put(
                bfloats.data() + row, i % width,
                static_cast<std::uint16_t>(
                    std::bit_cast<std::uint32_t>(static_cast<float>(weights[i])) >> 16));
        }
        // 700 rows, some of them before the first by the number of the segment.
        std::vector<std::uint32_t> list(700);
        for (auto &one : list)
            one = 5 + static_cast<std::uint32_t>(random.below(30));
        const std::vector<event_kernels::Segment> segments = {
            {list.data(), 300, 5},
            {list.data(), 0, 0},
            {list.data() + 300, 400, std::size_t{0} - 5}};
        std::vector<std::int32_t> wanted(width);
        for (std::size_t i = 0; i < list.size(); ++i)
            for (std::size_t c = 0; c < width; ++c)
                wanted[c] += weights[(list[i] + (i < 300 ? 5 : 0) - (i < 300 ? 0 : 5)) * width + c];
        forEachTarget([&] {
            for (const bool far : {false, true}) {
                std::vector<std::int32_t> sums(width, 99);
                event_kernels::addRows(event_kernels::Rows<std::int8_t>{bytes.data(), width, far},
                                       segments, sums.data());
                CHECK(sums == wanted);
                std::vector<float> floats(width, 99);
                event_kernels::addRows(
                    event_kernels::Rows<std::uint16_t>{bfloats.data(), width, far}, segments,
                    floats.data());
                CHECK(
                    std::equal(floats.begin(), floats.end(), wanted.begin(),
                               [](float a, std::int32_t b) { return a == static_cast<float>(b); }));
                event_kernels::addRows(event_kernels::Rows<std::int8_t>{bytes.data(), width, far},
                                       {}, sums.data());
                CHECK(sums == std::vector<std::int32_t>(width));
            }
        });
    }
}
