// SPDX-License-Identifier: Apache-2.0
// Rewrites networks layer by layer and measures activations.
#include "engine/snn/convert.h"

#include "engine/snn/reference_executor.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fovea {

namespace {

/// A network whose layers are being exchanged or left out.
struct Draft {
    explicit Draft(const Network &from) : network(from) {
        for (std::uint32_t i = 0; i < from.nodes().size(); ++i) {
            layers.push_back(from.node(i).layer);
            stands.push_back(i);
            for (const Source &source : from.node(i).sources)
                followers[source.node].push_back(i);
        }
    }
    [[nodiscard]] std::uint32_t standIn(std::uint32_t node) const {
        while (stands[node] != node)
            node = stands[node];
        return node;
    }
    /// The only node that follows, or nothing.
    [[nodiscard]] std::optional<std::uint32_t> onlyFollower(std::uint32_t node) const {
        const auto found = followers.find(node);
        return found != followers.end() && found->second.size() == 1
                   ? std::optional(found->second[0])
                   : std::nullopt;
    }
    [[nodiscard]] Result<Network> build() {
        NetworkBuilder builder;
        for (std::uint32_t i = 0; i < layers.size(); ++i)
            if (stands[i] == i)
                builder.add(network.node(i).name, std::move(layers[i]));
        for (std::uint32_t i = 0; i < layers.size(); ++i)
            if (stands[i] == i)
                for (const Source &source : network.node(i).sources)
                    builder.connect(network.node(standIn(source.node)).name, network.node(i).name);
        return builder.build();
    }

    const Network &network;
    std::vector<Layer> layers;
    std::vector<std::uint32_t> stands;  ///< itself, or the node that does its work
    std::map<std::uint32_t, std::vector<std::uint32_t>> followers;
};

/// One number for each channel; nothing when the parameter differs within a channel.
std::optional<std::vector<float>> perChannel(const Parameter &parameter, std::size_t channels) {
    if (parameter.uniform())
        return std::vector<float>(channels, parameter.values()[0]);
    if (parameter.values().size() != channels)
        return std::nullopt;
    return std::vector<float>(parameter.values().begin(), parameter.values().end());
}

/// Multiplies what comes behind into the weights of each output channel.
void foldBehind(Weights &weight, std::vector<float> &bias, std::size_t outputs,
                std::size_t perOutput, std::span<const float> factor,
                std::span<const float> offset) {
    bias.resize(outputs, 0.0F);
    for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t i = 0; i < perOutput; ++i)
            weight.values[o * perOutput + i] *= factor[o];
        bias[o] = bias[o] * factor[o] + offset[o];
    }
}

bool foldIntoSource(Layer &layer, const Scale &scale, std::size_t channels) {
    const auto factor = perChannel(scale.factor, channels);
    const auto offset = perChannel(scale.offset, channels);
    if (!factor || !offset)
        return false;
    if (auto *conv = std::get_if<Conv2d>(&layer)) {
        foldBehind(conv->weight, conv->bias, channels, conv->weight.values.size() / channels,
                   *factor, *offset);
        return true;
    }
    if (auto *linear = std::get_if<Linear>(&layer)) {
        foldBehind(linear->weight, linear->bias, channels, linear->weight.shape.sides[1], *factor,
                   *offset);
        return true;
    }
    auto *conv = std::get_if<ConvTranspose2d>(&layer);
    if (conv == nullptr)
        return false;
    const auto &sides = conv->weight.shape.sides;
    const std::size_t taps = std::size_t{sides[2]} * sides[3];
    const std::size_t groupInputs = sides[0] / conv->groups;
    for (std::size_t i = 0; i < conv->weight.values.size(); ++i) {
        const std::size_t input = i / taps / sides[1];
        const std::size_t output = input / groupInputs * sides[1] + i / taps % sides[1];
        conv->weight.values[i] *= (*factor)[output];
    }
    conv->bias.resize(channels, 0.0F);
    for (std::size_t o = 0; o < channels; ++o)
        conv->bias[o] = conv->bias[o] * (*factor)[o] + (*offset)[o];
    return true;
}

