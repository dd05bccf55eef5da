// SPDX-License-Identifier: Apache-2.0
// Orders the nodes, finds the recurrent edges, checks every shape.
#include "engine/snn/network.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace fovea {

namespace {

using Lists = std::vector<std::vector<std::uint32_t>>;

/// Nodes in an order that follows the edges, and the edges that lead back.
struct Order {
    std::vector<std::uint32_t> nodes;
    std::set<std::pair<std::uint32_t, std::uint32_t>> back;
};

/// Depth first from the input, without recursion: files choose the depth.
Order orderFrom(std::uint32_t input, const Lists &targets) {
    enum class State : std::uint8_t { New, Open, Done };
    std::vector<State> states(targets.size(), State::New);
    std::vector<std::pair<std::uint32_t, std::size_t>> path = {{input, 0}};
    states[input] = State::Open;
    Order order;
    while (!path.empty()) {
        const std::uint32_t node = path.back().first;
        if (path.back().second == targets[node].size()) {
            states[node] = State::Done;
            order.nodes.push_back(node);
            path.pop_back();
            continue;
        }
        const std::uint32_t next = targets[node][path.back().second++];
        if (states[next] == State::Open)
            order.back.insert({node, next});
        if (states[next] != State::New)
            continue;
        states[next] = State::Open;
        path.emplace_back(next, 0);
    }
    std::reverse(order.nodes.begin(), order.nodes.end());
    return order;
}

/// A node of a circle in which nothing has state; nothing when there is no such circle.
std::optional<std::uint32_t> statelessCircle(const std::vector<Node> &nodes, const Lists &targets) {
    std::vector<std::size_t> open(nodes.size(), 0);
    for (std::uint32_t from = 0; from < nodes.size(); ++from)
        if (!hasState(nodes[from].layer))
            for (const std::uint32_t to : targets[from])
                ++open[to];
    std::vector<std::uint32_t> ready;
    for (std::uint32_t i = 0; i < nodes.size(); ++i)
        if (open[i] == 0 && !hasState(nodes[i].layer))
            ready.push_back(i);
    while (!ready.empty()) {
        const std::uint32_t node = ready.back();
        ready.pop_back();
        for (const std::uint32_t to : targets[node])
            if (--open[to] == 0 && !hasState(nodes[to].layer))
                ready.push_back(to);
    }
    for (std::uint32_t i = 0; i < nodes.size(); ++i)
        if (open[i] > 0 && !hasState(nodes[i].layer))
            return i;
    return std::nullopt;
}

/// What comes out is zero where nothing fired.
bool carriesSpikes(const Node &node, const std::vector<Node> &nodes) {
    if (const auto *neuron = std::get_if<Neuron>(&node.layer))
        return neuron->fire != Fire::Never && !neuron->trace;
    const auto *scale = std::get_if<Scale>(&node.layer);
    const bool keeps =
        std::holds_alternative<Pool2d>(node.layer) ||
        std::holds_alternative<Upsample>(node.layer) ||
        std::holds_alternative<Flatten>(node.layer) || std::holds_alternative<Add>(node.layer) ||
        std::holds_alternative<Concat>(node.layer) || std::holds_alternative<Delay>(node.layer) ||
        std::holds_alternative<OutputLayer>(node.layer) ||
        (scale != nullptr && scale->offset.all(0));
    return keeps && !node.sources.empty() &&
           std::all_of(node.sources.begin(), node.sources.end(),
                       [&](const Source &source) { return nodes[source.node].spikes; });
}

/// Shapes in order; those of delayed edges are held against what was found.
Result<void> inferShapes(std::vector<Node> &nodes) {
    for (Node &node : nodes) {
        std::vector<SignalShape> inputs;
        for (const Source &source : node.sources)
            if (!source.previousStep)
                inputs.push_back(nodes[source.node].shape);
            else if (std::holds_alternative<Concat>(node.layer))
                return fail(ErrorCode::Unsupported,
                            "node '{}': a recurrent edge into a Concat is not supported",
                            node.name);
        const Result<SignalShape> shape = outputShape(node.layer, inputs);
        if (!shape)
            return fail(shape.error().code, "node '{}' ({}): {}", node.name, layerName(node.layer),
                        shape.error().message);
        node.shape = *shape;
        node.spikes = carriesSpikes(node, nodes);
    }
    for (const Node &node : nodes)
        for (const Source &source : node.sources)
            if (source.previousStep &&
                nodes[source.node].shape != nodes[node.sources[0].node].shape)
                return fail(ErrorCode::InvalidArgument,
                            "node '{}': the recurrent edge from '{}' brings {}, but {} comes in",
                            node.name, nodes[source.node].name, toString(nodes[source.node].shape),
                            toString(nodes[node.sources[0].node].shape));
    return {};
}

/// Places that a value at `at` reaches along one side.
std::uint32_t placesReached(std::size_t at, std::uint32_t kernel, std::uint32_t stride,
                            std::uint32_t dilation, std::uint32_t before, std::size_t outputs) {
    std::uint32_t places = 0;
    for (std::uint64_t tap = 0; tap < kernel; ++tap) {
        const std::uint64_t from = at + before;
        if (from < tap * dilation || (from - tap * dilation) % stride != 0)
            continue;
        places += (from - tap * dilation) / stride < outputs ? 1U : 0U;
    }
    return places;
}

}  // namespace

