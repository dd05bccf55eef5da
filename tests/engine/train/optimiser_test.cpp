// SPDX-License-Identifier: Apache-2.0
// Steps of both optimisers, worked out by hand.
#include "engine/train/optimiser.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;

namespace {

/// One number with gradient 2.
std::vector<TrainedTensor> one(double value, bool decays) {
    at::Tensor tensor = at::full({1}, value).requires_grad_(true);
    tensor.mutable_grad() = at::full({1}, 2.0);
    return {{"w", tensor, decays, true}, {"m", at::ones({1}), false, false}};
}

}  // namespace

TEST_CASE("SGD goes along its momentum", "[train]") {
    const auto tensors = one(1, true);
    Optimiser optimiser(tensors, {OptimiserKind::Sgd, 0.5, 0, 0.1});
    optimiser.step(0.1);
    REQUIRE(tensors[0].value.item<double>() == Approx(1 - 0.1 * 2.1));
    REQUIRE_FALSE(tensors[0].value.grad().defined());
    optimiser.step(0.1);  // no gradient: as if there was no step
    REQUIRE(tensors[0].value.item<double>() == Approx(0.79));
    at::Tensor(tensors[0].value).mutable_grad() = at::zeros({1});
    optimiser.step(0.1);  // momentum and decay
    REQUIRE(tensors[0].value.item<double>() == Approx(0.79 - 0.1 * (1.05 + 0.079)));
    REQUIRE(tensors[1].value.item<double>() == 1);
}

TEST_CASE("Adam's first step is as long as its rate", "[train]") {
    const auto tensors = one(1, false);
    Optimiser optimiser(tensors, {OptimiserKind::Adam, 0.9, 0.999, 0.5});
    optimiser.step(0.01);
    REQUIRE(tensors[0].value.item<double>() == Approx(0.99));
    REQUIRE(optimiser.state().size() == 3);
    REQUIRE(optimiser.state()[0].value.item<double>() == 1);
    const auto decaying = one(1, true);
    Optimiser(decaying, {OptimiserKind::Adam, 0.9, 0.999, 0.5}).step(0.01);
    REQUIRE(decaying[0].value.item<double>() == Approx(0.995 - 0.01));
}

TEST_CASE("Adam steps as published, with moments and decay", "[train]") {
    at::Tensor value = at::randn({5, 13}).requires_grad_(true);  // not a whole number of vectors
    at::Tensor wanted = value.detach().to(at::kDouble);
    at::Tensor first = at::zeros_like(wanted), second = at::zeros_like(wanted);
    Optimiser optimiser({{"w", value, true, true}}, {OptimiserKind::Adam, 0.9, 0.999, 0.1});
    for (int t = 1; t <= 4; ++t) {
        const at::Tensor g = at::randn({13, 5}).t();  // rows and columns the other way in memory
        value.mutable_grad() = g;
        optimiser.step(0.02);
        first = 0.9 * first + 0.1 * g;
        second = 0.999 * second + 0.001 * g * g;
        wanted =
            wanted * (1 - 0.02 * 0.1) - 0.02 * (first / (1 - std::pow(0.9, t))) /
                                            ((second / (1 - std::pow(0.999, t))).sqrt() + 1e-8);
    }
    REQUIRE(at::allclose(value.to(at::kDouble), wanted, 1e-5, 1e-6));
}

TEST_CASE("the rate rises and falls", "[train]") {
    REQUIRE(cosineRate(2, 0, 100, 4) == Approx(0.5));
    REQUIRE(cosineRate(2, 4, 104, 4) == Approx(2));
    REQUIRE(cosineRate(2, 54, 104, 4) == Approx(1));
    REQUIRE(cosineRate(2, 104, 104, 4) == Approx(0).margin(1e-12));
}
