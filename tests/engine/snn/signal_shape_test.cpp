// SPDX-License-Identifier: Apache-2.0
// Shapes that can be, and those that cannot.
#include "engine/snn/signal_shape.h"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

using namespace fovea;

TEST_CASE("a shape knows its elements", "[snn]") {
    const SignalShape shape = SignalShape::of({2, 8, 9});
    CHECK(shape.elements() == 144);
    CHECK(shape.channels() == 2);
    CHECK(shape.channelElements() == 72);
    CHECK(toString(shape) == "(2, 8, 9)");
    CHECK(SignalShape::make(std::vector<std::int64_t>{2, 8, 9}).value() == shape);
    CHECK(SignalShape::make(std::vector<std::int64_t>{5}).value() != shape);
}

TEST_CASE("impossible shapes are refused", "[snn]") {
    constexpr auto huge = std::numeric_limits<std::int64_t>::max();
    for (const std::vector<std::int64_t> &sides :
         std::vector<std::vector<std::int64_t>>{{},
                                                {0},
                                                {-1, 2},
                                                {huge, huge, huge},
                                                {65536, 65536},
                                                {1, 1, 1, 1, 1},
                                                {std::numeric_limits<std::int64_t>::min()}})
        CHECK(SignalShape::make(sides).error().code == ErrorCode::InvalidArgument);
    CHECK(SignalShape::make(std::vector<std::int64_t>{1 << 28}).has_value());
    CHECK_FALSE(SignalShape::make(std::vector<std::int64_t>{(1 << 28) + 1}).has_value());
}
