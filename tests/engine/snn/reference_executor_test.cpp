// SPDX-License-Identifier: Apache-2.0
// Whole networks step by step and layer by layer.
#include "engine/snn/reference_executor.h"

#include "engine/core/random.h"

#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

std::vector<float> randomValues(std::size_t count, Random &random) {
    std::vector<float> values(count);
    for (float &value : values)
        value = static_cast<float>(static_cast<double>(random.below(33)) / 16 - 0.75);
    return values;
}

/// conv, neurons, a branch that is delayed, added and joined.
Network branched() {
    Random random(7);
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2, 5, 6})})
        .then("conv", Conv2d{{SignalShape::of({4, 1, 3, 3}), randomValues(36, random)},
                             {},
                             {2, 1},
                             {1, 1, 1, 1},
                             {},
                             2})
        .then("a", Neuron::integrateAndFire(0.75F, Reset::Soft))
        .then("late", Delay{Parameter(2)})
        .then("sum", Add{})
        .connect("a", "sum")
        .then("join", Concat{})
        .connect("a", "join")
        .then("pool", Pool2d{PoolKind::Max, {2, 2}, {1, 2}, {}, true})
        .then("flat", Flatten{})
        .then("lin", Linear{{SignalShape::of({3, 48}), randomValues(144, random)}, {}})
        .then("b", Neuron::integrateAndFire(1, Reset::Soft))
        .then("out", OutputLayer{});
    return builder.build().value();
}

}  // namespace

TEST_CASE("the golden conv nets give the golden logits in every step", "[snn]") {
    for (const char *name : {"qcfs_convnet", "qcfs_convnet_bn"}) {
        const auto golden = goldenJson(name);
        if (!golden)
            return;
        const Network network = goldenNet(*golden);
        ReferenceExecutor executor(network, 2);
        const auto x = numbers(golden->at("x"));
        for (const auto &logits : golden->at("snn_step_logits")) {
            REQUIRE(executor.step(x));
            CHECK(worst(executor.output(), numbers(logits)) <= 1e-5);
        }
    }
}

TEST_CASE("a window is the steps in another order", "[snn]") {
    const Network network = branched();
    ReferenceExecutor stepping(network, 2);
    ReferenceExecutor window(network, 2);
    Random random(3);
    const auto inputs = randomValues(9 * stepping.inputSize(), random);
    std::vector<float> steps;
    for (std::size_t t = 0; t < 9; ++t) {
        REQUIRE(stepping.step(
            std::span(inputs).subspan(t * stepping.inputSize(), stepping.inputSize())));
        steps.insert(steps.end(), stepping.output().begin(), stepping.output().end());
    }
    const auto whole = window.window(inputs, {9, 0, 1});
    REQUIRE(whole);
    CHECK(*whole == steps);
    CHECK(std::count(steps.begin(), steps.end(), 1.0F) > 3);
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        INFO(network.node(node).name);
        CHECK(std::ranges::equal(stepping.values(node), window.values(node)));
        CHECK(stepping.activity()[node].steps == window.activity()[node].steps);
        CHECK(stepping.activity()[node].additions == window.activity()[node].additions);
        CHECK(stepping.activity()[node].spikes == window.activity()[node].spikes);
    }
    stepping.reset();
    CHECK(stepping.activity()[1].multiplies == 0);
    REQUIRE(stepping.step(std::span(inputs).first(stepping.inputSize())));
    CHECK(std::ranges::equal(stepping.output(), std::span(steps).first(stepping.outputSize())));
}

TEST_CASE("one constant input stands for all steps of a window", "[snn]") {
    const Network network = branched();
    ReferenceExecutor executor(network, 1);
    Random random(5);
    const auto input = randomValues(executor.inputSize(), random);
    std::vector<float> repeated;
    for (int t = 0; t < 4; ++t)
        repeated.insert(repeated.end(), input.begin(), input.end());
    CHECK(executor.window(input, {4, 0, 1}).value() ==
          executor.window(repeated, {4, 0, 1}).value());
}

TEST_CASE("planes are the same as their bits as numbers", "[snn]") {
    const Network network = branched();
    ReferenceExecutor bits(network, 2);
    ReferenceExecutor values(network, 2);
    Random random(11);
    for (int t = 0; t < 5; ++t) {
        std::vector<std::uint64_t> words(4);
        std::vector<const std::uint64_t *> planes;
        std::vector<float> input;
        for (std::uint64_t &word : words) {
            word = random() & ((std::uint64_t{1} << 30) - 1);
            planes.push_back(&word);
            for (std::size_t i = 0; i < 30; ++i)
                input.push_back(testBit(&word, i) ? 1.0F : 0.0F);
        }
        REQUIRE(bits.stepPlanes(planes));
        REQUIRE(values.step(input));
        CHECK(std::ranges::equal(bits.output(), values.output()));
    }
}

TEST_CASE("a recurrent edge carries the step before", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1})})
        .then("n", Neuron::integrateAndFire(1, Reset::Soft))
        .then("back", Linear{{SignalShape::of({1, 1}), {0.5F}}, {}})
        .connect("back", "n")
        .add("out", OutputLayer{})
        .connect("n", "out");
    const Network network = builder.build().value();
    REQUIRE(network.recurrent());
    ReferenceExecutor executor(network, 1);
    std::vector<float> found;
    for (const float x : {1.0F, 0.5F, 0.5F, 0.0F, 0.0F}) {
        REQUIRE(executor.step(std::span(&x, 1)));
        found.push_back(executor.output()[0]);
    }
    CHECK(found == std::vector<float>{1, 1, 1, 0, 0});
    CHECK(executor.window(std::vector<float>{1}, {2, 0, 1}).error().code == ErrorCode::Unsupported);
}

TEST_CASE("the operations of spikes and of numbers are counted apart", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1, 3, 3})})
        .then("conv", Conv2d{{SignalShape::of({2, 1, 3, 3}), std::vector<float>(18, 1)},
                             {},
                             {},
                             {1, 1, 1, 1},
                             {},
                             1})
        .then("n", Neuron::integrateAndFire(100, Reset::Soft))
        .then("flat", Flatten{})
        .then("lin", Linear{{SignalShape::of({5, 18}), std::vector<float>(90, 1)}, {}});
    const Network network = builder.build().value();
    ReferenceExecutor executor(network, 1);
    std::vector<float> x(9, 0);
    x[4] = 100;  // every place sees the middle, so all 18 neurons fire
    REQUIRE(executor.step(x));
    const auto activity = executor.activity();
    CHECK(activity[1].multiplies == 2 * (4 * 4 + 4 * 6 + 9));  // taps within the picture
    CHECK(activity[1].additions == 0);
    CHECK(activity[2].spikes == 18);
    CHECK(activity[2].rate() == 1);
    CHECK(activity[4].additions == 18 * 5);
    CHECK(energyMicrojoules(activity) == Approx((98 * 4.6 + 90 * 0.9) * 1e-6));
}
