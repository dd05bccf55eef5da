// SPDX-License-Identifier: Apache-2.0
// The rule of the STP filter by hand.
#include "engine/detect/stp_filter.h"

#include "engine/core/plane_bits.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace fovea;

TEST_CASE("a spike uses resources and raises the utilisation") {
    constexpr PlaneShape shape{1, 1};
    std::vector<std::uint64_t> plane(shape.wordStride(), 0);
    std::vector<std::uint64_t> passed(shape.wordStride(), 0);
    setBit(plane.data(), 0);
    StpFilter filter({}, shape);
    filter.update(plane.data(), passed.data());
    const double dt = 1 / 2000.0;
    CHECK(filter.resources()[0] == Approx(1 - (1 - 0.9) * std::exp(-dt / 0.02)));
    CHECK(filter.utilisation()[0] == Approx(0.1 + 0.11 * 0.9 * std::exp(-dt / 1.7)));
    clearBit(plane.data(), 0);
    filter.update(plane.data(), passed.data());
    CHECK(countSpikes(passed.data(), shape) == 0);
    filter.reset();
    CHECK(filter.resources()[0] == 1);
}

TEST_CASE("a steady rate is filtered out") {
    constexpr PlaneShape shape{1, 1};
    std::vector<std::uint64_t> on(shape.wordStride(), 0);
    const std::vector<std::uint64_t> off(shape.wordStride(), 0);
    std::vector<std::uint64_t> passed(shape.wordStride(), 0);
    setBit(on.data(), 0);
    StpFilter filter({}, shape);
    std::size_t late = 0;
    for (int t = 0; t < 600; ++t) {
        filter.update((t % 4 == 0 ? on : off).data(), passed.data());
        late += t > 300 ? countSpikes(passed.data(), shape) : 0;
    }
    CHECK(late == 0);
}
