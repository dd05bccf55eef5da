// SPDX-License-Identifier: Apache-2.0
// Node after node, step after step.
#include "engine/snn/reference_executor.h"

#include <algorithm>

namespace fovea {

namespace {

using Spans = std::vector<std::span<const float>>;

/// One step of `size` values of a longer run; a run of one step stands for all.
std::span<const float> oneStep(std::span<const float> run, std::size_t step, std::size_t size) {
    return run.size() == size ? run : run.subspan(step * size, size);
}

}  // namespace

ReferenceExecutor::ReferenceExecutor(const Network &network, std::size_t batch)
    : Executor(network, batch) {
    states_.reserve(network.nodes().size());
    for (std::size_t i = 0; i < network.nodes().size(); ++i)
        states_.push_back({ReferenceNode(network, i, batch),
                           std::vector<float>(batch * network.node(i).shape.elements())});
}

void ReferenceExecutor::doReset() {
    for (State &state : states_) {
        state.node.reset();
        std::fill(state.values.begin(), state.values.end(), 0.0F);
    }
    steps_ = 0;
}

std::span<const float> ReferenceExecutor::output(std::size_t which) const {
    return values(network().outputs()[which]);
}

std::span<const float> ReferenceExecutor::values(std::size_t index) const {
    return states_[index].values;
}

NeuronSnapshot ReferenceExecutor::snapshot(std::size_t index) const {
    return states_[index].node.snapshot();
}

std::vector<NodeActivity> ReferenceExecutor::activity() const {
    std::vector<NodeActivity> all;
    for (const State &state : states_)
        all.push_back(state.node.activity());
    all[0].steps = steps_ * batch();
    return all;
}

void ReferenceExecutor::doStep(std::span<const float> input) {
    std::copy(input.begin(), input.end(), states_[0].values.begin());
    ++steps_;
    Spans sources;
    for (std::size_t i = 1; i < states_.size(); ++i) {
        sources.clear();
        // The source of a recurrent edge comes later in the order: it still holds the step before.
        for (const Source &source : network().node(i).sources)
            sources.emplace_back(states_[source.node].values);
        states_[i].node.step(sources, states_[i].values);
    }
}

void ReferenceExecutor::doMaskByResidual() {
    for (State &state : states_) {
        state.node.maskByResidual();
        std::fill(state.values.begin(), state.values.end(), 0.0F);
    }
}

std::vector<float> ReferenceExecutor::doWindow(std::span<const float> inputs,
                                               const WindowSettings &settings) {
    const auto nodes = network().nodes();
    std::vector<std::size_t> lastUse(nodes.size(), 0);
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const Source &source : nodes[i].sources)
            lastUse[source.node] = i;
    const std::size_t wanted = network().outputs()[0];
    std::vector<std::vector<float>> runs(nodes.size());
    runs[0].assign(inputs.begin(), inputs.end());
    steps_ = settings.steps;
    std::copy(inputs.end() - static_cast<std::ptrdiff_t>(inputSize()), inputs.end(),
              states_[0].values.begin());
    for (std::size_t i = 1; i < nodes.size(); ++i) {
        State &state = states_[i];
        const std::size_t size = state.values.size();
        runs[i].resize(settings.steps * size);
        const auto sourcesAt = [&](std::size_t t) {
            Spans sources;
            for (const Source &source : nodes[i].sources)
                sources.push_back(
                    oneStep(runs[source.node], t, states_[source.node].values.size()));
            return sources;
        };
        if (state.node.neurons() != nullptr && settings.probe > 0 &&
            std::get<Neuron>(nodes[i].layer).fire != Fire::Never) {
            std::vector<float> currents;
            for (std::size_t t = 0; t < settings.probe; ++t) {
                const auto sum = state.node.gather(sourcesAt(t));
                currents.insert(currents.end(), sum.begin(), sum.end());
            }
            state.node.neurons()->calibrate(currents, settings.probe, settings.passes);
        }
        for (std::size_t t = 0; t < settings.steps; ++t)
            state.node.step(sourcesAt(t), std::span(runs[i]).subspan(t * size, size));
        std::copy(runs[i].end() - static_cast<std::ptrdiff_t>(size), runs[i].end(),
                  state.values.begin());
        for (const Source &source : nodes[i].sources)
            if (lastUse[source.node] == i && source.node != wanted)
                runs[source.node] = {};
    }
    if (wanted == 0 && inputs.size() == inputSize())
        for (std::size_t t = 1; t < settings.steps; ++t)
            runs[0].insert(runs[0].end(), inputs.begin(), inputs.end());
    return std::move(runs[wanted]);
}

}  // namespace fovea
