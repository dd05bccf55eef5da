// SPDX-License-Identifier: Apache-2.0
// Nodes in running order over tensors.
#include "engine/train/train_network.h"

#include "engine/core/random.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace fovea {

namespace {

std::vector<std::int64_t> sidesOf(const SignalShape &shape) {
    return {shape.values().begin(), shape.values().end()};
}

at::Tensor weightTensor(std::span<const float> values, at::IntArrayRef sides) {
    // from_blob() wants memory that may be written; clone() only reads it.
    return at::from_blob(const_cast<float *>(values.data()), sides, at::kFloat).clone();
}

std::vector<float> weightsOf(const at::Tensor &tensor) {
    const at::Tensor flat = tensor.detach().contiguous();
    const float *const first = flat.data_ptr<float>();
    return {first, first + flat.numel()};
}

std::vector<std::int64_t> pair(Size2 size) {
    return {size.height, size.width};
}

/// (steps * batch) x ... as steps x batch x ...
at::Tensor byStep(const at::Tensor &value, std::size_t steps) {
    return value.unflatten(0, {static_cast<std::int64_t>(steps), -1});
}

/// Normal with mean 0 (Box and Muller).
double drawNormal(Random &random) {
    return std::sqrt(-2 * std::log(1 - random.uniform())) *
           std::cos(2 * std::numbers::pi * random.uniform());
}

bool oneSided(const Border &border) {
    return border.top != border.bottom || border.left != border.right;
}

/// Why such a neuron is not trained; empty when it is.
std::string whyNot(const Neuron &neuron) {
    for (const Parameter *one : {&neuron.decay, &neuron.gain, &neuron.drive, &neuron.threshold,
                                 &neuron.resetTo, &neuron.initial, &neuron.amplitude})
        if (!one->uniform())
            return "neurons of a layer that differ";
    if (neuron.synapse || neuron.trace || neuron.fire == Fire::Never || neuron.maxSpikes != 1)
        return std::string(modelName(neuron)) + " with a synapse, a trace or more than spikes";
    if (!neuron.amplitude.all(1) && neuron.amplitude != neuron.threshold)
        return "a spike's size that is neither 1 nor the threshold";
    return {};
}

TrainedNeuron trained(const Neuron &neuron, const TrainNetworkSettings &settings) {
    TrainedNeuron result;
    result.decay = neuron.decay.values()[0];
    result.gain = neuron.gain.values()[0];
    result.drive = neuron.drive.values()[0];
    result.threshold = neuron.threshold.values()[0];
    result.start = neuron.initial.values()[0] / result.threshold;
    result.above = neuron.fire == Fire::AboveThreshold;
    result.thresholdOut = !neuron.amplitude.all(1);
    if (neuron.reset == Reset::Hard)
        result.resetTo = neuron.resetTo.values()[0];
    result.surrogate = settings.surrogate;
    result.detachReset = settings.detachReset;
    return result;
}

}  // namespace

Result<TrainNetwork> TrainNetwork::make(const Network &network,
                                        const TrainNetworkSettings &settings, std::uint64_t seed) {
    if (network.recurrent())
        return fail(ErrorCode::Unsupported, "a network whose edges close a circle is not trained");
    TrainNetwork result(network, settings);
    for (std::size_t node = 0; node < network.nodes().size(); ++node)
        if (auto adopted = result.adopt(node); !adopted)
            return failed(adopted);
    const at::NoGradGuard still;
    bool empty = true;
    for (const Part &part : result.parts_)
        empty = empty && (!part.weight.defined() || part.weight.abs().max().item<float>() == 0);
    if (empty)
        result.initialise(seed);
    return result;
}

