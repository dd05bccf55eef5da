// SPDX-License-Identifier: Apache-2.0
// Order, recurrent edges and what is no network.
#include "engine/snn/network.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

Linear linear(std::uint32_t out, std::uint32_t in) {
    return {{SignalShape::of({out, in}), std::vector<float>(std::size_t{out} * in)}, {}};
}

void refused(NetworkBuilder &builder, const std::string &part) {
    const auto network = builder.build();
    REQUIRE_FALSE(network);
    INFO(network.error().message);
    CHECK(network.error().message.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("nodes are put in order whatever the order they come in", "[snn]") {
    NetworkBuilder builder;
    builder.add("out", OutputLayer{}).add("b", Neuron{}).add("lin", linear(3, 4));
    builder.add("a", Neuron{}).add("in", InputLayer{SignalShape::of({4})}).add("sum", Add{});
    builder.connect("a", "lin").connect("in", "a").connect("b", "sum").connect("lin", "b");
    builder.connect("lin", "sum").connect("sum", "out");
    const Network network = builder.build().value();
    REQUIRE(network.nodes().size() == 6);
    CHECK(network.node(0).name == "in");
    CHECK_FALSE(network.recurrent());
    CHECK(network.outputs().size() == 1);
    CHECK(network.outputShape() == SignalShape::of({3}));
    for (std::uint32_t i = 0; i < 6; ++i)
        for (const Source &source : network.node(i).sources)
            CHECK(source.node < i);
    CHECK(network.node(*network.find("a")).spikes);
    CHECK_FALSE(network.node(*network.find("lin")).spikes);
    CHECK_FALSE(network.node(*network.find("sum")).spikes);
    CHECK_FALSE(network.find("none"));
}

TEST_CASE("an edge that leads back carries the step before", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({4})}).then("n", Neuron{}).then("w", linear(4, 4));
    builder.connect("w", "n").connect("n", "n").add("out", OutputLayer{}).connect("n", "out");
    const Network network = builder.build().value();
    CHECK(network.recurrent());
    const Node &node = network.node(*network.find("n"));
    REQUIRE(node.sources.size() == 3);
    CHECK_FALSE(node.sources[0].previousStep);
    CHECK(node.sources[1].previousStep);
    CHECK(node.sources[2].previousStep);
}

TEST_CASE("without an Output the ends are the outputs", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({4})}).then("n", Neuron{});
    CHECK(builder.build().value().outputs().size() == 1);
    NetworkBuilder alone;
    alone.add("in", InputLayer{SignalShape::of({4})});
    CHECK(alone.build().value().outputShape() == SignalShape::of({4}));
}

TEST_CASE("the fewest gains bound the steps", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({4})}).then("a", Neuron::decaying(1, {1, 2, 3}));
    builder.then("b", Neuron::decaying(1, {1, 2})).then("c", Neuron{});
    CHECK(builder.build().value().maxSteps() == 2);
}

TEST_CASE("fan-out counts the places within the picture", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1, 1, 4})})
        .then("conv", Conv2d{{SignalShape::of({5, 1, 1, 3}), std::vector<float>(15)},
                             {},
                             {1, 2},
                             {0, 1, 0, 1},
                             {},
                             1})
        .then("flat", Flatten{})
        .then("lin", linear(3, 10));
    const Network network = builder.build().value();
    // Outputs see columns (-1, 0, 1) and (1, 2, 3).
    CHECK(network.fanOut(1) == std::vector<std::uint32_t>{5, 10, 5, 5});
    CHECK(network.fanOut(2).empty());
    CHECK(network.fanOut(3) == std::vector<std::uint32_t>{3});
}

TEST_CASE("what is no network is refused with its node", "[snn]") {
    const auto input = [] {
        NetworkBuilder builder;
        builder.add("in", InputLayer{SignalShape::of({4})});
        return builder;
    };
    NetworkBuilder none;
    refused(none, "exactly one Input");
    NetworkBuilder two = input();
    refused(two.add("in2", InputLayer{SignalShape::of({4})}), "exactly one Input");
    NetworkBuilder twice = input();
    refused(twice.then("n", Neuron{}).then("n", Neuron{}), "'n'");
    NetworkBuilder empty = input();
    refused(empty.then("", Neuron{}), "names");
    NetworkBuilder dangling = input();
    refused(dangling.connect("in", "gone"), "no node 'gone'");
    NetworkBuilder doubled = input();
    refused(doubled.then("n", Neuron{}).connect("in", "n"), "twice");
    NetworkBuilder island = input();
    refused(island.add("n", Neuron{}), "'n': nothing leads to it");
    NetworkBuilder circle = input();
    refused(circle.then("a", Add{}).then("b", linear(4, 4)).connect("b", "a"), "circle");
    NetworkBuilder self = input();
    refused(self.connect("in", "in"), "into an Input");
    NetworkBuilder intoInput = input();
    refused(intoInput.then("n", Neuron{}).connect("n", "in"), "into an Input");
    NetworkBuilder after = input();
    refused(after.then("out", OutputLayer{}).then("n", Neuron{}), "leaves an Output");
    NetworkBuilder sizes = input();
    refused(sizes.then("w", linear(3, 5)), "node 'w' (Linear): weight");
    NetworkBuilder back = input();
    refused(back.then("n", Neuron{}).then("w", linear(3, 4)).connect("w", "n"), "recurrent edge");
    NetworkBuilder joined = input();
    refused(joined.then("n", Neuron{}).then("j", Concat{}).connect("j", "j"), "circle");
}

TEST_CASE("a long chain needs no deep stack", "[snn]") {
    NetworkBuilder builder;
    builder.add("0", InputLayer{SignalShape::of({1})});
    for (int i = 1; i < 60000; ++i)
        builder.then(std::to_string(i), Add{});
    CHECK(builder.build().value().nodes().size() == 60000);
    for (int i = 60000; i < 66000; ++i)
        builder.then(std::to_string(i), Add{});
    refused(builder, "nodes, allowed");
}
