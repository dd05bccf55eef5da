// SPDX-License-Identifier: Apache-2.0
// Neurons with a synapse, forward and both ways back, against the goldens.
#include "engine/train/timing_steps.h"

#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("BPTT and TSSL-BP are the goldens'", "[train]") {
    const auto golden = goldenJson("timing_lif_bptt_tsslbp");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const TimingNeuron neuron{one.at("tau_m").get<float>(), one.at("tau_s").get<float>(),
                                  one.at("threshold").get<float>(), one.at("soft").get<bool>(),
                                  one.at("neuron") == "spike"};
        const auto steps = one.at("T").get<std::size_t>();
        const auto input = numbers(one.at("x"));
        const auto gradient = numbers(one.at("grad_out"));
        for (const auto &[name, rule] :
             {std::pair("bptt", TimingRule::Activation), std::pair("tsslbp", TimingRule::Timing)}) {
            const TimingTrace trace = runTiming(neuron, rule, input, steps);
            INFO(name << ", soft " << neuron.soft << ", spikes " << neuron.givesSpikes);
            REQUIRE(worst(trace.output, numbers(one.at(name).at("y"))) <= 1e-5);
            REQUIRE(worst(unrollTiming(neuron, rule, trace, gradient, steps),
                          numbers(one.at(name).at("grad_x"))) <= 2e-4);
        }
    }
}

TEST_CASE("input goes through its synapse as in the golden", "[train]") {
    const auto golden = goldenJson("timing_losses");
    if (!golden)
        return;
    const auto &psp = golden->at("psp");
    REQUIRE(
        worst(synapticInput(numbers(psp.at("x")), psp.at("x").size(), psp.at("tau_s").get<float>()),
              numbers(psp.at("y"))) <= 1e-6);
}

TEST_CASE("a neuron that gives spikes gives 0 or 1", "[train]") {
    TimingNeuron neuron;
    neuron.givesSpikes = true;
    const std::vector<float> input{1, 0, 2};
    REQUIRE(runTiming(neuron, TimingRule::Activation, input, 3).output ==
            std::vector<float>{1, 0, 1});
    REQUIRE(runTiming(neuron, TimingRule::Timing, input, 3).output == std::vector<float>{0, 0, 1});
}