/// W (f x + o) + b = (W f) x + (W o + b)
void foldIntoFollower(Linear &linear, const Scale &scale, const SignalShape &shape) {
    const std::size_t inputs = linear.weight.shape.sides[1];
    const std::size_t outputs = linear.weight.shape.sides[0];
    linear.bias.resize(outputs, 0.0F);
    for (std::size_t o = 0; o < outputs; ++o) {
        double more = 0;
        for (std::size_t i = 0; i < inputs; ++i) {
            float &weight = linear.weight.values[o * inputs + i];
            more += double{weight} * double{scale.offset.at(i, shape)};
            weight *= scale.factor.at(i, shape);
        }
        linear.bias[o] += static_cast<float>(more);
    }
}

/// Counts positive numbers by their upper bits: a bin is as wide as 0.1 % of its numbers.
class Percentile {
public:
    void add(float value) {
        if (!(value > 0))
            return;
        if (bins_.empty())
            bins_.resize(std::size_t{1} << (31 - shift));
        ++bins_[std::bit_cast<std::uint32_t>(value) >> shift];
        ++count_;
        most_ = std::max(most_, value);
    }
    /// 0 when nothing was counted.
    [[nodiscard]] float at(double percentile) const {
        const auto rank =
            static_cast<std::uint64_t>(std::ceil(static_cast<double>(count_) * percentile / 100));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < bins_.size(); ++i) {
            seen += bins_[i];
            if (seen >= rank && seen > 0)
                return std::min(most_, std::bit_cast<float>(
                                           static_cast<std::uint32_t>(((i + 1) << shift) - 1)));
        }
        return most_;
    }

private:
    static constexpr unsigned shift = 13;
    std::vector<std::uint64_t> bins_;
    std::uint64_t count_ = 0;
    float most_ = 0;
};

Result<void> checkSamples(const Network &network, std::span<const float> samples) {
    const std::size_t size = network.inputShape().elements();
    if (samples.empty() || samples.size() % size != 0)
        return fail(ErrorCode::InvalidArgument, "{} numbers are no samples of {}", samples.size(),
                    size);
    return {};
}

}  // namespace

Result<Network> foldScales(const Network &network) {
    Draft draft(network);
    for (std::uint32_t i = 0; i < draft.layers.size(); ++i) {
        const auto *scale = std::get_if<Scale>(&draft.layers[i]);
        const Node &node = network.node(i);
        if (scale == nullptr || node.sources.size() != 1 || node.sources[0].previousStep)
            continue;
        const std::uint32_t source = node.sources[0].node;
        const std::uint32_t worker = draft.standIn(source);
        const SignalShape &shape = node.shape;
        if (draft.onlyFollower(source) == i &&
            foldIntoSource(draft.layers[worker], *scale, shape.channels())) {
            draft.stands[i] = worker;
            continue;
        }
        const auto next = draft.onlyFollower(i);
        if (next && std::holds_alternative<Linear>(draft.layers[*next]) &&
            network.node(*next).sources.size() == 1) {
            foldIntoFollower(std::get<Linear>(draft.layers[*next]), *scale, shape);
            draft.stands[i] = worker;
            continue;
        }
        const auto channels = static_cast<std::uint32_t>(shape.channels());
        auto factor = perChannel(scale->factor, channels);
        auto offset = perChannel(scale->offset, channels);
        if (factor && offset && shape.rank > 1 && shape.rank < 4 && !scale->offset.all(0))
            draft.layers[i] = Conv2d{{SignalShape::of({channels, 1, 1, 1}), std::move(*factor)},
                                     std::move(*offset),
                                     {},
                                     {},
                                     {},
                                     channels};
    }
    return draft.build();
}

Result<Network> withAveragePools(const Network &network, std::vector<std::string> &names) {
    Draft draft(network);
    for (std::uint32_t i = 0; i < draft.layers.size(); ++i)
        if (auto *pool = std::get_if<Pool2d>(&draft.layers[i]);
            pool && pool->kind == PoolKind::Max) {
            pool->kind = PoolKind::Average;
            names.push_back(network.node(i).name);
        }
    return draft.build();
}

std::vector<std::string> reluLayers(const Network &network) {
    std::vector<std::string> names;
    for (const Node &node : network.nodes())
        if (const auto *one = std::get_if<Activation>(&node.layer); one && one->levels == 0)
            names.push_back(node.name);
    return names;
}

