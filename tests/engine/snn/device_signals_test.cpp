// SPDX-License-Identifier: Apache-2.0
// State and counts come down in the order of the network.
#include "engine/snn/device_network.h"

#include "tests/fakes/test_devices.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("snapshots are in C order, sample by sample", "[snn][cuda]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2, 1, 3})})
        .then("n", Neuron::integrateAndFire(Parameter(100.0F), Reset::Soft))
        .then("lin", Flatten{});
    const Network network = builder.build().value();
    for (const TestDevice &one : testDevices()) {
        DeviceNetwork device(network, 2, one.open().value());
        std::vector<float> input(12);
        for (std::size_t i = 0; i < 12; ++i)
            input[i] = static_cast<float>(i);
        input[7] = 107;
        device.step(input);
        const NeuronSnapshot shot = device.snapshot(1);
        input[7] = 7;
        CHECK(shot.potentials == input);
        CHECK(shot.starts == std::vector<float>(12, 0));
        CHECK(shot.mask == std::vector<std::uint8_t>(12, 1));
        const auto counts = device.counts();
        CHECK(counts[1].spikes == 1);
        CHECK(counts[1].values == 6);
        CHECK(counts[0].spikes == 0);
        CHECK(device.result());
    }
}
