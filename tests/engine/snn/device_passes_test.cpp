// SPDX-License-Identifier: Apache-2.0
// Planes, numbers and one input for all steps give the same passes.
#include "engine/snn/device_network.h"

#include "tests/engine/snn/dyadic_network.h"
#include "tests/fakes/test_devices.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

/// Two channels of 9 x 8; a pool and a convolution look at the input itself.
Network ofPlanes() {
    DyadicNetwork random(2);
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2, 9, 8})})
        .then("pool", Pool2d{PoolKind::Max, {2, 2}, {1, 1}, {1, 0, 0, 0}, true})
        .add("conv", Conv2d{{SignalShape::of({3, 2, 2, 1}), random.values(12)}, {}, {}, {}, {}, 1})
        .connect("in", "conv")
        .then("sum", Pool2d{PoolKind::Sum, {1, 2}, {1, 1}, {}, true})
        .then("n", Neuron::integrateAndFire(Parameter(0.5F), Reset::Soft))
        .add("flat", Flatten{})
        .connect("in", "flat")
        .then("lin", Linear{{SignalShape::of({4, 144}), random.values(576)}, random.values(4)});
    return builder.build().value();
}

}  // namespace

TEST_CASE("planes are the same as their bits as numbers, one after the other", "[snn][cuda]") {
    const Network network = ofPlanes();
    for (const TestDevice &one : testDevices()) {
        DeviceNetwork bits(network, 2, one.open().value());
        DeviceNetwork numbers(network, 2, one.open().value());
        Random random(9);
        for (int step = 0; step < 5; ++step) {
            std::vector<std::uint64_t> words(8);
            std::vector<const std::uint64_t *> planes;
            std::vector<float> input;
            for (std::size_t p = 0; p < 4; ++p) {
                words[2 * p] = random();
                words[2 * p + 1] = random() & 255U;
                planes.push_back(&words[2 * p]);
                for (std::size_t i = 0; i < 72; ++i)
                    input.push_back(testBit(planes[p], i) ? 1.0F : 0.0F);
            }
            bits.stepPlanes(planes);
            numbers.step(input);
            for (std::size_t o = 0; o < network.outputs().size(); ++o)
                CHECK(std::ranges::equal(bits.output(o), numbers.output(o)));
            CHECK(std::ranges::any_of(bits.output(2), [](float v) { return v != 0; }));
        }
        CHECK(bits.result());
        CHECK(numbers.result());
    }
}

TEST_CASE("one input stands for all steps of a window, calibrated or not", "[snn][cuda]") {
    const Network network = ofPlanes();
    for (const TestDevice &one : testDevices()) {
        DeviceNetwork device(network, 2, one.open().value());
        DyadicNetwork random(6);
        const auto input = random.values(288);
        std::vector<float> repeated;
        for (int t = 0; t < 11; ++t)
            repeated.insert(repeated.end(), input.begin(), input.end());
        for (const std::size_t probe : {0U, 10U}) {
            device.reset();
            const auto once = device.window(input, {11, probe, 1});
            device.reset();
            CHECK(once == device.window(repeated, {11, probe, 1}));
            CHECK(once.size() == 11 * device.output(0).size());
        }
    }
}
