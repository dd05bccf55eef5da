// SPDX-License-Identifier: Apache-2.0
// Walks an ONNX graph: what is needed, what every name stands for, inputs and outputs.
#include "engine/snn/onnx_file.h"
#include "engine/snn/onnx_import.h"

#include <algorithm>
#include <set>

namespace fovea {

OnnxImport::OnnxImport(ByteFile &file, const OnnxGraph &graph)
    : file_(file), graph_(graph), constants_(file) {}

std::string OnnxImport::supported() {
    std::string all;
    for (const auto &[name, _] : handlers())
        all += (all.empty() ? "" : ", ") + name;
    return all;
}

void OnnxImport::findNeeded() {
    needed_.assign(graph_.nodes.size(), false);
    for (const OnnxValue &output : graph_.outputs)
        ++uses_[output.name];
    // Nodes come after what they need; where they do not, takeNode() refuses.
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
        const OnnxNode &node = graph_.nodes[i];
        needed_[i] = std::any_of(node.outputs.begin(), node.outputs.end(), [&](const auto &name) {
            return !name.empty() && uses_.contains(name);
        });
        if (needed_[i])
            for (const std::string &input : node.inputs)
                ++uses_[input];
    }
}

Result<void> OnnxImport::takeInput() {
    const OnnxValue *input = nullptr;
    for (const OnnxValue &one : graph_.inputs) {
        if (graph_.initializers.contains(one.name))
            continue;
        if (input != nullptr)
            return fail(ErrorCode::Unsupported, "two inputs, '{}' and '{}': one is supported",
                        input->name, one.name);
        input = &one;
    }
    if (input == nullptr)
        return fail(ErrorCode::BadFile, "it has no input");
    if (input->sides.size() < 2)
        return fail(ErrorCode::Unsupported,
                    "input '{}' has {} sides, supported are a batch and 1 to {} more", input->name,
                    input->sides.size(), SignalShape::maxRank);
    batch_ = std::max<std::int64_t>(input->sides[0], 1);
    constexpr std::int64_t mostBatch = 1 << 20;
    if (batch_ > mostBatch)
        return fail(ErrorCode::BadFile, "input '{}': a batch of {}, allowed are 1 to {}",
                    input->name, batch_, mostBatch);
    const std::span sides = std::span(input->sides).subspan(1);
    for (const std::int64_t side : sides)
        if (side < 1)
            return fail(ErrorCode::Unsupported,
                        "input '{}': only the batch may have no fixed size; export the network "
                        "with a fixed picture size",
                        input->name);
    const auto shape = SignalShape::make(sides);
    if (!shape)
        return fail(ErrorCode::BadFile, "input '{}': {}", input->name, shape.error().message);
    const std::string name = unique(input->name);
    builder_.add(name, InputLayer{*shape});
    shapes_[name] = *shape;
    values_[input->name] = Signal{name, *shape, {}};
    return {};
}

Result<bool> OnnxImport::tryFold(const OnnxNode &node) {
    std::vector<OnnxConstant> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const auto one = value(node, i);
        if (!one)
            return tl::make_unexpected(one.error());
        const auto *known = std::get_if<OnnxConstant>(*one);
        if (known == nullptr)
            return false;
        inputs.push_back(*known);
    }
    auto folded = foldConstant(constants_, node, inputs);
    if (!folded)
        return failed(folded);
    steps_ += folded->values.size();
    if (steps_ > 16 * OnnxConstants::maxSmall)
        return fail(ErrorCode::Unsupported, "too many numbers are computed while reading");
    give(node, std::move(*folded));
    return true;
}

