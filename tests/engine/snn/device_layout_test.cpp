// SPDX-License-Identifier: Apache-2.0
// What is packed, shared and never stored.
#include "engine/snn/device_layout.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("spikes of one size are packed and neurons take up what only they want", "[snn]") {
    NetworkBuilder builder;
    Neuron sized = Neuron::integrateAndFire(1, Reset::Soft);
    sized.amplitude = Parameter(std::vector<float>{1, 2, 3});
    builder.add("in", InputLayer{SignalShape::of({2, 4, 4})})
        .then("conv",
              Conv2d{{SignalShape::of({3, 2, 1, 1}), {1, 2, 3, 4, 5, 6}}, {}, {}, {}, {}, 1})
        .then("n", sized)
        .then("max", Pool2d{PoolKind::Max, {2, 2}, {2, 2}, {}, true})
        .then("up", Upsample{{2, 2}})
        .then("join", Concat{})
        .connect("n", "join")
        .then("flat", Flatten{})
        .then("out", OutputLayer{})
        .add("mean", Pool2d{PoolKind::Average, {2, 2}, {2, 2}, {}, true})
        .connect("n", "mean")
        .then("li", Neuron::leakyIntegrator(Parameter(0.5F), Parameter(1.0F)))
        .then("out2", OutputLayer{});
    const Network network = builder.build().value();
    const auto layout = layOut(network);
    const auto of = [&](const char *name) { return layout[network.find(name).value()]; };
    for (const char *name : {"n", "max", "up", "join"})
        CHECK(of(name).packed);
    for (const char *name : {"in", "mean", "li"})
        CHECK_FALSE(of(name).packed);
    CHECK(of("conv").into == network.find("n"));
    CHECK(of("mean").into == network.find("li"));
    CHECK(of("n").into == network.find("n"));
    CHECK(of("n").pitch == 3);
    CHECK(layOut(network, 16)[network.find("join").value()].pitch == 16);
    CHECK(of("max").sizes == std::vector<float>{1, 2, 3});
    CHECK(of("join").sizes == std::vector<float>{1, 2, 3, 1, 2, 3});
    for (const char *name : {"flat", "out"})
        CHECK(of(name).root == network.find("join"));
    CHECK(of("flat").channels == 6);
}

TEST_CASE("sizes of 0, numbers of spikes and traces are not packed, nor is what comes later",
          "[snn]") {
    Neuron silent;
    silent.amplitude = 0;
    Neuron many;
    many.maxSpikes = 3;
    Neuron traced;
    traced.trace = Filter{0.5F, 1};
    for (const Neuron &neuron : {silent, many, traced}) {
        NetworkBuilder builder;
        builder.add("in", InputLayer{SignalShape::of({2})})
            .then("n", neuron)
            .connect("n", "n")
            .then("flat", Flatten{});
        const auto layout = layOut(builder.build().value());
        CHECK_FALSE(layout[1].packed);
        CHECK(layout[1].kept);
        CHECK(layout[2].root == 1);
    }
}
