// SPDX-License-Identifier: Apache-2.0
// Nodes of the gradient graph against the goldens.
#include "engine/train/train_functions.h"

#include "tests/engine/train/golden_tensors.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("LIF and DLIF are the goldens', forward and back", "[train]") {
    const auto golden = goldenJson("mppd_lif_dlif");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        TrainedNeuron neuron;
        neuron.decay = one.at("tau").get<float>();
        neuron.resetTo = 0.0F;
        neuron.surrogate = {SurrogateKind::Triangle, one.at("gamma").get<float>(), 0};
        const auto steps = one.at("T").get<std::size_t>();
        const at::Tensor x = leaf(one.at("x_TB_C"));
        const at::Tensor threshold = at::full({}, one.at("thresh").get<float>());
        const bool learned = !one.at("p").is_null();
        const at::Tensor p = learned ? leaf(one.at("p")) : at::Tensor();
        const at::Tensor spikes = spikingLayer(x, steps, false, neuron, threshold, p);
        INFO(one.at("kind"));
        REQUIRE(worst(spikes, one.at("spikes")) == 0);
        spikes.backward(tensor(one.at("grad_out")).view_as(spikes));
        REQUIRE(worst(x.grad(), one.at("grad_x")) <= 2e-4);
        if (learned)
            REQUIRE(worst(p.grad(), one.at("grad_p")) <= 2e-3);
    }
}

TEST_CASE("QCFS and its noise are NQ's golden", "[train]") {
    const auto golden = goldenJson("nq_noise");
    if (!golden)
        return;
    const auto &one = golden->at("noisy_activation");
    const at::Tensor x = leaf(one.at("x"));
    const at::Tensor lambda = at::full({}, one.at("lam").get<float>()).requires_grad_(true);
    const auto levels = one.at("L").get<std::uint32_t>();
    const at::Tensor quiet = qcfsLayer(x, lambda, levels, QcfsGradient::ClampFirst);
    const at::Tensor noisy = quiet - one.at("sigma").get<double>() * tensor(one.at("noise"));
    REQUIRE(worst(noisy, one.at("y")) <= 1e-5);
    noisy.backward(tensor(one.at("grad_out")));
    REQUIRE(worst(x.grad(), one.at("grad_x")) <= 1e-6);
    REQUIRE(worst(lambda.grad().view({1}), one.at("grad_lambda")) <= 1e-4);
    const at::Tensor drawn =
        qcfsLayer(at::full({20000}, 1.0), at::full({}, 1.0F), 4, QcfsGradient::ClampFirst, 0.1);
    REQUIRE(drawn.mean().item<double>() == Approx(1).margin(0.01));
    REQUIRE(drawn.std().item<double>() == Approx(0.1).margin(0.01));
}

TEST_CASE("one input for all steps is that input repeated", "[train]") {
    TrainedNeuron neuron;
    neuron.start = 0.5F;
    neuron.thresholdOut = true;
    const at::Tensor x = at::rand({3, 50}).mul(2).requires_grad_(true);
    const at::Tensor threshold = at::full({}, 0.75F).requires_grad_(true);
    const at::Tensor weight = at::randn({4, 3, 50});
    const at::Tensor once = spikingLayer(x, 4, true, neuron, threshold);
    (once * weight).sum().backward();
    const at::Tensor byOne = x.grad().clone();
    const at::Tensor byOneThreshold = threshold.grad().clone();
    x.mutable_grad().zero_();
    threshold.mutable_grad().zero_();
    const at::Tensor repeated =
        spikingLayer(x.unsqueeze(0).expand({4, 3, 50}), 4, false, neuron, threshold);
    REQUIRE(at::equal(once, repeated));
    (repeated * weight).sum().backward();
    REQUIRE(at::allclose(byOne, x.grad(), 1e-5, 1e-6));
    REQUIRE(at::allclose(byOneThreshold, threshold.grad(), 1e-4, 1e-5));
}

TEST_CASE("timing layers learn inside a graph", "[train]") {
    const auto golden = goldenJson("timing_lif_bptt_tsslbp");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const TimingNeuron neuron{one.at("tau_m").get<float>(), one.at("tau_s").get<float>(),
                                  one.at("threshold").get<float>(), one.at("soft").get<bool>(),
                                  one.at("neuron") == "spike"};
        const at::Tensor x = leaf(one.at("x"));
        const at::Tensor y = timingLayer(x, neuron, TimingRule::Timing);
        y.backward(tensor(one.at("grad_out")));
        REQUIRE(worst(x.grad(), one.at("tsslbp").at("grad_x")) <= 2e-4);
    }
}

TEST_CASE("encoders are the goldens', forward and back", "[train]") {
    const auto golden = goldenJson("timing_encoders");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases"))
        for (const auto &[name, encoding] :
             {std::pair("const", Encoding::Constant), std::pair("pre", Encoding::DenseFirst),
              std::pair("post", Encoding::DenseLast), std::pair("latency", Encoding::FirstSpike)}) {
            const at::Tensor x = leaf(one.at("x"));
            const at::Tensor spikes = encodeLayer(x, encoding, one.at("T").get<std::size_t>());
            INFO(name);
            REQUIRE(worst(spikes, one.at(name).at("spikes_T_N")) == 0);
            spikes.sum().backward();
            REQUIRE(worst(x.grad(), one.at(name).at("grad_of_sum")) == 0);
        }
}
