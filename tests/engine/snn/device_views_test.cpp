// SPDX-License-Identifier: Apache-2.0
// Packed signals read as numbers, and one neuron against the reference.
#include "engine/snn/device_views.h"

#include "engine/snn/neuron_population.h"

#include "tests/engine/snn/dyadic_network.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::snn_bodies;

TEST_CASE("a byte is eight steps of spikes of its channel's size", "[snn][cuda]") {
    const float sizes[] = {1, 0.5F};
    std::vector<std::uint8_t> bits(2 * 3 * 16 * 2);
    bits[(1 * 3 + 2) * 16 + 1] = 0b10000101;  // sample 1, place 2, channel 1
    SignalView view{};
    view.bits = bits.data();
    view.sizes = {sizes, 1, 0};
    view.places = 3;
    view.channelStride = 1;
    view.placeStride = 16;
    view.sampleStride = 48;
    view.passStride = 96;
    float values[8];
    view.read(1, 1 * 3 + 2, 8, values);
    CHECK(std::vector<float>(values, values + 8) ==
          std::vector<float>{0.5F, 0, 0.5F, 0, 0, 0, 0, 0.5F});
    CHECK(view.readBits(1, 5) == 0b10000101);
    view.read(0, 5, 8, values);
    CHECK(std::count(values, values + 8, 0.0F) == 8);
    bits[96] = 1;
    view.later(1).read(0, 0, 8, values);
    CHECK(values[0] == 1);
}

TEST_CASE("numbers that are alike in all steps are read once for all", "[snn][cuda]") {
    const float numbers[] = {1, 2, 3, 4};
    SignalView view{};
    view.numbers = numbers;
    view.places = 1;
    view.channelStride = 1;
    view.stepStride = 2;
    float values[4];
    view.read(0, 1, 2, values);
    CHECK(std::vector<float>(values, values + 4) == std::vector<float>{2, 4, 0, 0});
    view.stepStride = 0;
    view.read(0, 1, 4, values);
    CHECK(std::vector<float>(values, values + 4) == std::vector<float>(4, 2));
}

TEST_CASE("a neuron in registers is a neuron of the reference", "[snn][cuda]") {
    test::DyadicNetwork random(4);
    for (int round = 0; round < 60; ++round) {
        Neuron neuron = random.neuron();
        neuron.stepGains.clear();
        neuron.trace.reset();
        const SignalShape shape = SignalShape::of({1});
        if (!neuron.threshold.uniform() || !check(neuron, shape))
            continue;
        NeuronPopulation reference(neuron, shape, 1);
        const auto view = [](const Parameter &parameter) {
            return ParameterView{parameter.values().data(), 0, 0};
        };
        const Filter synapse = neuron.synapse.value_or(Filter{0, 1});
        float there = 0;
        NeuronView numbers{};
        numbers.synapseDecay = view(synapse.decay);
        numbers.synapseGain = view(synapse.gain);
        numbers.decay = view(neuron.decay);
        numbers.gain = view(neuron.gain);
        numbers.drive = view(neuron.drive);
        numbers.threshold = view(neuron.threshold);
        numbers.resetTo = view(neuron.resetTo);
        numbers.currents = neuron.synapse ? &there : nullptr;
        numbers.maxSpikes = neuron.maxSpikes;
        numbers.fire = neuron.fire == Fire::Never            ? FireRule::Never
                       : neuron.fire == Fire::AboveThreshold ? FireRule::AboveThreshold
                                                             : FireRule::AtThreshold;
        numbers.hard = neuron.reset == Reset::Hard;
        NeuronLane lane(numbers, 0, 0);
        lane.potential = neuron.initial.values()[0];
        for (const float x : random.values(40, 2)) {
            float charged = 0;
            float given = 0;
            const float spikes = lane.advance(numbers, x, 0, charged);
            reference.step(std::span(&x, 1), std::span(&given, 1));
            CHECK(lane.potential == reference.potentials()[0]);
            CHECK(given ==
                  (neuron.fire == Fire::Never ? charged : neuron.amplitude.values()[0] * spikes));
        }
    }
}
