// SPDX-License-Identifier: Apache-2.0
// Node after node, step after step.
#include "engine/snn/reference_executor.h"

#include "engine/snn/layer_math.h"

#include <algorithm>

namespace fovea {

namespace {

using Spans = std::vector<std::span<const float>>;

/// One step of `size` values of a longer run; a run of one step stands for all.
std::span<const float> stepOf(std::span<const float> run, std::size_t step, std::size_t size) {
    return run.size() == size ? run : run.subspan(step * size, size);
}

}  // namespace

ReferenceExecutor::ReferenceExecutor(const Network &network, std::size_t batch)
    : Executor(network, batch), states_(network.nodes().size()) {
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const Node &node = network.node(i);
        State &state = states_[i];
        state.values.resize(batch * node.shape.elements());
        state.fanOut = network.fanOut(i);
        if (const auto *neuron = std::get_if<Neuron>(&node.layer))
            state.neurons.emplace(*neuron, node.shape, batch);
        if (const auto *layer = std::get_if<Delay>(&node.layer)) {
            const auto steps = layer->steps.values();
            state.historySteps =
                static_cast<std::size_t>(*std::max_element(steps.begin(), steps.end())) + 1;
            state.history.resize(state.historySteps * state.values.size());
        }
    }
    doReset();
}

void ReferenceExecutor::doReset() {
    for (std::size_t i = 0; i < states_.size(); ++i) {
        State &state = states_[i];
        std::fill(state.values.begin(), state.values.end(), 0.0F);
        std::fill(state.history.begin(), state.history.end(), 0.0F);
        state.steps = 0;
        state.activity = {static_cast<std::uint32_t>(i), state.values.size() / batch(), 0, 0, 0, 0};
        if (state.neurons)
            state.neurons->reset();
    }
}

std::span<const float> ReferenceExecutor::output(std::size_t which) const {
    return values(network().outputs()[which]);
}

std::span<const float> ReferenceExecutor::values(std::size_t index) const {
    return states_[index].values;
}

NeuronSnapshot ReferenceExecutor::snapshot(std::size_t index) const {
    const NeuronPopulation &neurons = states_[index].neurons.value();
    return {{neurons.potentials().begin(), neurons.potentials().end()},
            {neurons.starts().begin(), neurons.starts().end()},
            {neurons.mask().begin(), neurons.mask().end()}};
}

std::vector<NodeActivity> ReferenceExecutor::activity() const {
    std::vector<NodeActivity> all;
    for (const State &state : states_) {
        all.push_back(state.activity);
        all.back().steps = state.steps * batch();
        all.back().spikes = state.neurons ? state.neurons->spikes() : 0;
    }
    return all;
}

std::span<const float> ReferenceExecutor::gather(std::size_t index,
                                                 std::span<const std::span<const float>> sources) {
    const bool ownValues = network().node(index).sources[0].node == index;
    if (sources.size() == 1 && !ownValues)
        return sources[0];
    sum_.assign(sources[0].begin(), sources[0].end());
    for (const std::span<const float> source : sources.subspan(1))
        for (std::size_t i = 0; i < sum_.size(); ++i)
            sum_[i] += source[i];
    return sum_;
}

void ReferenceExecutor::count(std::size_t index, std::span<const float> input) {
    const Node &node = network().node(index);
    State &state = states_[index];
    const std::size_t places = state.fanOut.size();
    if (places == 0)
        return;
    const bool spikes = std::all_of(node.sources.begin(), node.sources.end(),
                                    [&](const Source &s) { return network().node(s.node).spikes; });
    std::uint64_t &operations = spikes ? state.activity.additions : state.activity.multiplies;
    for (std::size_t i = 0; i < input.size(); ++i)
        if (!spikes || input[i] != 0)
            operations += state.fanOut[i % places];
}