struct NetworkBuilder::Links {
    std::uint32_t input = 0;
    Lists targets;
    Lists sources;
};

NetworkBuilder &NetworkBuilder::add(std::string name, Layer layer) {
    nodes_.push_back({std::move(name), std::move(layer), {}, {}, false});
    return *this;
}

NetworkBuilder &NetworkBuilder::then(std::string name, Layer layer) {
    if (!nodes_.empty())
        connect(nodes_.back().name, name);
    return add(std::move(name), std::move(layer));
}

NetworkBuilder &NetworkBuilder::connect(std::string from, std::string to) {
    edges_.push_back({std::move(from), std::move(to)});
    return *this;
}

Result<NetworkBuilder::Links> NetworkBuilder::link() const {
    if (nodes_.size() > maxNodes)
        return fail(ErrorCode::InvalidArgument, "{} nodes, allowed are {}", nodes_.size(),
                    maxNodes);
    Links links{0, Lists(nodes_.size()), Lists(nodes_.size())};
    std::map<std::string_view, std::uint32_t> byName;
    std::size_t inputs = 0;
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].name.empty() || !byName.emplace(nodes_[i].name, i).second)
            return fail(ErrorCode::InvalidArgument, "node '{}': names are unique and not empty",
                        nodes_[i].name);
        if (std::holds_alternative<InputLayer>(nodes_[i].layer)) {
            links.input = i;
            ++inputs;
        }
    }
    if (inputs != 1)
        return fail(inputs == 0 ? ErrorCode::InvalidArgument : ErrorCode::Unsupported,
                    "a network has exactly one Input, not {}", inputs);
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    for (const Edge &edge : edges_) {
        const auto from = byName.find(edge.from);
        const auto to = byName.find(edge.to);
        if (from == byName.end() || to == byName.end())
            return fail(ErrorCode::InvalidArgument, "edge '{}' -> '{}': there is no node '{}'",
                        edge.from, edge.to, from == byName.end() ? edge.from : edge.to);
        if (to->second == links.input)
            return fail(ErrorCode::InvalidArgument,
                        "edge '{}' -> '{}': nothing may come into an Input", edge.from, edge.to);
        if (!seen.insert({from->second, to->second}).second)
            return fail(ErrorCode::InvalidArgument, "edge '{}' -> '{}' is there twice", edge.from,
                        edge.to);
        links.targets[from->second].push_back(to->second);
        links.sources[to->second].push_back(from->second);
    }
    return links;
}

