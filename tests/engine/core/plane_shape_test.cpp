// SPDX-License-Identifier: Apache-2.0
// Sizes, strides and the text form of a plane's shape.
#include "engine/core/plane_shape.h"

#include <catch2/catch.hpp>
#include <string>

using namespace fovea;

namespace {

// Counted one by one, so that the rounding in PlaneShape is checked against something else.
std::size_t unitsFor(std::size_t bits, std::size_t unit) {
    std::size_t units = 0;
    while (units * unit < bits)
        ++units;
    return units;
}

}  // namespace

TEST_CASE("sizes of shapes that divide evenly and of shapes that do not", "[core]") {
    const PlaneShape shape =
        GENERATE(PlaneShape{1, 1}, PlaneShape{7, 1}, PlaneShape{1, 9}, PlaneShape{13, 11},
                 PlaneShape{31, 33}, PlaneShape{64, 8}, PlaneShape{65, 63}, PlaneShape{400, 250},
                 PlaneShape{416, 250}, PlaneShape{1000, 1000}, PlaneShape{512, 1});
    CAPTURE(toString(shape));
    CHECK(shape.valid());
    CHECK(shape.pixels() == std::size_t{shape.width} * shape.height);
    CHECK(shape.bytes() == unitsFor(shape.pixels(), 8));
    CHECK(shape.words() == unitsFor(shape.pixels(), 64));
    CHECK(shape.wordStride() == unitsFor(shape.pixels(), 512) * 8);
}

TEST_CASE("the largest shape does not overflow 32 bits", "[core]") {
    const PlaneShape shape{PlaneShape::maxSide, PlaneShape::maxSide};
    CHECK(shape.valid());
    CHECK(shape.pixels() == 268435456);
    CHECK(shape.bytes() == 33554432);
}

TEST_CASE("zero and oversized sides are not valid", "[core]") {
    CHECK_FALSE(PlaneShape{}.valid());
    CHECK_FALSE(PlaneShape{0, 5}.valid());
    CHECK_FALSE(PlaneShape{5, 0}.valid());
    CHECK_FALSE(PlaneShape{PlaneShape::maxSide + 1, 1}.valid());
    CHECK_FALSE(PlaneShape{1, PlaneShape::maxSide + 1}.valid());
}

TEST_CASE("a shape is read from text and written back the same", "[core]") {
    for (const PlaneShape shape : {PlaneShape{1, 1}, PlaneShape{400, 250}, PlaneShape{16384, 3}}) {
        const auto parsed = parsePlaneShape(toString(shape));
        REQUIRE(parsed);
        CHECK(*parsed == shape);
    }
    CHECK(toString(PlaneShape{400, 250}) == "400x250");
    CHECK(*parsePlaneShape("12X34") == PlaneShape{12, 34});
}

TEST_CASE("text that is not a shape is refused with what was found and what is allowed", "[core]") {
    const std::string text =
        GENERATE(as<std::string>{}, "", "x", "400", "400x", "x250", "400x250 ", " 400x250",
                 "400 x 250", "400*250", "400x250x3", "-4x5", "4x-5", "+4x5", "4.0x5", "0x5", "5x0",
                 "16385x1", "99999999999x1", "1x4294967297", "0x10x2", "fourxfive");
    CAPTURE(text);
    const auto parsed = parsePlaneShape(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::Usage);
    CHECK_THAT(parsed.error().message, Catch::Contains("'" + text + "'"));
    CHECK_THAT(parsed.error().message, Catch::Contains("WIDTHxHEIGHT") && Catch::Contains("16384"));
}
