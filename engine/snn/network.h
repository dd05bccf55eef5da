// SPDX-License-Identifier: Apache-2.0
// A spiking network: layers joined by edges, checked once and never changed.
#pragma once

#include "engine/snn/layers.h"

#include <map>

namespace fovea {

/// One edge into a node. `previousStep`: it closes a circle, so it carries what its source gave in
/// the step before (zeros in the first).
struct Source {
    std::uint32_t node = 0;
    bool previousStep = false;
    friend bool operator==(const Source &, const Source &) = default;
};

struct Node {
    std::string name;
    Layer layer;
    std::vector<Source> sources;  ///< in the order of the edges; several are added (Concat: joined)
    SignalShape shape;            ///< of what goes out
    bool spikes = false;          ///< zero unless something fired: what comes of it is event-driven
};

/// Immutable; knows nothing of how it is run. Executors refer to it, so it must outlive them.
///
/// Threads: any number may read.
class Network {
public:
    /// In an order in which every node comes after its sources, but for edges of the previous step.
    [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }
    [[nodiscard]] const Node &node(std::size_t index) const { return nodes_[index]; }
    /// Always the first node.
    [[nodiscard]] const SignalShape &inputShape() const { return nodes_[0].shape; }
    /// Indices of the Output nodes, at least one.
    [[nodiscard]] std::span<const std::uint32_t> outputs() const { return outputs_; }
    [[nodiscard]] const SignalShape &outputShape(std::size_t which = 0) const {
        return nodes_[outputs_[which]].shape;
    }
    /// An edge carries the previous step: only step by step can it be run.
    [[nodiscard]] bool recurrent() const { return recurrent_; }
    /// Steps after which a DLIF layer has no gain left; 0: no limit.
    [[nodiscard]] std::size_t maxSteps() const { return maxSteps_; }
    /// Index of the node of that name.
    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
    /// How many places a value of channel-plane position `place` of node `index`'s input reaches;
    /// multiplied by the outputs of each: the synaptic operations of one spike there. 0 for layers
    /// without weights.
    [[nodiscard]] std::vector<std::uint32_t> fanOut(std::size_t index) const;

private:
    friend class NetworkBuilder;
    std::vector<Node> nodes_;
    std::vector<std::uint32_t> outputs_;
    bool recurrent_ = false;
    std::size_t maxSteps_ = 0;
};

/// Takes nodes and edges in any order and makes a Network of them.
///
/// Threads: one at a time.
class NetworkBuilder {
public:
    static constexpr std::size_t maxNodes = 65536;

    /// Names are unique and not empty; build() finds the breach.
    NetworkBuilder &add(std::string name, Layer layer);
    /// add() and an edge from the node that was added last.
    NetworkBuilder &then(std::string name, Layer layer);
    NetworkBuilder &connect(std::string from, std::string to);

    /// Exactly one Input; nodes that nothing follows become outputs when there is no Output. A
    /// circle of edges needs a layer with state; its delayed edge is the one that leads back to a
    /// node on the way from the input (depth first, edges in their order). Every node is reached
    /// from the input. InvalidArgument names node and field. Takes the layers out of the builder.
    [[nodiscard]] Result<Network> build();

private:
    struct Edge {
        std::string from;
        std::string to;
    };
    struct Links;
    [[nodiscard]] Result<Links> link() const;

    std::vector<Node> nodes_;
    std::vector<Edge> edges_;
};

}  // namespace fovea
