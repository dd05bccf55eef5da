// SPDX-License-Identifier: Apache-2.0
// The product that lanes make together against a plain product of matrices.
#include "engine/cuda/tensor_tiles.h"

#include "engine/core/random.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

/// Row `row` and column `column` of the sums: whose they are, as the PTX manual says.
template <class T>
T sumAt(const PerLane<SumTile<T>> &sums, std::uint32_t row, std::uint32_t column) {
    return sums[row % 8 * 4 + column / 2].sums[row / 8 * 2 + column % 2];
}

/// The lane and word with number k of a row or column of 16 numbers of 2 bytes, or 32 of one.
struct Where {
    std::uint32_t lane, half, shift;
};
Where whereIs(std::uint32_t k, std::uint32_t length) {
    const std::uint32_t inHalf = k % (length / 2);
    const std::uint32_t perWord = length / 8;
    return {inHalf / perWord, k / (length / 2), inHalf % perWord * (32 / perWord)};
}

template <class Tiles> void check(std::uint32_t (*bits)(int)) {
    Random random(5);
    int a[16][32], b[32][8];
    PerLane<WeightTile> weights{};
    PerLane<ColumnTile> columns{};
    for (std::uint32_t k = 0; k < Tiles::length; ++k) {
        const Where at = whereIs(k, Tiles::length);
        for (std::uint32_t row = 0; row < 16; ++row) {
            a[row][k] = static_cast<int>(random.below(200)) - 100;
            weights[row % 8 * 4 + at.lane].words[row / 8 + at.half * 2] |= bits(a[row][k])
                                                                           << at.shift;
        }
        for (std::uint32_t column = 0; column < 8; ++column) {
            b[k][column] = static_cast<int>(random.below(5)) - 2;
            columns[column * 4 + at.lane].words[at.half] |= bits(b[k][column]) << at.shift;
        }
    }
    PerLane<SumTile<typename Tiles::Sum>> sums{};
    for (std::uint32_t lane = 0; lane < 32; ++lane)
        sums[lane].sums[1] = 7;
    multiplyTiles<Tiles>(sums, weights, columns);
    for (std::uint32_t row = 0; row < 16; ++row)
        for (std::uint32_t column = 0; column < 8; ++column) {
            int wanted = row < 8 && column % 2 == 1 ? 7 : 0;
            for (std::uint32_t k = 0; k < Tiles::length; ++k)
                wanted += a[row][k] * b[k][column];
            CHECK(static_cast<int>(sumAt(sums, row, column)) == wanted);
        }
}

}  // namespace

TEST_CASE("lanes multiply tiles of bf16 and of int8", "[cuda]") {
    check<Bf16Tiles>([](int value) {
        const auto number = static_cast<float>(value);
        std::uint32_t bits = 0;
        std::memcpy(&bits, &number, sizeof(bits));
        return bits >> 16;  // exact: small integers
    });
    check<Int8Tiles>([](int value) {
        return static_cast<std::uint32_t>(
            static_cast<std::uint8_t>(static_cast<std::int8_t>(value)));
    });
}

TEST_CASE("one lane's number is enough", "[cuda]") {
    PerLane<std::uint32_t> numbers{};
    CHECK_FALSE(anyLane(numbers));
    numbers[31] = 4;
    CHECK(anyLane(numbers));
}