Result<Network> NetworkBuilder::build() {
    Result<Links> links = link();
    if (!links)
        return failed(links);
    if (const auto node = statelessCircle(nodes_, links->targets))
        return fail(ErrorCode::InvalidArgument,
                    "node '{}': its circle of edges holds no neuron and no delay",
                    nodes_[*node].name);
    const Order order = orderFrom(links->input, links->targets);
    std::vector<std::uint32_t> place(nodes_.size(), static_cast<std::uint32_t>(nodes_.size()));
    for (std::uint32_t i = 0; i < order.nodes.size(); ++i)
        place[order.nodes[i]] = i;
    for (std::size_t i = 0; i < nodes_.size(); ++i)
        if (place[i] == nodes_.size())
            return fail(ErrorCode::InvalidArgument, "node '{}': nothing leads to it from the input",
                        nodes_[i].name);
    Network network;
    network.nodes_.reserve(nodes_.size());
    std::vector<std::uint32_t> ends;
    for (const std::uint32_t from : order.nodes) {
        Node &node = network.nodes_.emplace_back(std::move(nodes_[from]));
        for (const std::uint32_t source : links->sources[from])
            node.sources.push_back({place[source], order.back.contains({source, from})});
        network.recurrent_ |= std::any_of(node.sources.begin(), node.sources.end(),
                                          [](const Source &s) { return s.previousStep; });
        if (const auto *neuron = std::get_if<Neuron>(&node.layer); neuron != nullptr)
            if (const std::size_t steps = neuron->stepGains.size(); steps > 0)
                network.maxSteps_ =
                    network.maxSteps_ == 0 ? steps : std::min(network.maxSteps_, steps);
        if (std::holds_alternative<OutputLayer>(node.layer)) {
            network.outputs_.push_back(place[from]);
            if (!links->targets[from].empty())
                return fail(ErrorCode::InvalidArgument, "node '{}': an edge leaves an Output",
                            node.name);
        }
        if (links->targets[from].empty())
            ends.push_back(place[from]);
    }
    if (auto shaped = inferShapes(network.nodes_); !shaped)
        return failed(shaped);
    if (network.outputs_.empty())
        network.outputs_ = ends;
    if (network.outputs_.empty())
        return fail(ErrorCode::InvalidArgument, "no Output, and something follows every node");
    return network;
}

std::optional<std::uint32_t> Network::find(std::string_view name) const {
    for (std::uint32_t i = 0; i < nodes_.size(); ++i)
        if (nodes_[i].name == name)
            return i;
    return std::nullopt;
}

std::vector<std::uint32_t> Network::fanOut(std::size_t index) const {
    const Node &to = nodes_[index];
    if (const auto *linear = std::get_if<Linear>(&to.layer))
        return std::vector<std::uint32_t>(1, linear->weight.shape.sides[0]);
    const auto *conv = std::get_if<Conv2d>(&to.layer);
    const auto *transposed = std::get_if<ConvTranspose2d>(&to.layer);
    if (conv == nullptr && transposed == nullptr)
        return {};
    const Grid in = gridOf(nodes_[to.sources[0].node].shape);
    const Grid out = gridOf(to.shape);
    const auto &weight =
        conv != nullptr ? conv->weight.shape.sides : transposed->weight.shape.sides;
    std::vector<std::uint32_t> reached(in.height * in.width);
    if (transposed != nullptr) {
        std::fill(reached.begin(), reached.end(), weight[1] * weight[2] * weight[3]);
        return reached;
    }
    const std::uint32_t outputs = weight[0] / conv->groups;
    for (std::size_t y = 0; y < in.height; ++y) {
        const std::uint32_t rows =
            placesReached(y, weight[2], conv->stride.height, conv->dilation.height,
                          conv->padding.top, out.height);
        for (std::size_t x = 0; x < in.width; ++x)
            reached[y * in.width + x] =
                outputs * rows *
                placesReached(x, weight[3], conv->stride.width, conv->dilation.width,
                              conv->padding.left, out.width);
    }
    return reached;
}

}  // namespace fovea
