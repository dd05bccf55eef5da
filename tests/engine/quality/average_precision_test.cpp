// SPDX-License-Identifier: Apache-2.0
// Average precision worked out by hand.
#include "engine/quality/average_precision.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

ScoredBox scored(std::uint64_t frame, float x, int label, float score = 1) {
    return {frame, {x, 0, 10, 10}, label, score};
}

}  // namespace

TEST_CASE("what is found as it is has a precision of 1", "[quality]") {
    const std::vector<ScoredBox> truth{scored(0, 0, 0), scored(0, 50, 1), scored(3, 0, 0)};
    const PrecisionScore score = evaluatePrecision(truth, truth);
    CHECK(score.mean == 1);
    CHECK(score.classes.at(0).objects == 2);
    CHECK(score.classes.at(0).found == 2);
    CHECK(score.classes.at(1).wrong == 0);
}

TEST_CASE("precision is summed over recall, and may only fall", "[quality]") {
    const std::vector<ScoredBox> truth{scored(0, 0, 0), scored(1, 0, 0), scored(2, 0, 0),
                                       scored(3, 0, 0)};
    // By score: right, wrong (nothing there), right, told twice, right; one is never found.
    const std::vector<ScoredBox> found{scored(2, 1, 0, 0.5F), scored(0, 0, 0, 0.9F),
                                       scored(0, 80, 0, 0.8F), scored(1, 2, 0, 0.7F),
                                       scored(1, 1, 0, 0.6F)};
    const PrecisionScore score = evaluatePrecision(truth, found);
    // Steps of recall at precision 1, 2/3 and 3/5.
    CHECK(score.mean == Approx((1 + 2.0 / 3 + 3.0 / 5) / 4));
    CHECK(score.classes.at(0).found == 3);
    CHECK(score.classes.at(0).wrong == 2);
}

TEST_CASE("another class, another frame and too small an overlap are wrong", "[quality]") {
    const std::vector<ScoredBox> truth{scored(0, 0, 0)};
    CHECK(evaluatePrecision(truth, {}).mean == 0);
    CHECK(evaluatePrecision({}, truth).mean == 0);
    for (const ScoredBox &one : {scored(0, 0, 1), scored(1, 0, 0), scored(0, 4, 0)})
        CHECK(evaluatePrecision(truth, std::vector{one}).mean == 0);
    CHECK(evaluatePrecision(truth, std::vector{scored(0, 4, 0)}, 0.4).mean == 1);
    // A class that only the detector knows counts as wrong boxes, not in the mean.
    const std::vector<ScoredBox> more{scored(0, 0, 0), scored(0, 0, 7)};
    const PrecisionScore score = evaluatePrecision(truth, more);
    CHECK(score.mean == 1);
    CHECK(score.classes.at(7).wrong == 1);
}
