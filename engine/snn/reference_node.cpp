// SPDX-License-Identifier: Apache-2.0
// Summing, computing, remembering, counting: one step of one node.
#include "engine/snn/reference_node.h"

#include "engine/snn/layer_math.h"

#include <algorithm>
#include <numeric>

namespace fovea {

ReferenceNode::ReferenceNode(const Network &network, std::size_t index, std::size_t batch)
    : network_(network), index_(index), batch_(batch), fanOut_(network.fanOut(index)) {
    if (const auto *neuron = std::get_if<Neuron>(&node().layer))
        neurons_.emplace(*neuron, node().shape, batch);
    if (const auto *layer = std::get_if<Delay>(&node().layer)) {
        const auto steps = layer->steps.values();
        historySteps_ = static_cast<std::size_t>(*std::max_element(steps.begin(), steps.end())) + 1;
        history_.resize(historySteps_ * batch * node().shape.elements());
    }
}

void ReferenceNode::reset() {
    std::fill(history_.begin(), history_.end(), 0.0F);
    steps_ = 0;
    additions_ = multiplies_ = 0;
    if (neurons_)
        neurons_->reset();
}

void ReferenceNode::maskByResidual() {
    std::fill(history_.begin(), history_.end(), 0.0F);
    if (neurons_)
        neurons_->maskByResidual();
}

NeuronSnapshot ReferenceNode::snapshot() const {
    const NeuronPopulation &neurons = neurons_.value();
    return {{neurons.potentials().begin(), neurons.potentials().end()},
            {neurons.starts().begin(), neurons.starts().end()},
            {neurons.mask().begin(), neurons.mask().end()}};
}

NodeActivity ReferenceNode::activity() const {
    return {static_cast<std::uint32_t>(index_),
            node().shape.elements(),
            steps_ * batch_,
            neurons_ ? neurons_->spikes() : 0,
            additions_,
            multiplies_};
}

void ReferenceNode::note(std::size_t steps, std::uint64_t additions) {
    steps_ += steps;
    additions_ += additions;
}

std::span<const float> ReferenceNode::gather(Sources sources) {
    const bool ownValues = node().sources[0].node == index_;
    if (sources.size() == 1 && !ownValues)
        return sources[0];
    sum_.assign(sources[0].begin(), sources[0].end());
    for (const std::span<const float> source : sources.subspan(1))
        for (std::size_t i = 0; i < sum_.size(); ++i)
            sum_[i] += source[i];
    return sum_;
}

void ReferenceNode::count(std::span<const float> input, std::size_t times) {
    const std::size_t places = fanOut_.size();
    if (!takesSpikes(network_, index_)) {
        countNumbers(input.size(), times);
        return;
    }
    std::uint64_t operations = 0;
    for (std::size_t i = 0; places > 0 && i < input.size(); i += places)
        for (std::size_t place = 0; place < places; ++place)
            operations += input[i + place] != 0 ? fanOut_[place] : 0;
    additions_ += operations * times;
}

void ReferenceNode::countNumbers(std::size_t values, std::size_t times) {
    if (!fanOut_.empty())
        multiplies_ += std::accumulate(fanOut_.begin(), fanOut_.end(), std::uint64_t{0}) *
                       (values / fanOut_.size()) * times;
}

void ReferenceNode::delay(std::span<const float> input, std::span<float> output) {
    const SignalShape &shape = node().shape;
    const Parameter &steps = std::get<Delay>(node().layer).steps;
    const std::size_t now = steps_ % historySteps_;
    std::copy(input.begin(), input.end(),
              history_.begin() + static_cast<std::ptrdiff_t>(now * input.size()));
    for (std::size_t i = 0; i < input.size(); ++i) {
        const auto back = static_cast<std::size_t>(steps.at(i % shape.elements(), shape));
        const std::size_t slot = (now + historySteps_ - back) % historySteps_;
        output[i] = history_[slot * input.size() + i];
    }
}

void ReferenceNode::concatenate(Sources sources, std::span<float> output) const {
    float *at = output.data();
    for (std::size_t sample = 0; sample < batch_; ++sample)
        for (const std::span<const float> source : sources) {
            const std::size_t size = source.size() / batch_;
            at = std::copy_n(source.data() + sample * size, size, at);
        }
}

void ReferenceNode::step(Sources sources, std::span<float> output, std::size_t times) {
    if (std::holds_alternative<Concat>(node().layer)) {
        concatenate(sources, output);
    } else {
        const std::span<const float> input = gather(sources);
        count(input, times);
        if (neurons_)
            neurons_->step(input, output);
        else if (std::holds_alternative<Delay>(node().layer))
            delay(input, output);
        else {
            const SignalShape &from = network_.node(node().sources[0].node).shape;
            const std::size_t in = from.elements();
            const std::size_t out = node().shape.elements();
            for (std::size_t sample = 0; sample < batch_; ++sample)
                computeLayer(node().layer, from, node().shape, input.subspan(sample * in, in),
                             output.subspan(sample * out, out));
        }
    }
    steps_ += times;
}

bool takesSpikes(const Network &network, std::size_t index) {
    const auto &sources = network.node(index).sources;
    return std::all_of(sources.begin(), sources.end(),
                       [&](const Source &source) { return network.node(source.node).spikes; });
}

}  // namespace fovea
