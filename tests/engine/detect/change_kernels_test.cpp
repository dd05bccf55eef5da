// SPDX-License-Identifier: Apache-2.0
// The loops of ChangeModel alone.
#include "engine/detect/change_kernels.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace fovea::change_kernels;

TEST_CASE("the gain leaves out foreground and saturated cells") {
    const std::vector<std::uint8_t> counts(32, 10);
    std::vector<std::uint8_t> marks(32, 0);
    std::vector<float> background(32, 5);
    marks[3] = 1;
    background[7] = 100;
    const Sums sums = sumGain(counts.data(), marks.data(), background.data(), 27, 32);
    CHECK(sums.expected == 150);
    CHECK(sums.seen == 300);
}

TEST_CASE("marks without neighbours are dropped") {
    constexpr std::size_t row = 16;
    // A row and a cell of zeros before and after, as the function asks for.
    std::vector<std::uint8_t> marks(5 * row + 2, 0);
    std::vector<std::uint8_t> out(3 * row, 0);
    for (const std::size_t at : {row + 2, row + 3, 2 * row + 2, 2 * row + 3, 3 * row + 9})
        marks[at + 1] = 5;
    dropLonely(marks.data() + row + 1, out.data(), row, 3 * row, 4);
    CHECK(int{out[2]} == 5);
    CHECK(int{out[row + 3]} == 5);
    CHECK(int{out[2 * row + 9]} == 0);
}

TEST_CASE("sums of three rows") {
    constexpr std::size_t row = 16;
    std::vector<float> in(3 * row, 1);
    in[row + 4] = 5;
    std::vector<float> out(row);
    sumRows(in.data() + row, out.data(), row, row);
    CHECK(out[4] == 7);
    CHECK(out[5] == 3);
}
