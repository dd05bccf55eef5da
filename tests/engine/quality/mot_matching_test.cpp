// SPDX-License-Identifier: Apache-2.0
// Pairs in single frames.
#include "engine/quality/mot_matching.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("as many pairs as possible, then the nearest") {
    // The first prediction suits both objects, the second only the first object.
    const std::vector<MotBox> objects{{0, 1, {0, 0, 10, 10}, 1}, {0, 2, {3, 0, 10, 10}, 1}};
    const std::vector<MotBox> predictions{{0, 1, {1, 0, 10, 10}, 1}, {0, 2, {-2, 0, 10, 10}, 1}};
    MotMatcher matcher(0.5);
    matcher.add(objects, predictions);
    CHECK(matcher.matches() == 2);
    CHECK(matcher.switches() == 0);
    CHECK(matcher.distances() == Approx((1 - 8.0 / 12) * 2));
    CHECK(matcher.bestIdentityPairs() == 2);
}

TEST_CASE("more objects than predictions and the other way round") {
    const std::vector<MotBox> many{{0, 1, {0, 0, 10, 10}, 1}, {0, 2, {2, 0, 10, 10}, 1}};
    const std::vector<MotBox> one{{0, 9, {2, 0, 10, 10}, 1}};
    MotMatcher matcher(0.5);
    matcher.add(many, one);
    matcher.add(one, many);
    CHECK(matcher.matches() == 2);
    CHECK(matcher.distances() == Approx(0));
}
