// SPDX-License-Identifier: Apache-2.0
// Losses against the goldens.
#include "engine/train/losses.h"

#include "engine/train/train_functions.h"
#include "tests/engine/train/golden_tensors.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

struct TwoLayers {
    explicit TwoLayers(const nlohmann::json &params)
        : w0(leaf(params.at("0.weight"))), b0(leaf(params.at("0.bias"))),
          w2(leaf(params.at("2.weight"))), b2(leaf(params.at("2.bias"))) {}
    at::Tensor w0, b0, w2, b2;

    void check(const nlohmann::json &wanted, double tolerance) const {
        const auto near = [&](const at::Tensor &found, const nlohmann::json &json) {
            const at::Tensor other = tensor(json).view_as(found);
            INFO(found << " against " << other);
            REQUIRE((found - other).abs().max().item<double>() <=
                    tolerance * std::max(1.0, other.abs().max().item<double>()));
        };
        near(w0.grad(), wanted.at("0.weight"));
        near(b0.grad(), wanted.at("0.bias"));
        near(w2.grad(), wanted.at("2.weight"));
        near(b2.grad(), wanted.at("2.bias"));
    }
};

}  // namespace

TEST_CASE("the MPPD loss is the golden", "[train]") {
    const auto golden = goldenJson("mppd_loss");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const at::Tensor perturbed = leaf(one.at("adv_in"));
        const at::Tensor loss = potentialPerturbation(tensor(one.at("clean_in")), perturbed,
                                                      one.at("tau").get<double>());
        REQUIRE(loss.item<double>() == Approx(one.at("loss_msmppd").get<double>()).margin(1e-5));
        loss.backward();
        REQUIRE(worst(perturbed.grad(), one.at("grad_adv_in")) <= 1e-5);
    }
    const at::Tensor steps = at::full({2, 1}, 1.0);
    REQUIRE(potentialPerturbation(at::zeros({2, 1}), steps, 0.5, true).item<double>() ==
            Approx((1 + 1.5) / 2));
}

TEST_CASE("the SR loss is the golden, weights' gradients too", "[train]") {
    const auto golden = goldenJson("sr_loss");
    if (!golden)
        return;
    const at::Tensor x = tensor(golden->at("x"));
    const at::Tensor y = labels(golden->at("labels"));
    for (const auto &one : golden->at("cases")) {
        const TwoLayers net(golden->at("params"));
        const Scores scores = [&](const at::Tensor &in) {
            return at::linear(at::linear(in, net.w0, net.b0).tanh(), net.w2, net.b2);
        };
        const at::Tensor classes = crossEntropy(scores(x), y);
        const at::Tensor sparse = sparseGradient(scores, x, y, one.at("h").get<double>());
        REQUIRE(worst(scores(x), golden->at("logits")) <= 1e-5);
        REQUIRE(classes.item<double>() == Approx(one.at("loss_ce").get<double>()).margin(1e-5));
        REQUIRE(sparse.item<double>() == Approx(one.at("loss_sr").get<double>()).epsilon(1e-3));
        (classes + one.at("lamb").get<double>() * sparse).backward();
        net.check(one.at("grad"), 2e-3);
    }
}

TEST_CASE("the NT loss and the attack on a score are the golden", "[train]") {
    const auto golden = goldenJson("nt_loss");
    if (!golden)
        return;
    const at::Tensor x = tensor(golden->at("x"));
    const TwoLayers net(golden->at("params"));
    const Scores score = [&](const at::Tensor &in) {
        return at::linear(at::softplus(at::linear(in, net.w0, net.b0)), net.w2, net.b2).squeeze(1);
    };
    REQUIRE(worst(score(x), golden->at("scores")) <= 1e-4);
    const at::Tensor loss = gradientNorm(score, x, golden->at("h").get<double>());
    REQUIRE(loss.item<double>() == Approx(golden->at("loss_grad").get<double>()).epsilon(1e-3));
    loss.backward();
    net.check(golden->at("param_grads"), 2e-2);
    const Scores normalised = [&](const at::Tensor &in) { return score((in - 0.5) / 0.25); };
    for (const auto &one : golden->at("attacks")) {
        const at::Tensor attacked =
            attackScore(normalised, x.slice(0, 0, 1), one.at("eps").get<double>(),
                        one.at("alpha").get<double>(), one.at("iters").get<int>());
        REQUIRE(worst(attacked, one.at("x_adv")) <= 1e-5);
        REQUIRE(worst(normalised(attacked), one.at("score_adv")) <= 1e-3);
    }
}

TEST_CASE("losses of the first spike are the golden", "[train]") {
    const auto golden = goldenJson("timing_losses");
    if (!golden)
        return;
    const at::Tensor y = labels(golden->at("labels"));
    for (const auto &[name, kind] : {std::pair("spike_latency", LatencyLoss::Softmax),
                                     std::pair("spike_latency2", LatencyLoss::Plain),
                                     std::pair("spike_latency3", LatencyLoss::Doubled)}) {
        const at::Tensor spikes = leaf(golden->at("outputs_T_B_K"));
        const at::Tensor loss = latencyLoss(spikes, y, kind);
        INFO(name);
        REQUIRE(loss.item<double>() ==
                Approx(golden->at("losses").at(name).at("loss").get<double>()).margin(1e-5));
        loss.backward();
        REQUIRE(worst(spikes.grad(), golden->at("losses").at(name).at("grad")) <= 1e-4);
    }
}

TEST_CASE("the rate's straight-through gradient is the golden", "[train]") {
    const auto golden = goldenJson("sr_surrogates");
    if (!golden)
        return;
    const auto &one = golden->at("bptr");
    const at::Tensor x = tensor(one.at("x"));
    const at::Tensor slope = rateGradient(x, one.at("tau").get<double>());
    REQUIRE(worst(tensor(one.at("grad_out")) * slope, one.at("grad_x")) <= 1e-6);
    TrainedNeuron neuron;
    neuron.above = true;
    neuron.decay = one.at("tau").get<float>();
    neuron.resetTo = 0.0F;
    REQUIRE(worst(spikingLayer(x, static_cast<std::size_t>(x.size(0)), false, neuron,
                               at::full({}, 1.0F)),
                  one.at("spikes")) == 0);
}

TEST_CASE("losses that need no golden", "[train]") {
    const at::Tensor y = at::zeros({1}, at::kLong);
    const at::Tensor scores = at::zeros({1, 2});
    REQUIRE(crossEntropy(scores, y).item<double>() == Approx(0.6931472));
    REQUIRE(oneHotSquare(scores, y).item<double>() == Approx(0.5));
    const at::Tensor spikes = at::ones({4, 1, 2});
    REQUIRE(countLoss(spikes, y, 3, 0).item<double>() == Approx((1 + 16) / 2.0));
    REQUIRE(firstSpikes(spikes).max().item<double>() == 4);
}
