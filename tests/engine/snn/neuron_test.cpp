// SPDX-License-Identifier: Apache-2.0
// Numbers of the models and what is refused.
#include "engine/snn/neuron.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace fovea;

TEST_CASE("a parameter is one number, one a channel or one a neuron", "[snn]") {
    const SignalShape shape = SignalShape::of({2, 3});
    CHECK(Parameter({4, 4, 4}).uniform());
    CHECK(Parameter({4, 4, 4}) == Parameter(4));
    CHECK(Parameter({1, 2}).expand(shape) == std::vector<float>{1, 1, 1, 2, 2, 2});
    CHECK(Parameter({1, 2, 3, 4, 5, 6}).at(4, shape) == 5);
    CHECK(Parameter(7).at(5, shape) == 7);
    CHECK_FALSE(Parameter({1, 2, 3}).fits(shape));
    CHECK_FALSE(Parameter(std::vector<float>{}).fits(shape));
}

TEST_CASE("every model has its name", "[snn]") {
    CHECK(modelName(Neuron::integrateAndFire(1, Reset::Hard)) == "IF");
    CHECK(modelName(Neuron::qcfs(3)) == "IF");
    CHECK(modelName(Neuron::leaky(2, true)) == "LIF");
    CHECK(modelName(Neuron::parametricLeaky(0, false)) == "LIF");
    CHECK(modelName(Neuron::decaying(0.5F, {1, 2})) == "DLIF");
    CHECK(modelName(Neuron::currentBased(0.5F, 0.75F)) == "CubaLIF");
    CHECK(modelName(Neuron::leakyIntegrator(0.5F, 1)) == "LI");
    CHECK(modelName(Neuron::leakyIntegrator(1, 2)) == "I");
    CHECK(modelName(Neuron::integerLeaky(2, 4)) == "integer LIF");
    CHECK(modelName(Neuron::decaying(0)) == "Threshold");
}

TEST_CASE("a QCFS neuron begins at half its threshold and gives it out", "[snn]") {
    const Neuron neuron = Neuron::qcfs(Parameter({1, 3}));
    CHECK(neuron.initial == Parameter({0.5F, 1.5F}));
    CHECK(neuron.amplitude == neuron.threshold);
    CHECK(neuron.reset == Reset::Soft);
}

TEST_CASE("numbers that cannot be are refused by field", "[snn]") {
    const SignalShape shape = SignalShape::of({4});
    const auto refused = [&](const Neuron &neuron, const std::string &field) {
        const auto result = check(neuron, shape);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == ErrorCode::InvalidArgument);
        CHECK(result.error().message.find(field) != std::string::npos);
    };
    CHECK(check(Neuron::qcfs(2), shape));
    refused(Neuron::qcfs(0), "threshold");
    refused(Neuron::qcfs(Parameter({1, 2, 3})), "threshold");
    refused(Neuron::leaky(0, true), "decay");
    refused(Neuron::decaying(1, {1, std::numeric_limits<float>::infinity()}), "gain per step");
    Neuron neuron;
    neuron.synapse = Filter{std::numeric_limits<float>::quiet_NaN(), 1};
    refused(neuron, "synapse decay");
    neuron = {};
    neuron.maxSpikes = 256;
    refused(neuron, "spikes a step");
    neuron = {};
    neuron.initial = Parameter({1, 2, 3, 4, 5});
    refused(neuron, "initial");
}
