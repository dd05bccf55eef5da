// SPDX-License-Identifier: Apache-2.0
// Neurons against the published implementations, and by hand where there is none.
#include "engine/snn/neuron_population.h"

#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace fovea;
using namespace fovea::test;

namespace {

std::vector<float> run(NeuronPopulation &neurons, const std::vector<float> &input) {
    std::vector<float> output(input.size());
    const std::size_t size = neurons.size();
    for (std::size_t at = 0; at < input.size(); at += size)
        neurons.step(std::span(input).subspan(at, size), std::span(output).subspan(at, size));
    return output;
}

NeuronPopulation population(const Neuron &neuron, std::size_t neurons) {
    const SignalShape shape = SignalShape::of({static_cast<std::uint32_t>(neurons)});
    REQUIRE(check(neuron, shape));
    return {neuron, shape, 1};
}

}  // namespace

TEST_CASE("QCFS IF neurons equal the golden runs", "[snn]") {
    const auto golden = goldenJson("qcfs_if_neuron");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const auto x = numbers(one.at("x"));
        const std::size_t steps = one.at("T");
        const std::size_t count = x.size() / steps;
        const bool exact = one.at("kind") == "exact";
        auto neurons = population(Neuron::qcfs(one.at("lam").get<float>()), count);
        const auto potentials = numbers(one.at("v_after"));
        std::vector<float> output(x.size());
        for (std::size_t t = 0; t < steps; ++t) {
            neurons.step(std::span(x).subspan(t * count, count),
                         std::span(output).subspan(t * count, count));
            CHECK(worst(neurons.potentials(), std::span(potentials).subspan(t * count, count)) <=
                  (exact ? 0 : 1e-5));
        }
        CHECK(worst(output, numbers(one.at("out"))) <= (exact ? 0 : 1e-6));
        std::uint64_t spikes = 0;
        for (const auto &part : one.at("spike_count"))
            spikes += part.get<std::uint64_t>();
        CHECK(neurons.spikes() == spikes);
    }
    std::printf("QCFS IF: %zu golden cases\n", golden->at("cases").size());
}

TEST_CASE("LIF and DLIF equal the golden runs", "[snn]") {
    const auto golden = goldenJson("mppd_lif_dlif");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const auto x = numbers(one.at("x_TB_C"));
        const std::size_t steps = one.at("T");
        Neuron neuron = Neuron::decaying(one.at("tau").get<float>());
        if (one.at("kind") == "DLIF")
            neuron.stepGains = numbers(one.at("p"));
        else
            REQUIRE(one.at("kind") == "LIF");
        CHECK(modelName(neuron) == one.at("kind").get<std::string>());
        neuron.threshold = one.at("thresh").get<float>();
        auto neurons = population(neuron, x.size() / steps);
        CHECK(run(neurons, x) == numbers(one.at("spikes")));
    }
    std::printf("LIF, DLIF: %zu golden cases\n", golden->at("cases").size());
}

TEST_CASE("LIF with a synapse behind it equals the golden runs", "[snn]") {
    const auto golden = goldenJson("timing_lif_bptt_tsslbp");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const auto x = numbers(one.at("x"));
        const std::size_t steps = one.at("T");
        const bool spikes = one.at("neuron") == "spike";
        for (const bool above : {false, true}) {
            const float tauS = one.at("tau_s").get<float>();
            Neuron neuron = Neuron::leaky(one.at("tau_m").get<float>(), false);
            neuron.threshold = one.at("threshold").get<float>();
            neuron.reset = one.at("soft").get<bool>() ? Reset::Soft : Reset::Hard;
            neuron.fire = above ? Fire::AboveThreshold : Fire::AtThreshold;
            if (!spikes)
                neuron.trace = Filter{1 - 1 / tauS, 1 / tauS};
            auto neurons = population(neuron, x.size() / steps);
            const auto found = run(neurons, x);
            CHECK(worst(found, numbers(one.at(above ? "tsslbp" : "bptt").at("y"))) <= 1e-5);
        }
    }
    std::printf("LIF with synapse: %zu golden cases\n", 2 * golden->at("cases").size());
}

TEST_CASE("a leaky integrator filters as the golden input filter", "[snn]") {
    const auto golden = goldenJson("timing_losses");
    if (!golden)
        return;
    const auto &psp = golden->at("psp");
    const float tau = psp.at("tau_s").get<float>();
    const auto x = numbers(psp.at("x"));
    auto neurons = population(Neuron::leakyIntegrator(1 - 1 / tau, 1 / tau), 4);
    CHECK(worst(run(neurons, x), numbers(psp.at("y"))) <= 1e-5);
}

TEST_CASE("COS shifts starts as the golden runs", "[snn]") {
    const auto golden = goldenJson("cos_neuron");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const float lambda = one.at("lam").get<float>();
        const auto x = numbers(one.at("x"));
        const std::size_t steps = one.at("T");
        const std::size_t count = x.size() / steps;
        auto neurons = population(Neuron::qcfs(lambda), count);
        neurons.calibrate(x, one.at("rho").get<std::size_t>(), 1);
        std::vector<float> starts = numbers(one.at("v_init_over_theta"));
        for (float &start : starts)
            start *= lambda;
        CHECK(worst(neurons.starts(), starts) <= 1e-5);
        const auto output = run(neurons, x);
        CHECK(worst(output, numbers(one.at("out"))) <= (one.at("kind") == "float" ? 1e-6 : 0));
    }
    std::printf("COS: %zu golden cases\n", golden->at("cases").size());
}

