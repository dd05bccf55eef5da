// SPDX-License-Identifier: Apache-2.0
// Charge, fire, reset; probing and masking.
#include "engine/snn/neuron_population.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace fovea {

struct NeuronPopulation::Probe {
    std::vector<float> count, leastFiring, mostSilent;
};

NeuronPopulation::NeuronPopulation(const Neuron &neuron, const SignalShape &shape,
                                   std::size_t batch)
    : neuron_(neuron), neurons_(shape.elements()) {
    const Filter synapse = neuron.synapse.value_or(Filter{0, 1});
    const Filter trace = neuron.trace.value_or(Filter{0, 1});
    numbers_ = {
        synapse.decay.expand(shape),  synapse.gain.expand(shape),   neuron.decay.expand(shape),
        neuron.gain.expand(shape),    neuron.drive.expand(shape),   neuron.threshold.expand(shape),
        neuron.resetTo.expand(shape), neuron.initial.expand(shape), neuron.amplitude.expand(shape),
        trace.decay.expand(shape),    trace.gain.expand(shape)};
    const std::size_t all = neurons_ * batch;
    potentials_.resize(all);
    starts_.resize(all);
    currents_.resize(neuron.synapse ? all : 0);
    traces_.resize(neuron.trace ? all : 0);
    mask_.resize(all);
    reset();
}

void NeuronPopulation::reset() {
    for (std::size_t i = 0; i < size(); ++i)
        starts_[i] = numbers_.initial[i % neurons_];
    std::fill(mask_.begin(), mask_.end(), std::uint8_t{1});
    spikes_ = 0;
    begin();
}

void NeuronPopulation::begin() {
    potentials_ = starts_;
    std::fill(currents_.begin(), currents_.end(), 0.0F);
    std::fill(traces_.begin(), traces_.end(), 0.0F);
    step_ = 0;
}

float NeuronPopulation::spikesAt(float charged, float threshold) const {
    if (neuron_.fire == Fire::Never)
        return 0;
    if (neuron_.maxSpikes > 1)
        return std::clamp(std::nearbyint(charged / threshold), 0.0F,
                          static_cast<float>(neuron_.maxSpikes));
    const bool fires =
        neuron_.fire == Fire::AtThreshold ? charged >= threshold : charged > threshold;
    return fires ? 1.0F : 0.0F;
}

float NeuronPopulation::advance(std::size_t i, float input, float &charged) {
    const std::size_t n = i % neurons_;
    if (neuron_.synapse) {
        currents_[i] = numbers_.synapseDecay[n] * currents_[i] + numbers_.synapseGain[n] * input;
        input = currents_[i];
    }
    if (!neuron_.stepGains.empty())
        input = neuron_.stepGains[step_] * input;
    charged = numbers_.decay[n] * potentials_[i] + numbers_.gain[n] * input + numbers_.drive[n];
    const float spikes = spikesAt(charged, numbers_.threshold[n]);
    if (spikes == 0)
        potentials_[i] = charged;
    else if (neuron_.reset == Reset::Soft)
        potentials_[i] = charged - spikes * numbers_.threshold[n];
    else
        potentials_[i] = numbers_.resetTo[n];
    return spikes;
}

void NeuronPopulation::step(std::span<const float> input, std::span<float> output) {
    assert(input.size() == size() && output.size() == size());
    assert(neuron_.stepGains.empty() || step_ < neuron_.stepGains.size());
    for (std::size_t i = 0; i < size(); ++i) {
        const std::size_t n = i % neurons_;
        float charged = 0;
        const float spikes = advance(i, input[i], charged) * static_cast<float>(mask_[i]);
        spikes_ += static_cast<std::uint64_t>(spikes);
        output[i] = neuron_.fire == Fire::Never ? charged : numbers_.amplitude[n] * spikes;
        if (neuron_.trace) {
            traces_[i] = numbers_.traceDecay[n] * traces_[i] + numbers_.traceGain[n] * output[i];
            output[i] = traces_[i];
        }
    }
    ++step_;
}

void NeuronPopulation::maskByResidual() {
    for (std::size_t i = 0; i < size(); ++i)
        mask_[i] = givesAfterResidual(potentials_[i], numbers_.threshold[i % neurons_]) ? 1 : 0;
    begin();
}

void NeuronPopulation::runProbe(std::span<const float> inputs, std::size_t steps, Probe &probe) {
    probe = {std::vector<float>(size()), std::vector<float>(size()), std::vector<float>(size())};
    for (std::size_t i = 0; i < size(); ++i) {
        // As published: a neuron that was never silent begins so high that it never will be.
        probe.leastFiring[i] = 1000 * numbers_.threshold[i % neurons_];
        probe.mostSilent[i] = -1000 * numbers_.threshold[i % neurons_];
    }
    begin();
    for (std::size_t t = 0; t < steps; ++t, ++step_)
        for (std::size_t i = 0; i < size(); ++i) {
            float charged = 0;
            const float spikes = advance(i, inputs[t * size() + i], charged);
            probe.count[i] += spikes;
            if (spikes > 0)
                probe.leastFiring[i] = std::min(probe.leastFiring[i], charged);
            else
                probe.mostSilent[i] = std::max(probe.mostSilent[i], charged);
        }
}

void NeuronPopulation::calibrate(std::span<const float> inputs, std::size_t probe,
                                 std::size_t passes) {
    assert(inputs.size() >= probe * size());
    std::vector<float> residuals, counts;
    for (std::size_t pass = 0; pass < passes; ++pass) {
        Probe seen;
        runProbe(inputs, probe, seen);
        if (pass == 0) {
            residuals = potentials_;
            counts = seen.count;
        }
        const auto k = static_cast<float>(pass);
        for (std::size_t i = 0; i < size(); ++i) {
            const float theta = numbers_.threshold[i % neurons_];
            if (residuals[i] < -k * theta && counts[i] > k && seen.count[i] > 0)
                starts_[i] -= std::max(theta, seen.leastFiring[i] - 0.999F * theta);
            else if (residuals[i] >= (k + 1) * theta)
                starts_[i] += std::max(theta, 1.001F * theta - seen.mostSilent[i]);
        }
    }
    begin();
}

}  // namespace fovea
