// SPDX-License-Identifier: Apache-2.0
// Graphs of passes that come again, buffers that grow, and what is counted without the device.
#include "engine/snn/device_network.h"

#include "engine/snn/reference_executor.h"

#include "tests/engine/snn/dyadic_network.h"
#include "tests/fakes/test_devices.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("a pass that comes again is launched as one", "[snn][cuda]") {
    const Network network = DyadicNetwork(11).make();
    long calls = 0;
    DeviceNetwork device(network, 1, pretended({}, &calls)().value());
    ReferenceExecutor reference(network, 1);
    std::vector<long> of;
    DyadicNetwork random(3);
    for (int step = 0; step < 4; ++step) {
        const auto input = random.values(reference.inputSize());
        const long before = calls;
        device.step(input);
        of.push_back(calls - before);
        REQUIRE(reference.step(input));
        REQUIRE(device.result());
        CHECK(std::ranges::equal(device.output(0), reference.output()));
    }
    // A call of the pretended device is counted for every kernel of a graph, but not its counters.
    CHECK(of[2] == of[3]);
    CHECK(of[1] > of[2]);
}

TEST_CASE("windows of any length follow steps and steps follow windows", "[snn][cuda]") {
    const Network network = DyadicNetwork(4).make();
    for (const TestDevice &one : testDevices()) {
        DeviceNetwork device(network, 2, one.open().value());
        ReferenceExecutor reference(network, 2);
        DyadicNetwork random(8);
        for (const std::size_t steps : {1U, 8U, 9U, 30U, 3U}) {
            INFO(one.name << ", " << steps << " steps");
            const auto inputs = random.values(steps * reference.inputSize());
            device.reset();
            CHECK(device.window(inputs, {steps, 0, 1}) ==
                  reference.window(inputs, {steps, 0, 1}).value());
            const auto input = random.values(reference.inputSize());
            device.step(input);
            REQUIRE(reference.step(input));
            CHECK(std::ranges::equal(device.output(0), reference.output()));
        }
    }
}

TEST_CASE("multiply-adds of analog inputs are known beforehand", "[snn][cuda]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1, 3, 3})})
        .then("conv", Conv2d{{SignalShape::of({2, 1, 3, 3}), std::vector<float>(18, 1)},
                             {},
                             {},
                             {1, 1, 1, 1},
                             {},
                             1})
        .then("n", Neuron{})
        .then("flat", Flatten{})
        .then("lin", Linear{{SignalShape::of({5, 18}), std::vector<float>(90, 1)}, {}});
    const Network network = builder.build().value();
    DeviceNetwork device(network, 1, pretended({})().value());
    CHECK(device.multiplies(1) == 2 * (4 * 4 + 4 * 6 + 9));
    CHECK(device.multiplies(4) == 0);
}