TEST_CASE("a second COS pass takes away the second spike too many", "[snn]") {
    // The worked example of one pass: z = (.9, .9, -.9, -.9) has 2 spikes, the ANN none.
    const std::vector<float> x = {0.9F, 0.9F, -0.9F, -0.9F};
    for (const auto &[passes, spikes] : {std::pair{1U, 1.0F}, std::pair{2U, 0.0F}}) {
        auto neurons = population(Neuron::qcfs(1), 1);
        neurons.calibrate(x, 4, passes);
        float sum = 0;
        for (const float spike : run(neurons, x))
            sum += spike;
        CHECK(sum == spikes);
    }
}

TEST_CASE("SRP masks as the golden runs", "[snn]") {
    const auto golden = goldenJson("srp_neuron");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const auto x = numbers(one.at("x"));
        const std::size_t tau = one.at("tau");
        const std::size_t steps = one.at("T");
        const std::size_t count = x.size() / (tau + steps);
        auto neurons = population(Neuron::qcfs(one.at("lam").get<float>()), count);
        const auto split = x.begin() + static_cast<std::ptrdiff_t>(tau * count);
        const double tolerance = one.at("kind") == "float" ? 1e-6 : 0;
        CHECK(worst(run(neurons, {x.begin(), split}), numbers(one.at("stage1_out"))) <= tolerance);
        neurons.maskByResidual();
        const auto mask = neurons.mask();
        CHECK(std::vector<float>(mask.begin(), mask.end()) == numbers(one.at("mask")));
        CHECK(worst(run(neurons, {split, x.end()}), numbers(one.at("stage2_out"))) <= tolerance);
    }
    std::printf("SRP: %zu golden cases\n", golden->at("cases").size());
}

TEST_CASE("leaky neurons of both conventions step by hand", "[snn]") {
    // tau 2, rest 0.5: h = v + (x - (v - rest)) / 2 and h = v - (v - rest) / 2 + x
    for (const bool decayInput : {true, false}) {
        auto neurons = population(Neuron::leaky(2, decayInput, 0.5F), 1);
        float v = 0.5F;
        for (const float x : {0.25F, 0.75F, 1.5F, -0.25F, 0.5F}) {
            const float h = decayInput ? v + (x - (v - 0.5F)) / 2 : v - (v - 0.5F) / 2 + x;
            float spike = 0;
            neurons.step(std::span(&x, 1), std::span(&spike, 1));
            CHECK(spike == (h >= 1 ? 1.0F : 0.0F));
            v = h >= 1 ? 0.5F : h;
            CHECK(neurons.potentials()[0] == v);
        }
    }
    const Neuron parametric = Neuron::parametricLeaky(-std::log(1.0F), true);
    CHECK(parametric.decay.all(0.5F));
}

TEST_CASE("at the threshold or above it", "[snn]") {
    Neuron neuron = Neuron::integrateAndFire(1, Reset::Hard);
    auto at = population(neuron, 1);
    CHECK(run(at, {1.0F}) == std::vector<float>{1});
    neuron.fire = Fire::AboveThreshold;
    auto above = population(neuron, 1);
    CHECK(run(above, {1.0F, 0.5F, 0.5F}) == std::vector<float>{0, 1, 0});
}

TEST_CASE("integer neurons give several spikes and halves go to even", "[snn]") {
    auto neurons = population(Neuron::integerLeaky(1, 4), 1);
    CHECK(run(neurons, {2.5F, 3.5F, 9, -3}) == std::vector<float>{2, 4, 4, 0});
    CHECK(neurons.spikes() == 10);
}

TEST_CASE("a current based neuron integrates its current", "[snn]") {
    Neuron neuron = Neuron::currentBased(0.5F, 0.75F);
    neuron.fire = Fire::Never;
    auto neurons = population(neuron, 1);
    CHECK(run(neurons, {1, 0, 0}) == std::vector<float>{1, 1.25F, 1.1875F});
}

TEST_CASE("reset makes all runs alike, and samples are apart", "[snn]") {
    const SignalShape shape = SignalShape::of({2});
    NeuronPopulation both(Neuron::qcfs(Parameter({1.0F, 2.0F})), shape, 2);
    const std::vector<float> x = {0.7F, 0.7F, 0.2F, 1.9F};
    const auto first = run(both, {x[0], x[1], x[2], x[3], x[0], x[1], x[2], x[3]});
    CHECK(first == std::vector<float>{1, 0, 0, 2, 0, 2, 0, 2});
    both.reset();
    CHECK(both.spikes() == 0);
    CHECK(run(both, {x[0], x[1], x[2], x[3], x[0], x[1], x[2], x[3]}) == first);
}
