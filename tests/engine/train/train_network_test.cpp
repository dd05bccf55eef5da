// SPDX-License-Identifier: Apache-2.0
// What is trained computes what engine/snn computes, as an ANN and spiking.
#include "engine/train/train_network.h"

#include "engine/snn/qcfs.h"
#include "engine/snn/reference_executor.h"
#include "tests/engine/train/golden_tensors.h"

#include <ATen/core/grad_mode.h>
#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

Conv2d convolution(std::uint32_t from, std::uint32_t to) {
    const SignalShape shape = SignalShape::of({to, from, 3, 3});
    return {{shape, std::vector<float>(shape.elements())},
            std::vector<float>(to),
            {},
            {1, 1, 1, 1},
            {},
            1};
}

/// Two ways that join, a pool, a linear layer.
Network joined() {
    const SignalShape flat = SignalShape::of({3, 16});
    NetworkBuilder builder;
    builder.add("input", InputLayer{SignalShape::of({2, 4, 4})})
        .then("c1", convolution(2, 4))
        .then("a1", Activation{4, 1.0F})
        .then("c2", convolution(4, 4))
        .then("a2", Activation{4, 1.0F})
        .then("pool", Pool2d{PoolKind::Average, {2, 2}, {2, 2}, {}, true})
        .then("flat", Flatten{})
        .then("out", Linear{{flat, std::vector<float>(48)}, std::vector<float>(3)});
    builder.connect("c1", "a2");  // an analog current beside the spikes
    return builder.build().value();
}

std::vector<float> valuesOf(const at::Tensor &tensor) {
    const at::Tensor flat = tensor.contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

/// The mean output over `steps` of the reference executor.
std::vector<float> byReference(const Network &network, const at::Tensor &input, std::size_t steps,
                               bool timed) {
    const std::size_t batch = static_cast<std::size_t>(input.size(timed ? 1 : 0));
    ReferenceExecutor executor(network, batch);
    const auto values = valuesOf(input);
    std::vector<float> sum(executor.outputSize());
    for (std::size_t t = 0; t < steps; ++t) {
        const std::size_t size = executor.inputSize();
        REQUIRE(executor.step(std::span(values).subspan(timed ? t * size : 0, size)));
        for (std::size_t i = 0; i < sum.size(); ++i)
            sum[i] += executor.output()[i] / static_cast<float>(steps);
    }
    return sum;
}

}  // namespace

TEST_CASE("training and engine compute alike", "[train]") {
    const bool normalise = GENERATE(false, true);
    TrainNetworkSettings settings;
    settings.batchNorm = normalise;
    auto net = TrainNetwork::make(joined(), settings, 5).value();
    const at::NoGradGuard still;
    at::manual_seed(1);
    const at::Tensor x = at::rand({3, 2, 4, 4});
    Pass pass;
    pass.training = true;
    pass.measure = true;
    (void)net.forward(at::rand({64, 2, 4, 4}), pass);
    const Network ann = net.toNetwork().value();
    REQUIRE(worst(valuesOf(net.forward(x, {})), byReference(ann, x, 1, false)) < 1e-5);
    const Network spiking = withNeurons(ann).value();
    pass = {};
    pass.spiking = true;
    pass.steps = 6;
    // Sums are added in another order: a neuron on its threshold may fire a step later.
    REQUIRE(worst(valuesOf(net.forward(x, pass)), byReference(spiking, x, 6, false)) < 0.2);
    const at::Tensor planes = at::rand({6, 3, 2, 4, 4}).gt(0.5).to(at::kFloat);
    pass.timed = true;
    REQUIRE(worst(valuesOf(net.forward(planes, pass)), byReference(spiking, planes, 6, true)) <
            0.2);
}

TEST_CASE("NQ's estimate is the golden", "[train]") {
    const auto golden = goldenJson("nq_noise");
    if (!golden)
        return;
    const auto &one = golden->at("sigma_estimation");
    const Network network = withActivations(goldenNet(one), 4).value();
    auto net = TrainNetwork::make(network, {}, 1).value();
    std::vector<double> sums(2);
    for (const auto &batch : one.at("val_batches")) {
        const auto variances = net.residualVariances(tensor(batch), one.at("T").get<std::size_t>());
        REQUIRE(variances.size() == 2);
        for (std::size_t i = 0; i < 2; ++i)
            sums[i] += variances[i] / static_cast<double>(one.at("val_batches").size());
    }
    const auto wanted = numbers(one.at("sigma_per_layer"));
    for (std::size_t i = 0; i < 2; ++i)
        REQUIRE(std::sqrt(sums[i]) == Approx(wanted[i]).margin(1e-5));
}

TEST_CASE("gradients reach every tensor, as an ANN and through time", "[train]") {
    const bool spiking = GENERATE(false, true);
    TrainNetworkSettings settings;
    settings.batchNorm = true;
    auto net = TrainNetwork::make(joined(), settings, 5).value();
    Pass pass;
    pass.training = true;
    pass.spiking = spiking;
    pass.steps = 4;
    net.forward(at::rand({8, 2, 4, 4}), pass).square().sum().backward();
    for (const TrainedTensor &tensor : net.tensors()) {
        INFO(tensor.name);
        REQUIRE(tensor.value.grad().defined() == tensor.learns);
    }
}

TEST_CASE("what cannot be trained is refused by name", "[train]") {
    NetworkBuilder builder;
    builder.add("input", InputLayer{SignalShape::of({2, 4, 4})})
        .then("pool", Pool2d{PoolKind::Max, {2, 2}, {2, 2}, {}, true});
    const auto refused = TrainNetwork::make(builder.build().value(), {}, 1);
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().message.find("'pool'") != std::string::npos);
}