Result<void> OnnxImport::takeNode(const OnnxNode &node) {
    const auto handler = handlers().find(node.type);
    const bool known = node.domain.empty() || node.domain == "ai.onnx";
    if (handler == handlers().end() || !known)
        return fail(ErrorCode::Unsupported, "operator {}{} is not supported; supported are {}",
                    known ? "" : node.domain + ".", node.type, supported());
    if (node.outputs.empty())
        return fail(ErrorCode::BadFile, "nothing comes out");
    if (folds(node.type)) {
        auto folded = tryFold(node);
        if (!folded)
            return failed(folded);
        if (*folded)
            return {};
    }
    return (this->*handler->second)(node);
}

Result<void> OnnxImport::takeOutputs() {
    if (graph_.outputs.empty())
        return fail(ErrorCode::BadFile, "it has no output");
    for (const OnnxValue &output : graph_.outputs) {
        const auto found = values_.find(output.name);
        if (found == values_.end() || std::holds_alternative<OnnxConstant>(found->second))
            return fail(ErrorCode::BadFile, "output '{}': nothing that depends on the input",
                        output.name);
        auto from = settle(found->second, false);
        if (!from)
            return failed(from);
        if (auto added = add(unique(output.name), OutputLayer{}, std::span(&*from, 1)); !added)
            return failed(added);
    }
    return {};
}

Result<Network> OnnxImport::run() {
    findNeeded();
    if (auto taken = takeInput(); !taken)
        return failed(taken);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
        if (!needed_[i])
            continue;
        const OnnxNode &node = graph_.nodes[i];
        if (auto taken = takeNode(node); !taken)
            return fail(taken.error().code == ErrorCode::InvalidArgument ? ErrorCode::BadFile
                                                                         : taken.error().code,
                        "node '{}' ({}): {}",
                        !node.name.empty()      ? node.name
                        : !node.outputs.empty() ? node.outputs[0]
                                                : fmt::format("{}", i),
                        node.type, taken.error().message);
    }
    if (auto taken = takeOutputs(); !taken)
        return failed(taken);
    return builder_.build();
}

std::string OnnxImport::unique(std::string name) {
    std::replace(name.begin(), name.end(), '/', '.');
    name.erase(0, name.find_first_not_of('.'));
    if (name.empty())
        name = "node";
    std::string free = name;
    for (std::size_t &count = taken_[name]; shapes_.contains(free); ++count)
        free = fmt::format("{}_{}", name, count + 2);
    return free;
}

std::string OnnxImport::nameFor(const OnnxNode &node) {
    // "/features/act/Relu" is named after the module that it is in.
    std::string name = node.name.empty() ? node.outputs[0] : node.name;
    const std::size_t slash = name.rfind('/');
    if (slash != std::string::npos && slash > 0)
        name.resize(slash);
    return unique(std::move(name));
}

bool OnnxImport::given(const OnnxNode &node, std::size_t index) const {
    return index < node.inputs.size() && !node.inputs[index].empty();
}

Result<OnnxImport::Value *> OnnxImport::value(const OnnxNode &node, std::size_t index) {
    if (!given(node, index))
        return fail(ErrorCode::BadFile, "input {} is missing", index + 1);
    const std::string &name = node.inputs[index];
    if (const auto found = values_.find(name); found != values_.end())
        return &found->second;
    const auto stored = graph_.initializers.find(name);
    if (stored == graph_.initializers.end())
        return fail(ErrorCode::BadFile,
                    "its input '{}' is given by nothing before it (a dangling name or a circle)",
                    name);
    auto opened = constants_.open(stored->second);
    if (!opened)
        return failed(opened);
    return &(values_[name] = std::move(*opened));
}

