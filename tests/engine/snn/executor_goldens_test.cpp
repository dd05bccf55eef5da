// SPDX-License-Identifier: Apache-2.0
// The golden neurons as networks of one layer, on every executor.
#include "tests/engine/snn/all_executors.h"
#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

Network alone(const Neuron &neuron, std::size_t count) {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({static_cast<std::uint32_t>(count)})})
        .then("n", neuron);
    return builder.build().value();
}

std::vector<float> allSteps(Executor &executor, std::span<const float> inputs) {
    std::vector<float> all;
    for (std::size_t at = 0; at < inputs.size(); at += executor.inputSize()) {
        REQUIRE(executor.step(inputs.subspan(at, executor.inputSize())));
        all.insert(all.end(), executor.output().begin(), executor.output().end());
    }
    return all;
}

}  // namespace

TEST_CASE("QCFS IF neurons equal the golden runs on every executor", "[snn]") {
    const auto golden = goldenJson("qcfs_if_neuron");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const auto x = numbers(one.at("x"));
        const std::size_t count = x.size() / one.at("T").get<std::size_t>();
        const double tolerance = one.at("kind") == "exact" ? 0 : 1e-5;
        const auto potentials = numbers(one.at("v_after"));
        std::uint64_t spikes = 0;
        for (const auto &part : one.at("spike_count"))
            spikes += part.get<std::uint64_t>();
        const Network network = alone(Neuron::qcfs(one.at("lam").get<float>()), count);
        for (const auto &executor : allExecutors(network, 1)) {
            INFO(executor->name());
            const auto output = executor->window(x, {x.size() / count, 0, 1});
            REQUIRE(output);
            CHECK(worst(*output, numbers(one.at("out"))) <= tolerance);
            CHECK(worst(executor->snapshot(1).potentials, std::span(potentials).last(count)) <=
                  tolerance);
            CHECK(executor->activity()[1].spikes == spikes);
        }
    }
}

TEST_CASE("LIF and DLIF equal the golden runs on every executor", "[snn]") {
    const auto golden = goldenJson("mppd_lif_dlif");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const auto x = numbers(one.at("x_TB_C"));
        const std::size_t count = x.size() / one.at("T").get<std::size_t>();
        Neuron neuron = Neuron::decaying(one.at("tau").get<float>());
        if (one.at("kind") == "DLIF")
            neuron.stepGains = numbers(one.at("p"));
        neuron.threshold = one.at("thresh").get<float>();
        const Network network = alone(neuron, count);
        for (const auto &executor : allExecutors(network, 1)) {
            INFO(executor->name());
            CHECK(allSteps(*executor, x) == numbers(one.at("spikes")));
            CHECK(executor->window(x, {x.size() / count, 0, 1}).value() ==
                  numbers(one.at("spikes")));
        }
    }
}

TEST_CASE("LIF with and without a synapse behind it equals the golden runs on every executor",
          "[snn]") {
    const auto golden = goldenJson("timing_lif_bptt_tsslbp");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases"))
        for (const bool above : {false, true}) {
            const auto x = numbers(one.at("x"));
            const float tauS = one.at("tau_s").get<float>();
            Neuron neuron = Neuron::leaky(one.at("tau_m").get<float>(), false);
            neuron.threshold = one.at("threshold").get<float>();
            neuron.reset = one.at("soft").get<bool>() ? Reset::Soft : Reset::Hard;
            neuron.fire = above ? Fire::AboveThreshold : Fire::AtThreshold;
            if (one.at("neuron") != "spike")
                neuron.trace = Filter{1 - 1 / tauS, 1 / tauS};
            const Network network = alone(neuron, x.size() / one.at("T").get<std::size_t>());
            for (const auto &executor : allExecutors(network, 1)) {
                INFO(executor->name());
                CHECK(worst(allSteps(*executor, x),
                            numbers(one.at(above ? "tsslbp" : "bptt").at("y"))) <= 1e-5);
            }
        }
}

TEST_CASE("COS shifts starts as the golden runs on every executor", "[snn]") {
    const auto golden = goldenJson("cos_neuron");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const float lambda = one.at("lam").get<float>();
        const auto x = numbers(one.at("x"));
        const std::size_t count = x.size() / one.at("T").get<std::size_t>();
        std::vector<float> starts = numbers(one.at("v_init_over_theta"));
        for (float &start : starts)
            start *= lambda;
        const Network network = alone(Neuron::qcfs(lambda), count);
        for (const auto &executor : allExecutors(network, 1)) {
            INFO(executor->name());
            const auto output =
                executor->window(x, {x.size() / count, one.at("rho").get<std::size_t>(), 1});
            REQUIRE(output);
            CHECK(worst(executor->snapshot(1).starts, starts) <= 1e-5);
            CHECK(worst(*output, numbers(one.at("out"))) <= (one.at("kind") == "float" ? 1e-6 : 0));
        }
    }
}

TEST_CASE("SRP masks as the golden runs on every executor", "[snn]") {
    const auto golden = goldenJson("srp_neuron");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases")) {
        const auto x = numbers(one.at("x"));
        const std::size_t tau = one.at("tau");
        const std::size_t count = x.size() / (tau + one.at("T").get<std::size_t>());
        const double tolerance = one.at("kind") == "float" ? 1e-6 : 0;
        const Network network = alone(Neuron::qcfs(one.at("lam").get<float>()), count);
        for (const auto &executor : allExecutors(network, 1)) {
            INFO(executor->name());
            CHECK(worst(allSteps(*executor, std::span(x).first(tau * count)),
                        numbers(one.at("stage1_out"))) <= tolerance);
            REQUIRE(executor->maskByResidual());
            const auto mask = executor->snapshot(1).mask;
            CHECK(std::vector<float>(mask.begin(), mask.end()) == numbers(one.at("mask")));
            CHECK(worst(allSteps(*executor, std::span(x).subspan(tau * count)),
                        numbers(one.at("stage2_out"))) <= tolerance);
        }
    }
}
