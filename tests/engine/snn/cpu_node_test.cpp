// SPDX-License-Identifier: Apache-2.0
// Which nodes give spikes, and that what never changes is computed once.
#include "engine/snn/cpu_node.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("spikes stay packed from neurons through pools into layers", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1, 4, 4})})
        .then("conv", Conv2d{{SignalShape::of({2, 1, 1, 1}), {1, 2}}, {}, {}, {}, {}, 1})
        .then("n", Neuron::integrateAndFire(1, Reset::Soft))
        .then("pool", Pool2d{PoolKind::Max, {2, 2}, {2, 2}, {}, true})
        .then("flat", Flatten{})
        .then("lin", Linear{{SignalShape::of({1, 8}), std::vector<float>(8, 1)}, {}})
        .then("out", OutputLayer{});
    const Network network = builder.build().value();
    CpuNodes nodes(network, 1, Precision::Int8, nullptr);
    nodes.slot(0).values.assign(16, 0.5F);
    for (std::size_t i = 1; i < network.nodes().size(); ++i)
        nodes.run(i, {4, 0, 1});
    CHECK(nodes.slot(*network.find("n")).spikes != nullptr);
    CHECK(&nodes.slot(*network.find("flat")) == &nodes.slot(*network.find("pool")));
    CHECK(nodes.slot(*network.find("pool")).spikes != nullptr);
    CpuSlot &out = nodes.slot(*network.find("out"));
    CHECK(out.step(0)[0] == 4);  // the second channel fires in every step
    CHECK(out.step(1)[0] == 8);  // the first in every other
    CHECK(nodes.layer(*network.find("conv"))->check().precision == Precision::Fp32);
    CHECK(nodes.layer(*network.find("lin"))->check().precision == Precision::Int8);
    CHECK(nodes.activity(*network.find("conv")).multiplies == 4 * 32);
    CHECK(nodes.activity(*network.find("n")).spikes == 16 * (4 + 2));
    CHECK(nodes.activity(*network.find("lin")).additions == 4 * (4 + 2));
}

TEST_CASE("what comes of an input that never changes is kept once", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({3})})
        .then("scale", Scale{2, 1})
        .then("lin", Linear{{SignalShape::of({2, 3}), std::vector<float>(6, 1)}, {}});
    const Network network = builder.build().value();
    CpuNodes nodes(network, 1, Precision::Fp32, nullptr);
    nodes.slot(0).values = {1, 2, 3};
    nodes.run(1, {5, 0, 1});
    nodes.run(2, {5, 0, 1});
    CHECK(nodes.slot(1).constant(5));
    CHECK(nodes.slot(2).values == std::vector<float>{15, 15});
    CHECK(nodes.slot(2).step(4)[1] == 15);
    CHECK(nodes.activity(2).multiplies == 5 * 6);
}
