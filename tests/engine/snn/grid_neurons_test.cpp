// SPDX-License-Identifier: Apache-2.0
// Neurons in the layout of spikes against the oracle's.
#include "engine/snn/grid_neurons.h"

#include "engine/core/random.h"
#include "engine/snn/neuron_population.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace fovea;

namespace {

constexpr std::size_t batch = 2;
constexpr std::size_t steps = 6;
const SignalShape shape = SignalShape::of({18, 2, 3});

std::vector<float> randomInput(std::size_t count) {
    Random random(9);
    std::vector<float> input(count);
    for (float &x : input)
        x = static_cast<float>(random.uniform(-0.5, 1.2));
    return input;
}

Neuron varied() {
    Neuron neuron = Neuron::leaky(1.7F, true, 0.1F);
    Random random(4);
    std::vector<float> thresholds(shape.elements()), starts(shape.channels());
    for (float &one : thresholds)
        one = static_cast<float>(random.uniform(0.3, 1));
    for (float &one : starts)
        one = static_cast<float>(random.uniform(-0.3, 0.3));
    neuron.threshold = Parameter(std::move(thresholds));
    neuron.initial = Parameter(std::move(starts));
    neuron.amplitude = 2;
    return neuron;
}

/// Runs all steps at once; what comes out, as numbers.
std::vector<float> runAll(GridNeurons &neurons, const std::vector<float> &input) {
    const std::size_t size = batch * shape.elements();
    CurrentGrid currents;
    currents.reshape(spikeGridOf(shape), batch, steps);
    for (std::size_t t = 0; t < steps; ++t)
        currents.take(t, std::span(input).subspan(t * size, size));
    std::vector<float> same(size);
    currents.give(0, same);
    CHECK(std::ranges::equal(same, std::span(input).first(size)));
    SpikeGrid out(spikeGridOf(shape), batch, 2);
    out.setSteps(steps);
    neurons.run(currents, out);
    std::vector<float> values(steps * size);
    out.toValues(values);
    return values;
}

std::vector<float> runAll(NeuronPopulation &neurons, const std::vector<float> &input) {
    std::vector<float> output(input.size());
    for (std::size_t at = 0; at < input.size(); at += neurons.size())
        neurons.step(std::span(input).subspan(at, neurons.size()),
                     std::span(output).subspan(at, neurons.size()));
    return output;
}

}  // namespace

TEST_CASE("neurons with numbers of their own step as the oracle's", "[snn]") {
    const auto input = randomInput(steps * batch * shape.elements());
    for (const Reset reset : {Reset::Hard, Reset::Soft}) {
        Neuron neuron = varied();
        neuron.reset = reset;
        REQUIRE(GridNeurons::can(neuron));
        GridNeurons grid(neuron, shape, batch);
        NeuronPopulation oracle(neuron, shape, batch);
        for (int round = 0; round < 2; ++round) {
            CHECK(runAll(grid, input) == runAll(oracle, input));
            const NeuronSnapshot found = grid.snapshot();
            CHECK(std::ranges::equal(found.potentials, oracle.potentials()));
            CHECK(std::ranges::equal(found.starts, oracle.starts()));
        }
        grid.maskByResidual();
        oracle.maskByResidual();
        CHECK(std::ranges::equal(grid.snapshot().mask, oracle.mask()));
        CHECK(runAll(grid, input) == runAll(oracle, input));
        grid.reset();
        oracle.reset();
        CHECK(runAll(grid, input) == runAll(oracle, input));
    }
}

TEST_CASE("calibration is the oracle's", "[snn]") {
    const auto input = randomInput(steps * batch * shape.elements());
    const Neuron neuron = Neuron::qcfs(0.5F);
    GridNeurons grid(neuron, shape, batch);
    NeuronPopulation oracle(neuron, shape, batch);
    CurrentGrid currents;
    currents.reshape(spikeGridOf(shape), batch, steps);
    const std::size_t size = batch * shape.elements();
    for (std::size_t t = 0; t < steps; ++t)
        currents.take(t, std::span(input).subspan(t * size, size));
    grid.calibrate(currents, steps, 2);
    oracle.calibrate(input, steps, 2);
    CHECK(std::ranges::equal(grid.snapshot().starts, oracle.starts()));
    CHECK(std::ranges::equal(grid.snapshot().potentials, oracle.potentials()));
}

TEST_CASE("neurons that need more than a bit are refused", "[snn]") {
    Neuron neuron;
    CHECK(GridNeurons::can(neuron));
    neuron.trace = Filter{0.5F, 1};
    CHECK_FALSE(GridNeurons::can(neuron));
    CHECK_FALSE(GridNeurons::can(Neuron::currentBased(0.5F, 0.75F)));
    CHECK_FALSE(GridNeurons::can(Neuron::integerLeaky(2, 3)));
    CHECK_FALSE(GridNeurons::can(Neuron::leakyIntegrator(0.5F, 1)));
}
