// SPDX-License-Identifier: Apache-2.0
// Exchanges neurons and activations; measures the residual error.
#include "engine/snn/qcfs.h"

#include "engine/snn/reference_executor.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace fovea {

float noisyActivation(float z, float lambda, std::uint32_t levels, float sigma, float noise) {
    const auto count = static_cast<float>(levels);
    const float level = std::floor(std::clamp(z / lambda, 0.0F, 1.0F) * count + 0.5F);
    return lambda * (level / count) - sigma * noise;
}

namespace {

/// The same network with other layers.
Result<Network> exchange(const Network &network,
                         const std::function<Result<Layer>(const Node &)> &replace) {
    NetworkBuilder builder;
    for (const Node &node : network.nodes()) {
        Result<Layer> layer = replace(node);
        if (!layer)
            return failed(layer);
        builder.add(node.name, std::move(*layer));
    }
    for (const Node &node : network.nodes())
        for (const Source &source : node.sources)
            builder.connect(network.node(source.node).name, node.name);
    return builder.build();
}

bool isSpiking(const Node &node) {
    const auto *neuron = std::get_if<Neuron>(&node.layer);
    return neuron != nullptr && neuron->fire != Fire::Never;
}

double unbiasedVariance(std::span<const double> values) {
    double sum = 0;
    for (const double value : values)
        sum += value;
    const double mean = sum / static_cast<double>(values.size());
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return squares / (static_cast<double>(values.size()) - 1);
}

/// Mean over `steps` of what each node gives for a constant input.
Result<std::vector<std::vector<double>>>
meanValues(ReferenceExecutor &executor, std::span<const float> input, std::size_t steps) {
    std::vector<std::vector<double>> means(executor.network().nodes().size());
    executor.reset();
    for (std::size_t t = 0; t < steps; ++t) {
        if (auto stepped = executor.step(input); !stepped)
            return failed(stepped);
        for (std::size_t node = 0; node < means.size(); ++node) {
            const auto values = executor.values(node);
            means[node].resize(values.size());
            for (std::size_t i = 0; i < values.size(); ++i)
                means[node][i] += double{values[i]} / static_cast<double>(steps);
        }
    }
    return means;
}

}  // namespace

Result<Network> withActivations(const Network &network, std::uint32_t levels) {
    return exchange(network, [levels](const Node &node) -> Result<Layer> {
        if (!isSpiking(node))
            return node.layer;
        const Neuron &neuron = std::get<Neuron>(node.layer);
        if (modelName(neuron) != "IF" || neuron.reset != Reset::Soft || !neuron.gain.all(1) ||
            neuron.amplitude != neuron.threshold)
            return fail(ErrorCode::Unsupported,
                        "node '{}': only IF neurons with soft reset that give out their threshold "
                        "have a QCFS activation",
                        node.name);
        return Activation{levels, neuron.threshold};
    });
}

Result<Network> withNeurons(const Network &network) {
    return exchange(network, [](const Node &node) -> Result<Layer> {
        const auto *activation = std::get_if<Activation>(&node.layer);
        if (activation == nullptr)
            return node.layer;
        if (activation->levels == 0)
            return fail(ErrorCode::Unsupported,
                        "node '{}': a ReLU has no threshold; measure one first", node.name);
        return Neuron::qcfs(activation->lambda);
    });
}

Result<std::vector<double>> estimateResidualNoise(const Network &network,
                                                  std::span<const std::vector<float>> batches,
                                                  std::size_t batch, std::uint32_t levels,
                                                  std::size_t steps) {
    const Result<Network> twin = withActivations(network, levels);
    if (!twin)
        return tl::make_unexpected(twin.error());
    if (batches.empty() || steps == 0)
        return fail(ErrorCode::InvalidArgument, "no input to estimate the residual noise from");
    ReferenceExecutor spiking(network, batch);
    ReferenceExecutor ann(*twin, batch);
    std::vector<double> variances;
    for (const std::vector<float> &input : batches) {
        const auto spikes = meanValues(spiking, input, steps);
        if (!spikes)
            return tl::make_unexpected(spikes.error());
        if (auto stepped = ann.step(input); !stepped)
            return failed(stepped);
        std::size_t layer = 0;
        for (std::size_t node = 0; node < network.nodes().size(); ++node) {
            if (!isSpiking(network.node(node)))
                continue;
            std::vector<double> gap((*spikes)[node]);
            const auto values = ann.values(*twin->find(network.node(node).name));
            for (std::size_t i = 0; i < gap.size(); ++i)
                gap[i] = double{values[i]} - gap[i];
            variances.resize(std::max(variances.size(), layer + 1));
            variances[layer++] += unbiasedVariance(gap) / static_cast<double>(batches.size());
        }
    }
    for (double &variance : variances)
        variance = std::sqrt(variance);
    return variances;
}

}  // namespace fovea