Result<void> TrainNetwork::adopt(std::size_t index) {
    const Node &node = network_.node(index);
    Part &part = parts_[index];
    const auto refuse = [&](const std::string &what) {
        return fail(ErrorCode::Unsupported, "node '{}': {} is not trained", node.name, what);
    };
    if (const auto *conv = std::get_if<Conv2d>(&node.layer)) {
        if (oneSided(conv->padding))
            return refuse("one-sided padding");
        if (node.shape.rank != 3)
            return refuse("a convolution along one side");
        adoptWeights(index, conv->weight, conv->bias, settings_.batchNorm && !feedsOutput(index));
    } else if (const auto *linear = std::get_if<Linear>(&node.layer)) {
        adoptWeights(index, linear->weight, linear->bias, false);
    } else if (const auto *activation = std::get_if<Activation>(&node.layer)) {
        if (!activation->lambda.uniform())
            return refuse("an activation whose channels differ");
        part.neuron = trained(Neuron::qcfs(activation->lambda), settings_);
        part.neuron.thresholdOut = true;  // also while lambda is 1
        part.threshold = at::full({}, activation->lambda.values()[0]);
        learn(node.name + ".lambda", part.threshold, true);
        part.spiking = sigmas_.size();
        sigmas_.push_back(0);
    } else if (const auto *neuron = std::get_if<Neuron>(&node.layer)) {
        if (const std::string why = whyNot(*neuron); !why.empty())
            return refuse(why);
        part.neuron = trained(*neuron, settings_);
        part.threshold = at::full({}, part.neuron.threshold);
        if (part.neuron.thresholdOut)
            learn(node.name + ".threshold", part.threshold, true);
        if (!neuron->stepGains.empty()) {
            part.gains = weightTensor(neuron->stepGains,
                                      {static_cast<std::int64_t>(neuron->stepGains.size())});
            learn(node.name + ".gains", part.gains, false);
        }
        part.spiking = sigmas_.size();
        sigmas_.push_back(0);
    } else if (const auto *pool = std::get_if<Pool2d>(&node.layer)) {
        if (pool->kind == PoolKind::Max || oneSided(pool->padding) || node.shape.rank != 3)
            return refuse("a maximum or one-sided pool");
    } else if (const auto *scale = std::get_if<Scale>(&node.layer)) {
        if (!scale->factor.uniform() || !scale->offset.uniform())
            return refuse("a scale of more than one number");
    } else if (!std::holds_alternative<InputLayer>(node.layer) &&
               !std::holds_alternative<OutputLayer>(node.layer) &&
               !std::holds_alternative<Flatten>(node.layer) &&
               !std::holds_alternative<Add>(node.layer)) {
        return refuse(std::string(layerName(node.layer)));
    }
    return {};
}

void TrainNetwork::adoptWeights(std::size_t index, const Weights &weight,
                                std::span<const float> bias, bool normalise) {
    Part &part = parts_[index];
    const std::string &name = network_.node(index).name;
    const auto outputs = static_cast<std::int64_t>(weight.shape.sides[0]);
    part.weight = weightTensor(weight.values, sidesOf(weight.shape));
    part.bias = bias.empty() ? at::zeros({outputs}) : weightTensor(bias, {outputs});
    learn(name + ".weight", part.weight, true);
    if (!normalise)
        return learn(name + ".bias", part.bias, true);
    part.scale = at::ones({outputs});
    part.shift = part.bias;
    part.bias = at::zeros({outputs});
    part.mean = at::zeros({outputs});
    part.variance = at::ones({outputs});
    learn(name + ".scale", part.scale, false);
    learn(name + ".shift", part.shift, false);
    remember(name + ".mean", part.mean);
    remember(name + ".variance", part.variance);
}

/// Weights so that what comes out varies as much as what went in (He et al. 2015).
void TrainNetwork::initialise(std::uint64_t seed) {
    Random random(seed);
    for (std::size_t node = 0; node < parts_.size(); ++node) {
        Part &part = parts_[node];
        if (!part.weight.defined())
            continue;
        const double fanIn = static_cast<double>(part.weight.numel() / part.weight.size(0));
        const double deviation = std::sqrt((feedsOutput(node) ? 1 : 2) / fanIn);
        float *const values = part.weight.data_ptr<float>();
        for (std::int64_t i = 0; i < part.weight.numel(); ++i)
            values[i] = static_cast<float>(deviation * drawNormal(random));
    }
}

void TrainNetwork::learn(const std::string &name, at::Tensor &tensor, bool decays) {
    tensor.set_requires_grad(true);
    tensors_.push_back({name, tensor, decays, true});
}

void TrainNetwork::remember(const std::string &name, at::Tensor &tensor) {
    tensors_.push_back({name, tensor, false, false});
}

bool TrainNetwork::feedsOutput(std::size_t index) const {
    for (const std::uint32_t output : network_.outputs())
        for (const Source &source : network_.node(output).sources) {
            std::size_t from = source.node;
            if (from == index)
                return true;
            if (std::holds_alternative<Add>(network_.node(from).layer))
                for (const Source &part : network_.node(from).sources)
                    if (part.node == index)
                        return true;
        }
    return false;
}