Result<Network> withMeasuredThresholds(const Network &network, std::span<const float> samples,
                                       double percentile, std::uint32_t levels) {
    if (auto checked = checkSamples(network, samples); !checked)
        return failed(checked);
    if (!(percentile > 0 && percentile <= 100))
        return fail(ErrorCode::InvalidArgument, "percentile {}, allowed are above 0 to 100",
                    percentile);
    std::map<std::uint32_t, Percentile> measured;
    ReferenceExecutor executor(network, 1);
    const std::size_t size = executor.inputSize();
    for (std::size_t at = 0; at < samples.size(); at += size) {
        if (auto stepped = executor.step(samples.subspan(at, size)); !stepped)
            return failed(stepped);
        for (std::uint32_t i = 0; i < network.nodes().size(); ++i)
            if (const auto *one = std::get_if<Activation>(&network.node(i).layer);
                one && one->levels == 0)
                for (const float value : executor.values(i))
                    measured[i].add(value);
    }
    Draft draft(network);
    for (const auto &[node, values] : measured) {
        const float lambda = values.at(percentile);
        if (!(lambda > 0))
            return fail(ErrorCode::Unsupported,
                        "node '{}': no sample gives a positive value, so it has no threshold",
                        network.node(node).name);
        draft.layers[node] = Activation{levels, lambda};
    }
    return draft.build();
}

Result<std::vector<LayerComparison>> compareTwins(const Network &ann, const Network &spiking,
                                                  std::span<const float> samples,
                                                  std::size_t steps) {
    if (auto checked = checkSamples(ann, samples); !checked)
        return failed(checked);
    std::vector<LayerComparison> all;
    std::vector<std::uint32_t> annNodes;
    std::vector<std::uint32_t> spikingNodes;
    for (std::uint32_t i = 0; i < ann.nodes().size(); ++i) {
        const Node &node = ann.node(i);
        const auto *activation = std::get_if<Activation>(&node.layer);
        if (activation == nullptr && i != ann.outputs()[0])
            continue;
        const auto twin = spiking.find(node.name);
        if (!twin || spiking.node(*twin).shape != node.shape)
            return fail(ErrorCode::InvalidArgument, "node '{}' has no twin", node.name);
        LayerComparison layer{node.name, node.shape.elements(), 0, 0, 0, 0, 0};
        if (activation != nullptr)
            for (const float value : activation->lambda.values())
                layer.threshold +=
                    double{value} / static_cast<double>(activation->lambda.values().size());
        all.push_back(layer);
        annNodes.push_back(i);
        spikingNodes.push_back(*twin);
    }
    ReferenceExecutor left(ann, 1);
    ReferenceExecutor right(spiking, 1);
    const std::size_t size = left.inputSize();
    std::vector<std::vector<double>> means(all.size());
    for (std::size_t at = 0; at < samples.size(); at += size) {
        const auto input = samples.subspan(at, size);
        right.reset();
        for (auto &mean : means)
            mean.clear();
        for (std::size_t t = 0; t < steps; ++t) {
            if (auto stepped = right.step(input); !stepped)
                return failed(stepped);
            for (std::size_t k = 0; k < all.size(); ++k) {
                const auto values = right.values(spikingNodes[k]);
                means[k].resize(values.size());
                for (std::size_t i = 0; i < values.size(); ++i)
                    means[k][i] += double{values[i]} / static_cast<double>(steps);
            }
        }
        if (auto stepped = left.step(input); !stepped)
            return failed(stepped);
        for (std::size_t k = 0; k < all.size(); ++k) {
            const auto values = left.values(annNodes[k]);
            const double share = 1 / (static_cast<double>(values.size()) *
                                      static_cast<double>(samples.size() / size));
            const auto *activation = std::get_if<Activation>(&ann.node(annNodes[k]).layer);
            for (std::size_t i = 0; i < values.size(); ++i) {
                all[k].ann += share * double{values[i]};
                all[k].spiking += share * means[k][i];
                all[k].difference += share * std::abs(double{values[i]} - means[k][i]);
                if (activation != nullptr &&
                    values[i] >= activation->lambda.at(i, ann.node(annNodes[k]).shape))
                    all[k].clipped += share;
            }
        }
    }
    return all;
}

}  // namespace fovea
