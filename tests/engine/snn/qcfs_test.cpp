// SPDX-License-Identifier: Apache-2.0
// Activations, their networks and the residual noise against the published implementations.
#include "engine/snn/qcfs.h"

#include "engine/snn/layer_math.h"

#include "tests/engine/snn/all_executors.h"
#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("the QCFS activation is the golden one", "[snn]") {
    const auto golden = goldenJson("qcfs_activation");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const float lambda = one.at("lam").get<float>();
        std::vector<float> y = numbers(one.at("x"));
        for (float &z : y)
            z = activate(z, lambda, one.at("L").get<std::uint32_t>());
        for (const char *variant : {"old_repo_MyFloor", "new_repo_IF_T0"})
            CHECK(worst(y, numbers(one.at(variant).at("y"))) <= 1e-6 * double{lambda});
    }
    std::printf("QCFS activation: %zu golden cases\n", 2 * golden->at("cases").size());
}

TEST_CASE("the ANN twin of a converted network gives the golden logits", "[snn]") {
    for (const char *name : {"qcfs_convnet", "qcfs_convnet_bn", "cos_convnet", "srp_convnet"}) {
        const auto golden = goldenJson(name);
        if (!golden)
            return;
        const Network network = goldenNet(*golden);
        const auto twin = withActivations(network, 4);
        REQUIRE(twin);
        for (const auto &executor : allExecutors(*twin, 2)) {
            INFO(executor->name());
            REQUIRE(executor->step(numbers(golden->at("x"))));
            CHECK(worst(executor->output(), numbers(golden->at("ann_logits"))) <= 1e-5);
        }
        const auto back = withNeurons(*twin);
        REQUIRE(back);
        for (std::size_t i = 0; i < network.nodes().size(); ++i)
            CHECK(back->node(i).layer == network.node(i).layer);
    }
}

TEST_CASE("noisy activation and noise estimate are the golden ones", "[snn]") {
    const auto golden = goldenJson("nq_noise");
    if (!golden)
        return;
    const auto &noisy = golden->at("noisy_activation");
    const auto noise = numbers(noisy.at("noise"));
    std::vector<float> y = numbers(noisy.at("x"));
    for (std::size_t i = 0; i < y.size(); ++i)
        y[i] =
            noisyActivation(y[i], noisy.at("lam").get<float>(), noisy.at("L").get<std::uint32_t>(),
                            noisy.at("sigma").get<float>(), noise[i]);
    CHECK(worst(y, numbers(noisy.at("y"))) <= 1e-5);

    const auto &estimate = golden->at("sigma_estimation");
    std::vector<std::vector<float>> batches;
    for (const auto &batch : estimate.at("val_batches"))
        batches.push_back(numbers(batch));
    const auto found = estimateResidualNoise(goldenNet(estimate), batches, 2, 4, estimate.at("T"));
    REQUIRE(found);
    const std::vector<float> sigma(found->begin(), found->end());
    CHECK(worst(sigma, numbers(estimate.at("sigma_per_layer"))) <= 1e-5);
}

TEST_CASE("what is no converted network has no twin", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1})}).then("lif", Neuron::leaky(2, true));
    const Network network = builder.build().value();
    const auto twin = withActivations(network, 4);
    REQUIRE_FALSE(twin);
    CHECK(twin.error().code == ErrorCode::Unsupported);
    CHECK(twin.error().message.find("'lif'") != std::string::npos);
    NetworkBuilder relu;
    relu.add("in", InputLayer{SignalShape::of({1})}).then("relu", Activation{});
    CHECK(withNeurons(relu.build().value()).error().code == ErrorCode::Unsupported);
}