TrainNetwork::Signal TrainNetwork::gather(std::size_t index, const std::vector<Signal> &signals,
                                          const Pass &pass) const {
    const auto &sources = network_.node(index).sources;
    Signal sum = signals[sources[0].node];
    for (std::size_t i = 1; i < sources.size(); ++i) {
        const Signal &other = signals[sources[i].node];
        if (sum.timed == other.timed) {
            sum.value = sum.value + other.value;
            continue;
        }
        const Signal &timed = sum.timed ? sum : other;
        const Signal &still = sum.timed ? other : sum;
        sum = {(byStep(timed.value, pass.steps) + still.value).view_as(timed.value), true};
    }
    return sum;
}

at::Tensor TrainNetwork::weighted(std::size_t index, const at::Tensor &input, const Pass &pass) {
    Part &part = parts_[index];
    if (const auto *conv = std::get_if<Conv2d>(&network_.node(index).layer)) {
        const bool normalise = part.scale.defined();
        const at::Tensor sums =
            at::conv2d(input, part.weight, normalise ? at::Tensor() : part.bias, pair(conv->stride),
                       {conv->padding.top, conv->padding.left}, pair(conv->dilation), conv->groups);
        return normalise ? batchNormLayer(sums, part.scale, part.shift, part.mean, part.variance,
                                          pass.training, pass.group)
                         : sums;
    }
    return at::linear(input, part.weight, part.bias);
}

TrainNetwork::Signal TrainNetwork::activate(std::size_t index, const Signal &input,
                                            const Pass &pass) {
    Part &part = parts_[index];
    const auto *activation = std::get_if<Activation>(&network_.node(index).layer);
    if (pass.measure && activation != nullptr) {
        const at::NoGradGuard still;
        const at::Tensor positive = input.value.masked_select(input.value > 0);
        if (positive.numel() > 0) {
            const auto rank = static_cast<std::int64_t>(
                std::ceil(measurePercentile / 100 * static_cast<double>(positive.numel())));
            part.threshold.fill_(std::get<0>(positive.kthvalue(std::max<std::int64_t>(rank, 1))));
        }
    }
    if (pass.current != nullptr && part.spiking + 1 == sigmas_.size())
        *pass.current = input.timed ? byStep(input.value, pass.steps)
                                    : at::stack(std::vector<at::Tensor>(pass.steps, input.value));
    Signal output;
    if (pass.spiking || activation == nullptr) {
        const at::Tensor spikes = spikingLayer(input.value, pass.steps, !input.timed, part.neuron,
                                               part.threshold, part.gains);
        output = {input.timed ? spikes : spikes.flatten(0, 1), true};
    } else if (activation->levels == 0) {
        output = {input.value.clamp(0, activation->ceiling), input.timed};
    } else {
        const double sigma = pass.training ? sigmas_[part.spiking] : 0;
        output = {
            qcfsLayer(input.value, part.threshold, activation->levels, settings_.gradient, sigma),
            input.timed};
    }
    if (pass.taps != nullptr)
        pass.taps->push_back(
            output.timed ? output.value.view({static_cast<std::int64_t>(pass.steps), -1}).mean(0)
                         : output.value.flatten());
    return output;
}

TrainNetwork::Signal TrainNetwork::run(std::size_t index, const Signal &input, const Pass &pass) {
    const Node &node = network_.node(index);
    if (std::holds_alternative<Conv2d>(node.layer) || std::holds_alternative<Linear>(node.layer))
        return {weighted(index, input.value, pass), input.timed};
    if (std::holds_alternative<Activation>(node.layer) ||
        std::holds_alternative<Neuron>(node.layer))
        return activate(index, input, pass);
    if (const auto *pool = std::get_if<Pool2d>(&node.layer)) {
        const bool sum = pool->kind == PoolKind::Sum;
        const at::Tensor mean = meanPool(input.value, *pool);
        return {sum ? mean * static_cast<double>(pool->kernel.height * pool->kernel.width) : mean,
                input.timed};
    }
    if (const auto *flatten = std::get_if<Flatten>(&node.layer))
        return {input.value.flatten(flatten->first + 1,
                                    flatten->last < 0 ? flatten->last : flatten->last + 1),
                input.timed};
    if (const auto *scale = std::get_if<Scale>(&node.layer))
        return {input.value * scale->factor.values()[0] + scale->offset.values()[0], input.timed};
    return input;
}