Result<OnnxImport::Signal> OnnxImport::settle(Value &value, bool padded) {
    if (auto *pending = std::get_if<Pending>(&value)) {
        auto layers = pending->chain.layers();
        if (!layers)
            return failed(layers);
        Signal last = pending->signal;
        for (Layer &layer : *layers) {
            auto next = add(unique(pending->name), std::move(layer), std::span(&last, 1));
            if (!next)
                return failed(next);
            last = std::move(*next);
        }
        value = last;
    }
    Signal signal = std::get<Signal>(value);
    if (signal.padding == Border{} || padded)
        return signal;
    // A 1x1 convolution of each channel with 1 adds the zeros and nothing else.
    const auto channels = static_cast<std::uint32_t>(signal.shape.channels());
    Conv2d zeros{{SignalShape::of({channels, 1, 1, 1}), std::vector<float>(channels, 1)},
                 {},
                 {1, 1},
                 signal.padding,
                 {1, 1},
                 channels};
    signal.padding = {};
    auto added = add(unique(signal.node + ".pad"), std::move(zeros), std::span(&signal, 1));
    if (added)
        value = *added;
    return added;
}

Result<OnnxImport::Signal> OnnxImport::signal(const OnnxNode &node, std::size_t index,
                                              bool padded) {
    const auto found = value(node, index);
    if (!found)
        return tl::make_unexpected(found.error());
    if (std::holds_alternative<OnnxConstant>(**found))
        return fail(ErrorCode::Unsupported, "its input '{}' is a constant, not a signal",
                    node.inputs[index]);
    return settle(**found, padded);
}

Result<OnnxConstant> OnnxImport::constant(const OnnxNode &node, std::size_t index) {
    const auto found = value(node, index);
    if (!found)
        return tl::make_unexpected(found.error());
    if (const auto *known = std::get_if<OnnxConstant>(*found))
        return *known;
    return fail(ErrorCode::Unsupported, "its input '{}' must be a constant", node.inputs[index]);
}

Result<std::vector<double>> OnnxImport::numbers(const OnnxNode &node, std::size_t index) {
    const auto found = constant(node, index);
    if (!found)
        return tl::make_unexpected(found.error());
    return constants_.numbers(*found);
}

Result<std::vector<double>> OnnxImport::list(const OnnxNode &node, const std::string &name,
                                             std::size_t index) {
    if (const OnnxAttribute *attribute = attributeOf(node, name))
        return attribute->singles.empty()
                   ? std::vector<double>(attribute->integers.begin(), attribute->integers.end())
                   : std::vector<double>(attribute->singles.begin(), attribute->singles.end());
    return given(node, index) ? numbers(node, index) : std::vector<double>{};
}

void OnnxImport::give(const OnnxNode &node, Value value) {
    values_[node.outputs[0]] = std::move(value);
}

Result<OnnxImport::Signal> OnnxImport::add(const std::string &name, Layer layer,
                                           std::span<const Signal> from) {
    std::vector<SignalShape> shapes;
    for (const Signal &one : from)
        shapes.push_back(one.shape);
    const auto shape = fovea::outputShape(layer, shapes);
    if (!shape)
        return tl::make_unexpected(shape.error());
    builder_.add(name, std::move(layer));
    for (const Signal &one : from)
        builder_.connect(one.node, name);
    shapes_[name] = *shape;
    return Signal{name, *shape, {}};
}

Result<void> OnnxImport::emit(const OnnxNode &node, Layer layer, std::span<const Signal> from) {
    auto added = add(nameFor(node), std::move(layer), from);
    if (!added)
        return failed(added);
    give(node, std::move(*added));
    return {};
}

Result<OnnxModel> readOnnx(const std::filesystem::path &path) {
    return withoutThrowing([&]() -> Result<OnnxModel> {
        auto file = ByteFile::open(path);
        if (!file)
            return failed(file);
        const auto graph = readOnnxGraph(*file);
        if (!graph)
            return tl::make_unexpected(graph.error());
        OnnxImport import(*file, *graph);
        auto network = import.run();
        if (!network)
            return fail(network.error().code == ErrorCode::InvalidArgument ? ErrorCode::BadFile
                                                                           : network.error().code,
                        "{}: {}", path.string(), network.error().message);
        return OnnxModel{std::move(*network), graph->producer, graph->opset,
                         std::move(import.warnings)};
    });
}

}  // namespace fovea
