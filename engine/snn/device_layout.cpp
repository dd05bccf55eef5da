// SPDX-License-Identifier: Apache-2.0
// Which values may be packed, shared or never stored.
#include "engine/snn/device_layout.h"

#include <algorithm>

namespace fovea {

namespace {

class Layouter {
public:
    Layouter(const Network &network, std::uint32_t block)
        : network_(network), block_(block), all_(network.nodes().size()), uses_(all_.size(), 0) {}

    std::vector<NodeLayout> run() {
        for (const Node &node : network_.nodes())
            for (const Source &source : node.sources) {
                ++uses_[source.node];
                all_[source.node].kept |= source.previousStep;
            }
        for (const std::uint32_t output : network_.outputs())
            ++uses_[output];
        for (std::uint32_t i = 0; i < all_.size(); ++i)
            place(i);
        for (std::uint32_t i = 1; i < all_.size(); ++i)
            fuse(i);
        return std::move(all_);
    }

private:
    [[nodiscard]] const Node &node(std::uint32_t i) const { return network_.node(i); }

    void place(std::uint32_t i) {
        NodeLayout &own = all_[i];
        const SignalShape &shape = node(i).shape;
        own.root = own.into = i;
        own.channels = static_cast<std::uint32_t>(shape.channels());
        own.places = static_cast<std::uint32_t>(shape.channelElements());
        if (const NodeLayout *shown = shownBy(i)) {
            const bool kept = own.kept;
            own = *shown;
            own.into = i;
            own.kept = kept;
            return;
        }
        own.sizes = packedSizes(i);
        own.packed = !own.sizes.empty();
        own.pitch = own.packed ? (own.channels + block_ - 1) / block_ * block_ : own.channels;
    }

    /// Another node's memory that holds the same values in the same order.
    [[nodiscard]] const NodeLayout *shownBy(std::uint32_t i) const {
        const auto &sources = node(i).sources;
        const bool same = std::holds_alternative<Flatten>(node(i).layer) ||
                          std::holds_alternative<OutputLayer>(node(i).layer);
        if (!same || all_[i].kept || sources.size() != 1 || sources[0].previousStep)
            return nullptr;
        const SignalShape &shape = node(i).shape;
        const NodeLayout &shown = all_[all_[sources[0].node].root];
        return shape.rank == 1 || shape.channels() == shown.channels ? &shown : nullptr;
    }

    /// Empty: the node gives numbers.
    [[nodiscard]] std::vector<float> packedSizes(std::uint32_t i) const {
        const Node &here = node(i);
        if (const auto *neuron = std::get_if<Neuron>(&here.layer))
            return neuronSizes(*neuron, here.shape);
        if (std::holds_alternative<Concat>(here.layer))
            return joinedSizes(here);
        const auto *pool = std::get_if<Pool2d>(&here.layer);
        const bool max = pool != nullptr && pool->kind == PoolKind::Max;
        if ((!max && !std::holds_alternative<Upsample>(here.layer)) || here.sources.size() != 1)
            return {};
        std::vector<float> sizes = sourceSizes(here.sources[0], here.shape.channels());
        if (max && std::any_of(sizes.begin(), sizes.end(), [](float size) { return size < 0; }))
            return {};
        return sizes;
    }

    static std::vector<float> neuronSizes(const Neuron &neuron, const SignalShape &shape) {
        const auto sizes = neuron.amplitude.values();
        const bool fits = sizes.size() == 1 || sizes.size() == shape.channels();
        if (neuron.fire == Fire::Never || neuron.maxSpikes > 1 || neuron.trace || !fits ||
            std::find(sizes.begin(), sizes.end(), 0.0F) != sizes.end())
            return {};
        return {sizes.begin(), sizes.end()};
    }

    /// Of a packed source with as many channels, else empty.
    [[nodiscard]] std::vector<float> sourceSizes(const Source &source, std::size_t channels) const {
        const NodeLayout &from = all_[source.node];
        if (source.previousStep || !from.packed ||
            (from.sizes.size() > 1 && from.channels != channels))
            return {};
        return from.sizes;
    }

    [[nodiscard]] std::vector<float> joinedSizes(const Node &here) const {
        std::vector<float> joined;
        for (const Source &source : here.sources) {
            const std::size_t channels = node(source.node).shape.channels();
            const std::vector<float> sizes = sourceSizes(source, channels);
            if (sizes.empty())
                return {};
            for (std::size_t c = 0; c < channels; ++c)
                joined.push_back(sizes.size() == 1 ? sizes[0] : sizes[c]);
        }
        if (std::all_of(joined.begin(), joined.end(), [&](float s) { return s == joined[0]; }))
            joined.resize(1);
        return joined;
    }

    /// Neurons with one source that nobody else wants take its values before they are stored.
    void fuse(std::uint32_t i) {
        const auto &sources = node(i).sources;
        if (!std::holds_alternative<Neuron>(node(i).layer) || sources.size() != 1 ||
            sources[0].previousStep)
            return;
        const std::uint32_t from = sources[0].node;
        const Layer &layer = node(from).layer;
        const bool computes =
            std::holds_alternative<Conv2d>(layer) ||
            std::holds_alternative<ConvTranspose2d>(layer) ||
            std::holds_alternative<Linear>(layer) || std::holds_alternative<Scale>(layer) ||
            std::holds_alternative<Activation>(layer) || std::holds_alternative<Pool2d>(layer) ||
            std::holds_alternative<Upsample>(layer);
        if (computes && uses_[from] == 1)
            all_[from].into = i;
    }

    const Network &network_;
    const std::uint32_t block_;
    std::vector<NodeLayout> all_;
    std::vector<std::uint32_t> uses_;  ///< edges and outputs
};

}  // namespace

std::vector<NodeLayout> layOut(const Network &network, std::uint32_t block) {
    return Layouter(network, block).run();
}

}  // namespace fovea
