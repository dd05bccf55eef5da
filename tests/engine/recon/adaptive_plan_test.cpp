// SPDX-License-Identifier: Apache-2.0
// Pieces of time around, before and at the ends of what is there.
#include "engine/recon/adaptive_plan.h"

#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

std::size_t planesIn(const AdaptivePlan &plan) {
    std::size_t planes = 0;
    for (const AdaptivePlan::Piece &piece : plan.pieces())
        planes += piece.planes();
    return planes;
}

}  // namespace

TEST_CASE("pieces lie around the plane, or all before it", "[recon]") {
    const SpikeBlock block = test::randomPlanes({3, 3}, 200, 1);
    const auto planes = test::pointers(block);
    AdaptivePlan centred(ReconMode::Centred);
    REQUIRE(centred.cut({planes, 100, 100}));
    CHECK(centred.pieces().size() == AdaptivePlan::mostPieces);
    CHECK(planesIn(centred) == 49);
    CHECK(centred.pieces()[0].time == 0);
    AdaptivePlan causal(ReconMode::Causal);
    REQUIRE(causal.cut({planes, 100, 100}));
    CHECK(planesIn(causal) == 49);
    for (const AdaptivePlan::Piece &piece : causal.pieces())
        CHECK(piece.time < 0);
    for (const AdaptivePlan *plan : {&centred, &causal}) {
        CHECK(plan->bounds().size() == plan->pieces().size() + 1);
        for (const AdaptivePlan::Piece &piece : plan->pieces()) {
            CHECK(plan->bounds()[piece.picture] == piece.begin);
            CHECK(plan->bounds()[piece.picture + 1] == piece.end);
        }
        int shares = 0;
        for (const std::int16_t share : plan->shares())
            shares += share;
        CHECK(shares == Approx(32768).margin(3));
    }
}

TEST_CASE("a plan makes do with the planes that are there", "[recon]") {
    const SpikeBlock block = test::randomPlanes({3, 3}, 60, 1);
    auto planes = test::pointers(block);
    AdaptivePlan plan(ReconMode::Centred);
    REQUIRE(plan.cut({planes, 0, 0}));
    CHECK(plan.pieces().size() == 3);
    for (std::size_t i = 0; i < planes.size(); ++i)
        planes[i] = i == 30 ? planes[i] : nullptr;
    REQUIRE(plan.cut({planes, 28, 28}));
    CHECK(plan.planes().size() == 1);
    CHECK(plan.shares()[0] == 32767);
    planes[30] = nullptr;
    CHECK_FALSE(plan.cut({planes, 28, 28}));
}

TEST_CASE("noise makes a piece's weight more lenient", "[recon]") {
    const AdaptivePlan::Piece piece{0, 6, 0, 0};
    std::vector<double> noisy(50, 0.5);
    CHECK(AdaptivePlan::weightOf(piece, {}).limit == mergeWeight(6, 1).limit);
    CHECK(AdaptivePlan::weightOf(piece, noisy).limit == mergeWeight(6, 4).limit);
}
