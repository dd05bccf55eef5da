// SPDX-License-Identifier: Apache-2.0
// Areas and overlaps of boxes.
#include "engine/core/detection.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("a box overlaps itself fully and a distant one not at all", "[core]") {
    const Box box{3, 4, 10, 5};
    CHECK(box.area() == 50);
    CHECK(iou(box, box) == 1);
    CHECK(iou(box, Box{100, 100, 10, 5}) == 0);
    CHECK(iou(box, Box{13, 4, 10, 5}) == 0);
    CHECK(iou(box, Box{3, 9, 10, 5}) == 0);
}

TEST_CASE("overlap is the shared area over the joint area, in both orders", "[core]") {
    const Box a{0, 0, 10, 10};
    const Box b{5, 5, 10, 10};
    CHECK(iou(a, b) == Approx(25.0 / 175.0));
    CHECK(iou(b, a) == iou(a, b));
    const Box inside{2, 2, 5, 4};
    CHECK(iou(a, inside) == Approx(0.2));
    CHECK(iou(Box{-5, -5, 10, 10}, a) == Approx(25.0 / 175.0));
}

TEST_CASE("an empty box overlaps nothing, not even itself", "[core]") {
    const Box empty{5, 5, 0, 0};
    CHECK(iou(empty, empty) == 0);
    CHECK(iou(empty, Box{0, 0, 10, 10}) == 0);
    CHECK(iou(Box{5, 5, 3, 0}, Box{0, 0, 10, 10}) == 0);
}
