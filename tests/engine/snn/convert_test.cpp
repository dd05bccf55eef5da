// SPDX-License-Identifier: Apache-2.0
// Conversion: the same sums after folding, thresholds where they belong, twins side by side.
#include "engine/snn/convert.h"

#include "engine/core/random.h"
#include "engine/snn/qcfs.h"
#include "engine/snn/reference_executor.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace fovea;

namespace {

std::vector<float> randoms(std::size_t count, std::uint64_t seed, float scale = 1) {
    Random random(seed);
    std::vector<float> values(count);
    for (float &value : values)
        value = scale * (static_cast<float>(random.below(2001)) / 1000 - 1);
    return values;
}

Conv2d conv(std::uint32_t outputs, std::uint32_t inputs, std::uint64_t seed) {
    return {{SignalShape::of({outputs, inputs, 3, 3}), randoms(outputs * inputs * 9UL, seed, 0.5F)},
            {},
            {},
            {1, 1, 1, 1},
            {},
            1};
}

std::vector<float> run(const Network &network, std::uint64_t seed = 9) {
    ReferenceExecutor executor(network, 1);
    REQUIRE(executor.step(randoms(executor.inputSize(), seed)));
    return {executor.output().begin(), executor.output().end()};
}

double worst(const Network &a, const Network &b) {
    const auto left = run(a);
    const auto right = run(b);
    REQUIRE(left.size() == right.size());
    double most = 0;
    for (std::size_t i = 0; i < left.size(); ++i)
        most = std::max(most, std::abs(double{left[i]} - double{right[i]}));
    return most;
}

Scale scale(std::size_t channels, std::uint64_t seed) {
    return {Parameter(randoms(channels, seed)), Parameter(randoms(channels, seed + 1))};
}

/// conv, QCFS or ReLU, pool, flatten, linear
Network classifier(const Activation &activation, PoolKind kind) {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1, 4, 4})})
        .then("conv", conv(3, 1, 1))
        .then("act", activation)
        .then("pool", Pool2d{kind, {2, 2}, {2, 2}, {}, true})
        .then("flat", Flatten{})
        .then("linear", Linear{{SignalShape::of({5, 12}), randoms(60, 3)}, {}})
        .then("out", OutputLayer{});
    return builder.build().value();
}

}  // namespace

TEST_CASE("scales are folded into what stands around them", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2, 4, 4})})
        .then("first", scale(2, 10))
        .then("conv", conv(4, 2, 1))
        .then("norm", scale(4, 12))
        .then("act", Activation{})
        .then("up",
              ConvTranspose2d{
                  {SignalShape::of({4, 2, 2, 2}), randoms(32, 2)}, {}, {2, 2}, {}, {}, {0, 0}, 2})
        .then("again", scale(4, 14))
        .then("flat", Flatten{})
        .then("all", Scale{Parameter(randoms(256, 16)), Parameter(randoms(256, 17))})
        .then("linear", Linear{{SignalShape::of({5, 256}), randoms(1280, 3)}, {}})
        .then("bias", Scale{1.0F, Parameter(randoms(5, 18))})
        .then("out", OutputLayer{});
    const Network network = builder.build().value();
    const auto folded = foldScales(network);
    REQUIRE(folded);
    for (const Node &node : folded->nodes())
        CHECK_FALSE(std::holds_alternative<Scale>(node.layer));
    CHECK(folded->find("first"));  // a 1x1 convolution
    CHECK_FALSE(folded->find("norm"));
    CHECK(worst(network, *folded) < 1e-4);
}

TEST_CASE("a scale that another layer needs is left", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1, 4, 4})})
        .then("conv", conv(1, 1, 1))
        .then("norm", Scale{2.0F, 0.0F})
        .then("sum", Add{})
        .then("out", OutputLayer{});
    builder.connect("conv", "sum");
    const Network network = builder.build().value();
    const auto folded = foldScales(network);
    REQUIRE(folded);
    CHECK(folded->find("norm"));
    CHECK(worst(network, *folded) < 1e-6);
}

TEST_CASE("max pools become average pools, by name", "[snn]") {
    std::vector<std::string> names;
    const auto average = withAveragePools(classifier({}, PoolKind::Max), names);
    REQUIRE(average);
    CHECK(names == std::vector<std::string>{"pool"});
    CHECK(worst(*average, classifier({}, PoolKind::Average)) == 0);
}

TEST_CASE("thresholds are percentiles of the positive activations", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1000})})
        .then("relu", Activation{})
        .then("out", OutputLayer{});
    const Network network = builder.build().value();
    CHECK(reluLayers(network) == std::vector<std::string>{"relu"});
    std::vector<float> samples(2000, -5);
    for (std::size_t i = 0; i < 1000; ++i)
        samples[2 * i] = static_cast<float>(i + 1);
    for (const double percentile : {50.0, 99.0, 99.9, 100.0}) {
        const auto measured = withMeasuredThresholds(network, samples, percentile, 8);
        REQUIRE(measured);
        const auto &activation = std::get<Activation>(measured->node(1).layer);
        CHECK(activation.levels == 8);
        CHECK(activation.lambda.at(0, network.inputShape()) ==
              Approx(percentile * 10).epsilon(0.002));
        CHECK(reluLayers(*measured).empty());
    }
    CHECK(withMeasuredThresholds(network, samples, 0, 8).error().code ==
          ErrorCode::InvalidArgument);
    CHECK(withMeasuredThresholds(network, std::span(samples).first(999), 99, 8).error().code ==
          ErrorCode::InvalidArgument);
    const auto dead = withMeasuredThresholds(network, std::vector<float>(1000, -1), 99, 8);
    CHECK(dead.error().code == ErrorCode::Unsupported);
    CHECK(dead.error().message.find("'relu'") != std::string::npos);
}

TEST_CASE("with T = L the first layer of the twins is the same", "[snn]") {
    const Network ann = classifier({4, 1.0F, INFINITY}, PoolKind::Average);
    const Network spiking = withNeurons(ann).value();
    const auto samples = randoms(20 * 16, 5);
    const auto layers = compareTwins(ann, spiking, samples, 4);
    REQUIRE(layers);
    REQUIRE(layers->size() == 2);
    const LayerComparison &first = layers->front();
    CHECK(first.name == "act");
    CHECK(first.neurons == 48);
    CHECK(first.threshold == 1);
    CHECK(first.difference < 1e-6);
    CHECK(first.ann > 0.05);
    CHECK(first.clipped > 0);
    CHECK(layers->back().name == "out");
    CHECK(layers->back().difference < 1e-5);
    // Fewer steps than levels cannot give them all.
    CHECK(compareTwins(ann, spiking, samples, 2)->front().difference > 0.01);
    CHECK_FALSE(compareTwins(ann, classifier({}, PoolKind::Max), {}, 4));
}
