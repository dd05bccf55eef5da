// SPDX-License-Identifier: Apache-2.0
// The loops of CellCounter alone.
#include "engine/detect/count_kernels.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace fovea;

TEST_CASE("bit slices become bytes") {
    std::vector<std::uint64_t> sliced(2 * count_kernels::slices, 0);
    sliced[0] = 0b101;
    sliced[1] = 0b001;
    sliced[4 + 3] = std::uint64_t{1} << 63;
    std::vector<std::uint8_t> counts(128, 9);
    count_kernels::expand(sliced.data(), 2, counts.data());
    CHECK(int{counts[0]} == 3);
    CHECK(int{counts[1]} == 0);
    CHECK(int{counts[2]} == 1);
    CHECK(int{counts[127]} == 8);
}

TEST_CASE("two rows become cells") {
    const std::vector<std::uint8_t> a{1, 2, 3, 4};
    const std::vector<std::uint8_t> b{8, 8, 0, 1};
    std::vector<std::uint8_t> cells(2);
    count_kernels::sumCells(a.data(), b.data(), cells.data(), 2);
    CHECK(int{cells[0]} == 19);
    CHECK(int{cells[1]} == 8);
}
