// SPDX-License-Identifier: Apache-2.0
// Numbers, state and buffers of a network; steps and windows.
#include "engine/snn/device_network.h"

#include "engine/snn/tensor_weights.h"

#include <algorithm>

namespace fovea {

using namespace snn_bodies;

namespace {

/// weights[tap][output] of a (output, channel, row, column) array in C order.
std::vector<float> byTap(const std::vector<float> &values, std::size_t outputs) {
    const std::size_t taps = values.size() / outputs;
    std::vector<float> turned(values.size());
    for (std::size_t o = 0; o < outputs; ++o)
        for (std::size_t tap = 0; tap < taps; ++tap)
            turned[tap * outputs + o] = values[o * taps + tap];
    return turned;
}

/// The same of a transposed convolution, taps of a channel backwards.
std::vector<float> byTap(const ConvTranspose2d &conv) {
    const auto &sides = conv.weight.shape.sides;
    const std::size_t area = std::size_t{sides[2]} * sides[3];
    const std::size_t groupInputs = sides[0] / conv.groups;
    const std::size_t outputs = std::size_t{sides[1]} * conv.groups;
    std::vector<float> turned(conv.weight.values.size());
    for (std::size_t i = 0; i < sides[0]; ++i)
        for (std::size_t o = 0; o < sides[1]; ++o)
            for (std::size_t tap = 0; tap < area; ++tap) {
                const std::size_t output = i / groupInputs * sides[1] + o;
                const std::size_t row = i % groupInputs * area + (area - 1 - tap);
                turned[row * outputs + output] =
                    conv.weight.values[(i * sides[1] + o) * area + tap];
            }
    return turned;
}

}  // namespace

DeviceNetwork::DeviceNetwork(const Network &network, std::size_t batch,
                             std::unique_ptr<Device> device, Precision precision)
    : network_(network), batch_(batch), precision_(precision), work_(std::move(device)),
      layout_(layOut(network, precision == Precision::Fp32 ? 1 : tensorBlock(precision))),
      parts_(layout_.size()) {
    const float one = 1;
    constants_.put(one_, std::span(&one, 1));
    state_.reserve(clock_, 1);
    for (std::uint32_t i = 0; i < parts_.size(); ++i)
        takeNumbers(i);
    constants_.settle(work_);
    state_.settle(work_);
    const NodeLayout &input = layout_[0];
    pinnedInput_ = work_.pinned<float>(passSteps * batch * input.elements());
    for (const std::uint32_t output : network.outputs()) {
        const std::size_t size = passSteps * batch * network.node(output).shape.elements();
        outputs_.push_back(work_.onDevice<float>(size));
        pinnedOutputs_.push_back(work_.pinned<float>(size));
    }
    up_ = work_.event();
    down_ = work_.event();
    makeBuffers(1);
    reset();
}

void DeviceNetwork::takeParameter(ParameterView &view, const Parameter &parameter,
                                  const SignalShape &shape) {
    constants_.put(view.values, parameter.values());
    const std::size_t count = parameter.values().size();
    const bool each = count == shape.elements();
    view.channelStride = count == 1 ? 0
                         : each     ? static_cast<std::uint32_t>(shape.channelElements())
                                    : 1;
    view.placeStride = count != 1 && each ? 1 : 0;
}

void DeviceNetwork::takeNumbers(std::uint32_t index) {
    const Node &node = network_.node(index);
    Part &part = parts_[index];
    if (layout_[index].root == index && layout_[index].packed)
        constants_.put(part.sizes, std::span<const float>(layout_[index].sizes));
    if (const auto *neuron = std::get_if<Neuron>(&node.layer))
        takeNeuron(index, *neuron);
    if (const auto *scale = std::get_if<Scale>(&node.layer)) {
        takeParameter(part.first, scale->factor, node.shape);
        takeParameter(part.second, scale->offset, node.shape);
    }
    if (const auto *activation = std::get_if<Activation>(&node.layer))
        takeParameter(part.first, activation->lambda, node.shape);
    if (const auto *delay = std::get_if<Delay>(&node.layer)) {
        takeParameter(part.first, delay->steps, node.shape);
        const auto steps = delay->steps.values();
        part.slots = static_cast<std::uint32_t>(*std::max_element(steps.begin(), steps.end())) + 1;
        state_.reserve(part.ring, part.slots * batch_ * node.shape.elements());
    }
    takeWeights(index);
    reserveSums(index);
}

void DeviceNetwork::takeNeuron(std::uint32_t index, const Neuron &neuron) {
    const SignalShape &shape = network_.node(index).shape;
    Part &part = parts_[index];
    NeuronView &view = part.neuron;
    const Filter synapse = neuron.synapse.value_or(Filter{0, 1});
    const Filter trace = neuron.trace.value_or(Filter{0, 1});
    takeParameter(view.synapseDecay, synapse.decay, shape);
    takeParameter(view.synapseGain, synapse.gain, shape);
    takeParameter(view.decay, neuron.decay, shape);
    takeParameter(view.gain, neuron.gain, shape);
    takeParameter(view.drive, neuron.drive, shape);
    takeParameter(view.threshold, neuron.threshold, shape);
    takeParameter(view.resetTo, neuron.resetTo, shape);
    takeParameter(view.amplitude, neuron.amplitude, shape);
    takeParameter(view.traceDecay, trace.decay, shape);
    takeParameter(view.traceGain, trace.gain, shape);
    takeParameter(part.first, neuron.initial, shape);
    if (!neuron.stepGains.empty())
        constants_.put(view.stepGains, std::span<const float>(neuron.stepGains));
    view.maxSpikes = neuron.maxSpikes;
    view.fire = neuron.fire == Fire::AtThreshold      ? FireRule::AtThreshold
                : neuron.fire == Fire::AboveThreshold ? FireRule::AboveThreshold
                                                      : FireRule::Never;
    view.hard = neuron.reset == Reset::Hard;
    const std::size_t all = batch_ * shape.elements();
    state_.reserve(view.potentials, all);
    state_.reserve(view.starts, all);
    state_.reserve(view.mask, all);
    if (neuron.synapse)
        state_.reserve(view.currents, all);
    if (neuron.trace)
        state_.reserve(view.traces, all);
    if (!layout_[index].packed && neuron.fire != Fire::Never)
        state_.reserve(view.counts, all);
}

void DeviceNetwork::takeWeights(std::uint32_t index) {
    const Layer &layer = network_.node(index).layer;
    Part &part = parts_[index];
    const std::vector<float> *bias = nullptr;
    std::vector<float> weights;
    if (const auto *conv = std::get_if<Conv2d>(&layer)) {
        weights = byTap(conv->weight.values, conv->weight.shape.sides[0]);
        bias = &conv->bias;
    } else if (const auto *transposed = std::get_if<ConvTranspose2d>(&layer)) {
        weights = byTap(*transposed);
        bias = &transposed->bias;
    } else if (const auto *linear = std::get_if<Linear>(&layer)) {
        weights = byTap(linear->weight.values, linear->weight.shape.sides[0]);
        bias = &linear->bias;
    } else {
        return;
    }
    constants_.put(part.weights, std::span<const float>(weights));
    takeTensorWeights(index, weights);
    if (!bias->empty())
        constants_.put(part.bias, std::span<const float>(*bias));
}

void DeviceNetwork::takeTensorWeights(std::uint32_t index, std::span<const float> byTap) {
    const Node &node = network_.node(index);
    const NodeLayout &in = layout_[layout_[node.sources[0].node].root];
    const auto *conv = std::get_if<Conv2d>(&node.layer);
    const auto *back = std::get_if<ConvTranspose2d>(&node.layer);
    const std::uint32_t groups = conv != nullptr   ? conv->groups
                                 : back != nullptr ? back->groups
                                                   : 1;
    if (precision_ == Precision::Fp32 || groups != 1 || node.sources.size() != 1 || !in.packed)
        return;
    const std::size_t outputs = node.shape.channels();
    const std::size_t taps = byTap.size() / outputs / in.channels;
    const TensorWeights packed =
        packTensorWeights(byTap, outputs, taps, in.pitch, in.sizes, precision_);
    Part &part = parts_[index];
    part.tapBlocks = packed.tapBlocks;
    constants_.put(part.tensorWeights, std::span<const std::uint32_t>(packed.words));
    if (!packed.scales.empty())
        constants_.put(part.tensorScales, std::span<const float>(packed.scales));
}

bool DeviceNetwork::spikesComeIn(std::uint32_t index) const {
    const auto &sources = network_.node(index).sources;
    return std::all_of(sources.begin(), sources.end(),
                       [&](const Source &s) { return network_.node(s.node).spikes; });
}

void DeviceNetwork::reserveSums(std::uint32_t index) {
    Part &part = parts_[index];
    part.fanOut = network_.fanOut(index);
    if (!part.fanOut.empty() && spikesComeIn(index)) {
        constants_.put(part.reached, std::span<const std::uint32_t>(part.fanOut));
        state_.reserve(part.additionSums, countThreads);
    }
    if (part.neuron.fire != FireRule::Never && layout_[index].packed &&
        std::holds_alternative<Neuron>(network_.node(index).layer))
        state_.reserve(part.spikeSums, countThreads);
}

std::uint64_t DeviceNetwork::multiplies(std::size_t index) const {
    const Part &part = parts_[index];
    if (part.fanOut.empty() || spikesComeIn(static_cast<std::uint32_t>(index)))
        return 0;
    std::uint64_t sum = 0;
    for (const std::uint32_t reached : part.fanOut)
        sum += reached;
    const Node &source = network_.node(network_.node(index).sources[0].node);
    return sum * (source.shape.elements() / part.fanOut.size());
}

void DeviceNetwork::makeBuffers(std::size_t passes) {
    if (passes <= passes_)
        return;
    graphs_.clear();
    passes_ = passes;
    for (std::uint32_t i = 0; i < parts_.size() && !work_.failed(); ++i) {
        const NodeLayout &own = layout_[i];
        Part &part = parts_[i];
        part.bits.reset();
        part.numbers.reset();
        const std::size_t size = passes * batch_ * own.places * std::size_t{own.pitch};
        if (own.root == i && own.packed)
            part.bits = work_.onDevice<std::uint8_t>(size);
        else if (own.root == i)
            part.numbers = work_.onDevice<float>(passSteps * size);
        if (network_.node(i).sources.size() > 1) {
            const NodeLayout &in = layout_[network_.node(i).sources[0].node];
            part.sum.reset();
            part.sum = work_.onDevice<float>(passes * passSteps * batch_ * in.elements());
        }
    }
}

void DeviceNetwork::reset() {
    launchStart(true);
    for (Part &part : parts_) {
        if (part.spikeSums != nullptr)
            work_.clear(DeviceStream::Compute, part.spikeSums, countThreads);
        if (part.additionSums != nullptr)
            work_.clear(DeviceStream::Compute, part.additionSums, countThreads);
    }
}

void DeviceNetwork::maskByResidual() {
    for (std::uint32_t i = 0; i < parts_.size(); ++i)
        if (const Part &part = parts_[i]; part.neuron.potentials != nullptr)
            work_.launch(MaskBody{part.neuron, layout_[i].channels, layout_[i].places},
                         batch_ * layout_[i].elements());
    launchStart(false);
}

void DeviceNetwork::launchStart(bool anew) {
    for (std::uint32_t i = 0; i < parts_.size(); ++i) {
        const Part &part = parts_[i];
        const NodeLayout &own = layout_[i];
        const std::size_t all = batch_ * own.elements();
        if (part.neuron.potentials != nullptr)
            work_.launch(StartBody{part.neuron, part.first, own.channels, own.places, anew}, all);
        if (part.ring != nullptr)
            work_.clear(DeviceStream::Compute, part.ring, part.slots * all);
        // What the step before gave, for recurrent edges.
        if (own.kept && own.packed)
            work_.clear(DeviceStream::Compute, part.bits.get(),
                        batch_ * own.places * std::size_t{own.pitch});
        else if (own.kept)
            work_.clear(DeviceStream::Compute, part.numbers.get(), all);
    }
    work_.clear(DeviceStream::Compute, clock_, 1);
    lastStep_ = 0;
    for (std::size_t o = 0; o < pinnedOutputs_.size() && !work_.failed(); ++o)
        std::fill_n(pinnedOutputs_[o].get(), output(o).size(), 0.0F);
}

std::span<const float> DeviceNetwork::output(std::size_t which) const {
    const std::size_t size = batch_ * network_.outputShape(which).elements();
    return {pinnedOutputs_[which].get() + lastStep_ * size, size};
}

void DeviceNetwork::step(std::span<const float> input) {
    packedInput_ = false;
    markConstant(false);
    putNumbers(input, 1, 0);
    run(1);
    (void)fetch(1);
}

void DeviceNetwork::stepPlanes(PlanePointers planes) {
    packedInput_ = true;
    markConstant(false);
    putPlanes(planes);
    run(1);
    (void)fetch(1);
}

std::vector<float> DeviceNetwork::window(std::span<const float> inputs,
                                         const WindowSettings &settings) {
    const std::size_t size = batch_ * layout_[0].elements();
    const std::size_t row = output(0).size();
    std::vector<float> outputs;
    outputs.reserve(settings.steps * row);
    packedInput_ = false;
    markConstant(inputs.size() == size && settings.steps > 1);
    const auto passes = static_cast<std::uint32_t>((settings.steps + passSteps - 1) / passSteps);
    const auto stepsOf = [&](std::uint32_t pass) {
        return static_cast<std::uint32_t>(
            std::min<std::size_t>(passSteps, settings.steps - std::size_t{pass} * passSteps));
    };
    const auto put = [&](std::uint32_t pass, std::uint32_t to) {
        if (!parts_[0].constant)
            putNumbers(inputs.subspan(std::size_t{pass} * passSteps * size, stepsOf(pass) * size),
                       stepsOf(pass), to);
        else if (pass == 0)
            putNumbers(inputs, 1, 0);
    };
    const auto take = [&](std::uint32_t pass) {
        if (fetch(stepsOf(pass)))
            outputs.insert(outputs.end(), pinnedOutputs_[0].get(),
                           pinnedOutputs_[0].get() + stepsOf(pass) * row);
    };
    if (settings.probe > 0) {
        makeBuffers(passes);
        for (std::uint32_t pass = 0; pass < passes; ++pass)
            put(pass, pass);
        runLayers(settings.steps, settings);
        for (std::uint32_t pass = 0; pass < passes; ++pass) {
            launchOutputs({pass, stepsOf(pass), false});
            take(pass);
        }
        return outputs;
    }
    for (std::uint32_t pass = 0; pass < passes; ++pass) {
        put(pass, 0);
        run(stepsOf(pass));
        take(pass);
    }
    return outputs;
}

}  // namespace fovea
