// SPDX-License-Identifier: Apache-2.0
// What every executor refuses, shown on the reference.
#include "engine/snn/executor.h"

#include "engine/snn/reference_executor.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("wrong inputs are refused and leave the executor usable", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2, 3, 4})}).then("n", Neuron{});
    const Network network = builder.build().value();
    ReferenceExecutor executor(network, 2);
    CHECK(executor.inputSize() == 48);
    CHECK(executor.step(std::vector<float>(47)).error().code == ErrorCode::InvalidArgument);
    CHECK(executor.window(std::vector<float>(47), {}).error().code == ErrorCode::InvalidArgument);
    CHECK_FALSE(executor.window(std::vector<float>(48), {0, 0, 1}));
    CHECK_FALSE(executor.window(std::vector<float>(48), {2, 3, 1}));
    std::uint64_t plane = 1;
    const std::vector<const std::uint64_t *> planes = {&plane, &plane, nullptr, &plane};
    CHECK(executor.stepPlanes(planes).error().message.find("lost") != std::string::npos);
    CHECK_FALSE(executor.stepPlanes(std::span(planes).first(3)));
    CHECK(executor.windowPlanes(planes, {}).error().message.find("lost") != std::string::npos);
    CHECK_FALSE(executor.windowPlanes(std::span(planes).first(3), {}));
    CHECK(executor.step(std::vector<float>(48, 1)));
    CHECK(executor.output()[47] == 1);
}

TEST_CASE("a network with gains per step ends with them", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1})}).then("n", Neuron::decaying(1, {1, 2}));
    const Network network = builder.build().value();
    ReferenceExecutor executor(network, 1);
    const std::vector<float> x = {1};
    CHECK(executor.step(x));
    CHECK(executor.step(x));
    CHECK(executor.step(x).error().message.find("2 steps") != std::string::npos);
    executor.reset();
    CHECK(executor.step(x));
    CHECK_FALSE(executor.window(x, {3, 0, 1}));
}
