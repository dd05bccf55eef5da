// SPDX-License-Identifier: Apache-2.0
// One node alone: sums, delays, what it counts.
#include "engine/snn/reference_node.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("equal steps may be done once and counted as many", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2})})
        .then("lin", Linear{{SignalShape::of({3, 2}), {1, 2, 3, 4, 5, 6}}, {}});
    const Network network = builder.build().value();
    ReferenceNode once(network, 1, 2);
    ReferenceNode often(network, 1, 2);
    const std::vector<float> x = {1, 0, 0, 2};
    const std::vector<std::span<const float>> sources = {x};
    std::vector<float> found(6);
    once.step(sources, found, 3);
    CHECK(found == std::vector<float>{1, 3, 5, 4, 8, 12});
    for (int t = 0; t < 3; ++t)
        often.step(sources, found);
    CHECK(once.activity().multiplies == 3 * 4 * 3);
    CHECK(often.activity().multiplies == 3 * 4 * 3);
    CHECK(once.activity().steps == 6);
    CHECK(often.activity().steps == 6);
    CHECK_FALSE(takesSpikes(network, 1));
}

TEST_CASE("several sources are added, a delay remembers until it is reset", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1})})
        .then("late", Delay{Parameter(1)})
        .then("sum", Add{})
        .connect("in", "sum");
    const Network network = builder.build().value();
    ReferenceNode late(network, 1, 1);
    ReferenceNode sum(network, 2, 1);
    const std::vector<float> x = {5};
    std::vector<float> y(1), z(1);
    const std::vector<std::span<const float>> input = {x};
    late.step(input, y);
    CHECK(y[0] == 0);
    late.step(input, y);
    CHECK(y[0] == 5);
    const std::vector<std::span<const float>> both = {y, x};
    sum.step(both, z);
    CHECK(z[0] == 10);
    late.reset();
    late.step(input, y);
    CHECK(y[0] == 0);
}