at::Tensor TrainNetwork::forward(const at::Tensor &input, const Pass &pass) {
    std::vector<Signal> signals(network_.nodes().size());
    signals[0] = {pass.timed ? input.flatten(0, 1) : input, pass.timed};
    for (std::size_t node = 1; node < signals.size(); ++node)
        signals[node] = run(node, gather(node, signals, pass), pass);
    const Signal &last = signals[network_.outputs()[0]];
    if (!last.timed)
        return last.value;
    const at::Tensor steps = byStep(last.value, pass.steps);
    if (pass.outputs != nullptr)
        *pass.outputs = steps;
    return steps.mean(0);
}

double TrainNetwork::lastDecay() const {
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part)
        if (part->threshold.defined())
            return static_cast<double>(part->neuron.decay);
    return 1;
}

bool TrainNetwork::endsInSpikes() const {
    std::size_t node = network_.outputs()[0];
    while (std::holds_alternative<OutputLayer>(network_.node(node).layer))
        node = network_.node(node).sources[0].node;
    const auto *neuron = std::get_if<Neuron>(&network_.node(node).layer);
    return neuron != nullptr && !parts_[node].neuron.thresholdOut;
}

Result<void> TrainNetwork::begin(const Checkpoint &checkpoint, const std::string &prefix) {
    for (const TrainedTensor &tensor : tensors_)
        if (!adoptNumbers(tensor.value, checkpoint, prefix + tensor.name))
            return fail(ErrorCode::InvalidArgument,
                        "the checkpoint is of another network: '{}' does not fit", tensor.name);
    return {};
}

void TrainNetwork::keepInRange() {
    const at::NoGradGuard still;
    for (Part &part : parts_)
        if (part.threshold.defined())
            part.threshold.clamp_min_(1e-3);
}

std::vector<double> TrainNetwork::residualVariances(const at::Tensor &input, std::size_t steps) {
    const at::NoGradGuard still;
    std::vector<at::Tensor> ann, spiking;
    Pass pass;
    pass.taps = &ann;
    (void)forward(input, pass);
    pass.taps = &spiking;
    pass.spiking = true;
    pass.steps = steps;
    (void)forward(input, pass);
    std::vector<double> variances;
    for (std::size_t i = 0; i < ann.size(); ++i)
        variances.push_back((ann[i] - spiking[i]).var(true).item<double>());
    return variances;
}

Result<Network> TrainNetwork::toNetwork() const {
    const at::NoGradGuard still;
    NetworkBuilder builder;
    for (std::size_t index = 0; index < parts_.size(); ++index) {
        const Part &part = parts_[index];
        Layer layer = network_.node(index).layer;
        at::Tensor weight = part.weight;
        at::Tensor bias = part.bias;
        if (part.scale.defined()) {
            const at::Tensor factor = part.scale / (part.variance + normEpsilon).sqrt();
            weight = weight * factor.view({-1, 1, 1, 1});
            bias = part.shift - part.mean * factor;
        }
        if (auto *conv = std::get_if<Conv2d>(&layer)) {
            conv->weight.values = weightsOf(weight);
            conv->bias = weightsOf(bias);
        } else if (auto *linear = std::get_if<Linear>(&layer)) {
            linear->weight.values = weightsOf(weight);
            linear->bias = weightsOf(bias);
        } else if (auto *activation = std::get_if<Activation>(&layer)) {
            activation->lambda = part.threshold.item<float>();
        } else if (auto *neuron = std::get_if<Neuron>(&layer)) {
            const float threshold = part.threshold.item<float>();
            neuron->threshold = threshold;
            neuron->initial = part.neuron.start * threshold;
            if (part.neuron.thresholdOut)
                neuron->amplitude = threshold;
            if (part.gains.defined())
                neuron->stepGains = weightsOf(part.gains);
        }
        builder.add(network_.node(index).name, std::move(layer));
    }
    for (const Node &node : network_.nodes())
        for (const Source &source : node.sources)
            builder.connect(network_.node(source.node).name, node.name);
    return builder.build();
}

}  // namespace fovea