void ReferenceExecutor::delay(std::size_t index, std::span<const float> input,
                              std::span<float> output) {
    State &state = states_[index];
    const SignalShape &shape = network().node(index).shape;
    const Parameter &steps = std::get<Delay>(network().node(index).layer).steps;
    const std::size_t now = state.steps % state.historySteps;
    std::copy(input.begin(), input.end(),
              state.history.begin() + static_cast<std::ptrdiff_t>(now * input.size()));
    for (std::size_t i = 0; i < input.size(); ++i) {
        const auto back = static_cast<std::size_t>(steps.at(i % shape.elements(), shape));
        const std::size_t slot = (now + state.historySteps - back) % state.historySteps;
        output[i] = state.history[slot * input.size() + i];
    }
}

void ReferenceExecutor::concatenate(std::span<const std::span<const float>> sources,
                                    std::span<float> output) const {
    float *at = output.data();
    for (std::size_t sample = 0; sample < batch(); ++sample)
        for (std::size_t s = 0; s < sources.size(); ++s) {
            const std::size_t size = sources[s].size() / batch();
            at = std::copy_n(sources[s].data() + sample * size, size, at);
        }
}

void ReferenceExecutor::evaluate(std::size_t index, std::span<const std::span<const float>> sources,
                                 std::span<float> output) {
    const Node &node = network().node(index);
    State &state = states_[index];
    if (std::holds_alternative<Concat>(node.layer)) {
        concatenate(sources, output);
    } else {
        const std::span<const float> input = gather(index, sources);
        count(index, input);
        if (state.neurons)
            state.neurons->step(input, output);
        else if (std::holds_alternative<Delay>(node.layer))
            delay(index, input, output);
        else {
            const SignalShape &from = network().node(node.sources[0].node).shape;
            const std::size_t in = from.elements();
            const std::size_t out = node.shape.elements();
            for (std::size_t sample = 0; sample < batch(); ++sample)
                computeLayer(node.layer, from, node.shape, input.subspan(sample * in, in),
                             output.subspan(sample * out, out));
        }
    }
    ++state.steps;
}

void ReferenceExecutor::doStep(std::span<const float> input) {
    std::copy(input.begin(), input.end(), states_[0].values.begin());
    ++states_[0].steps;
    Spans sources;
    for (std::size_t i = 1; i < states_.size(); ++i) {
        sources.clear();
        // The source of a recurrent edge comes later in the order: it still holds the step before.
        for (const Source &source : network().node(i).sources)
            sources.emplace_back(states_[source.node].values);
        evaluate(i, sources, states_[i].values);
    }
}

void ReferenceExecutor::doStepPlanes(PlanePointers planes) {
    const std::size_t pixels = network().inputShape().channelElements();
    unpacked_.resize(inputSize());
    for (std::size_t p = 0; p < planes.size(); ++p)
        for (std::size_t i = 0; i < pixels; ++i)
            unpacked_[p * pixels + i] = testBit(planes[p], i) ? 1.0F : 0.0F;
    doStep(unpacked_);
}

void ReferenceExecutor::doMaskByResidual() {
    for (State &state : states_) {
        std::fill(state.values.begin(), state.values.end(), 0.0F);
        std::fill(state.history.begin(), state.history.end(), 0.0F);
        if (state.neurons)
            state.neurons->maskByResidual();
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
    states_[0].steps = settings.steps;
    std::copy(inputs.end() - static_cast<std::ptrdiff_t>(inputSize()), inputs.end(),
              states_[0].values.begin());
    for (std::size_t i = 1; i < nodes.size(); ++i) {
        State &state = states_[i];
        const std::size_t size = state.values.size();
        runs[i].resize(settings.steps * size);
        const auto sourcesAt = [&](std::size_t t) {
            Spans sources;
            for (const Source &source : nodes[i].sources)
                sources.push_back(stepOf(runs[source.node], t, states_[source.node].values.size()));
            return sources;
        };
        if (state.neurons && settings.probe > 0 &&
            std::get<Neuron>(nodes[i].layer).fire != Fire::Never) {
            std::vector<float> currents;
            for (std::size_t t = 0; t < settings.probe; ++t) {
                const auto sum = gather(i, sourcesAt(t));
                currents.insert(currents.end(), sum.begin(), sum.end());
            }
            state.neurons->calibrate(currents, settings.probe, settings.passes);
        }
        for (std::size_t t = 0; t < settings.steps; ++t)
            evaluate(i, sourcesAt(t), std::span(runs[i]).subspan(t * size, size));
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
