// SPDX-License-Identifier: Apache-2.0
// A patch of spikes raises the field there; boxes stay inside the picture.
#include "engine/detect/attention_field.h"

#include "engine/core/plane_bits.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("the field rises where spikes are") {
    constexpr PlaneShape shape{101, 67};
    std::vector<std::uint64_t> plane(shape.wordStride(), 0);
    for (std::size_t y = 0; y < 14; ++y)
        for (std::size_t x = 0; x < 14; ++x)
            setBit(plane.data(), y * shape.width + x);
    AttentionField field(15, shape);
    CHECK(field.boxes().empty());
    for (int i = 0; i < 5; ++i)
        field.update(plane.data());
    const auto boxes = field.boxes();
    REQUIRE(boxes.size() == 1);
    CHECK(boxes[0].row0 == 0);
    CHECK(boxes[0].col0 == 0);
    CHECK(boxes[0].row1 < 67);
    CHECK(boxes[0].col1 < 101);
    field.reset();
    CHECK(field.boxes().empty());
}

TEST_CASE("one step of one spike gives half the kernel") {
    constexpr PlaneShape shape{41, 41};
    std::vector<std::uint64_t> plane(shape.wordStride(), 0);
    setBit(plane.data(), 20 * 41 + 20);
    AttentionField field(15, shape);
    field.update(plane.data());
    CHECK(field.potential()[20 * 41 + 20] == Approx(0.5));
    CHECK(field.potential()[5 * 41 + 5] == Approx(0).margin(1e-6));
    CHECK(field.potential()[0] == Approx(0).margin(1e-6));
}
