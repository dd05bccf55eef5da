// SPDX-License-Identifier: Apache-2.0
// Writes a network as NIR, strictly.
#include "engine/snn/hdf5_writer.h"
#include "engine/snn/nir_file.h"

#include <algorithm>
#include <functional>

namespace fovea {

namespace {

constexpr const char *layoutVersion = "1.0.7";

/// Why NIR has no words for the layer; empty when it has.
std::string whyNot(const Node &node) {
    if (const auto *conv = std::get_if<Conv2d>(&node.layer)) {
        const Border &p = conv->padding;
        if (p.top != p.bottom || p.left != p.right)
            return "NIR pads both ends alike";
    } else if (const auto *pool = std::get_if<Pool2d>(&node.layer)) {
        const Border &p = pool->padding;
        if (pool->kind == PoolKind::Max)
            return "NIR has no max pool: use average pools";
        if (node.shape.rank != 3 || p.top != p.bottom || p.left != p.right)
            return "NIR pools pictures and pads both ends alike";
        if (!pool->countPadding && (p.top != 0 || p.left != 0))
            return "NIR's average counts the padded zeros";
    } else if (const auto *scale = std::get_if<Scale>(&node.layer)) {
        if (!scale->offset.all(0))
            return "NIR's Scale has no offset";
    } else if (!std::holds_alternative<InputLayer>(node.layer) &&
               !std::holds_alternative<OutputLayer>(node.layer) &&
               !std::holds_alternative<Linear>(node.layer) &&
               !std::holds_alternative<Flatten>(node.layer) &&
               !std::holds_alternative<Add>(node.layer) &&
               !std::holds_alternative<Delay>(node.layer) &&
               !std::holds_alternative<Neuron>(node.layer)) {
        return fmt::format("NIR has no {}", layerName(node.layer));
    } else if (const auto *neuron = std::get_if<Neuron>(&node.layer)) {
        for (std::size_t i = 0; i < node.shape.elements(); ++i)
            if (neuron->decay.at(i, node.shape) == 1 && neuron->drive.at(i, node.shape) != 0)
                return "NIR drives leaky neurons only";
    }
    return node.name.find('/') == 0 ? "its name begins with a slash" : "";
}

/// Writes one node.
class NodeWriter {
public:
    NodeWriter(Hdf5Writer &file, const Node &node, const SignalShape &from, std::string path,
               double dt)
        : file_(file), node_(node), from_(from), path_(std::move(path)), dt_(dt) {
        sides_.assign(node.shape.values().begin(), node.shape.values().end());
    }

    void write() {
        std::visit([this](const auto &layer) { layerOf(layer); }, node_.layer);
    }

private:
    [[nodiscard]] std::string at(const std::string &name) const { return path_ + "/" + name; }
    void type(const std::string &name) { file_.text(at("type"), name); }
    void integers(const std::string &name, const std::vector<std::int64_t> &values) {
        const std::uint64_t count = values.size();
        file_.integers(at(name), values, std::span(&count, 1));
    }
    void integer(const std::string &name, std::int64_t value) {
        file_.integers(at(name), std::span(&value, 1), {});
    }
    void shape(const std::string &name, const SignalShape &shape) {
        integers(name, {shape.values().begin(), shape.values().end()});
    }
    void bias(const std::vector<float> &values, std::size_t outputs) {
        const std::uint64_t count = outputs;
        const std::vector<float> zeros(values.empty() ? outputs : 0, 0.0F);
        file_.numbers(at("bias"), values.empty() ? std::span<const float>(zeros) : values,
                      std::span(&count, 1));
    }
    /// One number a neuron by `formula`.
    void perNeuron(const std::string &name, const std::function<double(std::size_t)> &formula) {
        std::vector<double> all(node_.shape.elements());
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = formula(i);
        file_.numbers(at(name), std::span<const double>(all), sides_);
    }
    void perNeuron(const std::string &name, const Parameter &parameter) {
        perNeuron(name, [&](std::size_t i) { return double{parameter.at(i, node_.shape)}; });
    }
    void hint(const std::string &name, const std::string &word) {
        file_.text(at("metadata/" + name), word);
    }
    void hint(const std::string &name, std::span<const float> values) {
        const std::uint64_t count = values.size();
        file_.numbers(at("metadata/" + name), values, std::span(&count, 1));
    }

    void layerOf(const InputLayer &layer) {
        type("Input");
        shape("shape", layer.shape);
    }
    void layerOf(const OutputLayer &) {
        type("Output");
        shape("shape", node_.shape);
    }
    void layerOf(const Linear &layer) {
        type(layer.bias.empty() ? "Linear" : "Affine");
        weight(layer.weight.values, {layer.weight.shape.sides[0], layer.weight.shape.sides[1]});
        if (!layer.bias.empty())
            bias(layer.bias, layer.bias.size());
    }
    void weight(std::span<const float> values, const std::vector<std::uint64_t> &sides) {
        file_.numbers(at("weight"), values, sides);
    }
    void layerOf(const Conv2d &layer) {
        const auto &sides = layer.weight.shape.sides;
        const bool line = node_.shape.rank == 2;
        type(line ? "Conv1d" : "Conv2d");
        const Grid grid = gridOf(from_);
        if (line) {
            weight(layer.weight.values, {sides[0], sides[1], sides[3]});
            integer("input_shape", static_cast<std::int64_t>(grid.width));
            integer("stride", layer.stride.width);
            integer("padding", layer.padding.left);
            integer("dilation", layer.dilation.width);
        } else {
            weight(layer.weight.values, {sides[0], sides[1], sides[2], sides[3]});
            integers("input_shape", {static_cast<std::int64_t>(grid.height),
                                     static_cast<std::int64_t>(grid.width)});
            integers("stride", {layer.stride.height, layer.stride.width});
            integers("padding", {layer.padding.top, layer.padding.left});
            integers("dilation", {layer.dilation.height, layer.dilation.width});
        }
        integer("groups", layer.groups);
        bias(layer.bias, sides[0]);
    }
    void layerOf(const Pool2d &layer) {
        type(layer.kind == PoolKind::Sum ? "SumPool2d" : "AvgPool2d");
        integers("kernel_size", {layer.kernel.height, layer.kernel.width});
        integers("stride", {layer.stride.height, layer.stride.width});
        integers("padding", {layer.padding.top, layer.padding.left});
    }
    void layerOf(const Flatten &layer) {
        type("Flatten");
        integer("start_dim", layer.first);
        integer("end_dim", layer.last);
        shape("input_type", from_);
    }
    void layerOf(const Scale &layer) {
        type("Scale");
        perNeuron("scale", layer.factor);
    }
    void layerOf(const Add &) {
        type("Scale");
        perNeuron("scale", Parameter(1));
        hint("layer", "add");
    }
    void layerOf(const Delay &layer) {
        type("Delay");
        perNeuron("delay",
                  [&](std::size_t i) { return double{layer.steps.at(i, node_.shape)} * dt_; });
    }
    void layerOf(const Neuron &neuron);
    void parameters(const Neuron &neuron, bool leaky);
    void hints(const Neuron &neuron);
    // Refused by whyNot().
    void layerOf(const ConvTranspose2d &) {}
    void layerOf(const Upsample &) {}
    void layerOf(const Concat &) {}
    void layerOf(const Activation &) {}

    Hdf5Writer &file_;
    const Node &node_;
    const SignalShape &from_;
    std::string path_;
    double dt_;
    std::vector<std::uint64_t> sides_;
};

void NodeWriter::layerOf(const Neuron &neuron) {
    const std::string_view model = modelName(neuron);
    const bool fires = neuron.fire != Fire::Never;
    const bool leaky = neuron.synapse || !(neuron.decay.all(1) && neuron.drive.all(0));
    if (model == "Threshold") {
        type("Threshold");
        perNeuron("threshold", neuron.threshold);
    } else {
        type(neuron.synapse ? (fires ? "CubaLIF" : "CubaLI")
             : leaky        ? (fires ? "LIF" : "LI")
                            : (fires ? "IF" : "I"));
        parameters(neuron, leaky);
        if (fires) {
            perNeuron("v_threshold", neuron.threshold);
            perNeuron("v_reset", neuron.resetTo);
        }
    }
    hints(neuron);
}

void NodeWriter::parameters(const Neuron &neuron, bool leaky) {
    const auto value = [this](const Parameter &parameter, std::size_t i) {
        return double{parameter.at(i, node_.shape)};
    };
    if (!leaky) {
        perNeuron("r", [&](std::size_t i) { return value(neuron.gain, i) / dt_; });
        return;
    }
    // decay = 1 - dt / tau; what never decays has an endless tau and its gain in r.
    const auto leak = [&](std::size_t i) { return 1 - value(neuron.decay, i); };
    perNeuron(neuron.synapse ? "tau_mem" : "tau", [&](std::size_t i) { return dt_ / leak(i); });
    perNeuron("r", [&](std::size_t i) { return value(neuron.gain, i) / leak(i); });
    perNeuron("v_leak", [&](std::size_t i) { return value(neuron.drive, i) / leak(i); });
    if (neuron.synapse) {
        const Filter &synapse = *neuron.synapse;
        const auto fade = [&](std::size_t i) { return 1 - value(synapse.decay, i); };
        perNeuron("tau_syn", [&](std::size_t i) { return dt_ / fade(i); });
        perNeuron("w_in", [&](std::size_t i) { return value(synapse.gain, i) / fade(i); });
    }
}

void NodeWriter::hints(const Neuron &neuron) {
    if (neuron.fire != Fire::Never && neuron.reset == Reset::Soft)
        hint("reset", "soft");
    if (neuron.fire == Fire::AtThreshold)
        hint("fire", "at threshold");
    if (neuron.initial != (neuron.fire == Fire::Never ? Parameter(0) : neuron.resetTo))
        hint("initial", neuron.initial.values());
    if (!neuron.amplitude.all(1))
        hint("amplitude", neuron.amplitude.values());
    if (!neuron.stepGains.empty())
        hint("step_gains", neuron.stepGains);
    if (neuron.maxSpikes > 1) {
        const auto most = static_cast<float>(neuron.maxSpikes);
        hint("max_spikes", std::span(&most, 1));
    }
    if (neuron.trace) {
        hint("trace_decay", neuron.trace->decay.values());
        hint("trace_gain", neuron.trace->gain.values());
    }
}

/// Some neuron of a leaky layer never decays: tau would be endless.
bool endlessTau(const Neuron &neuron) {
    const auto never = [](const Parameter &decay) {
        const auto values = decay.values();
        return std::find(values.begin(), values.end(), 1.0F) != values.end();
    };
    return (neuron.synapse && (never(neuron.decay) || never(neuron.synapse->decay))) ||
           (never(neuron.decay) && !neuron.decay.all(1));
}

}  // namespace

Result<void> writeNir(const Network &network, const std::filesystem::path &path, double dt,
                      const std::map<std::string, std::string> &metadata) {
    for (const Node &node : network.nodes()) {
        std::string reason = whyNot(node);
        if (const auto *neuron = std::get_if<Neuron>(&node.layer); neuron && endlessTau(*neuron))
            reason = "NIR has no leaky neuron that never leaks";
        if (!reason.empty())
            return fail(ErrorCode::Unsupported, "node '{}' ({}) cannot be written: {}", node.name,
                        layerName(node.layer), reason);
    }
    auto file = Hdf5Writer::create(path);
    if (!file)
        return failed(file);
    file->text("/version", layoutVersion);
    file->text("/node/type", "NIRGraph");
    std::vector<std::string> edges;
    for (const Node &node : network.nodes()) {
        // '/' would nest groups; names of sub-graphs' nodes hold it.
        const auto plain = [](std::string name) {
            std::replace(name.begin(), name.end(), '/', '.');
            return name;
        };
        const SignalShape &from =
            node.sources.empty() ? node.shape : network.node(node.sources[0].node).shape;
        NodeWriter(*file, node, from, "/node/nodes/" + plain(node.name), dt).write();
        for (const Source &source : node.sources) {
            edges.push_back(plain(network.node(source.node).name));
            edges.push_back(plain(node.name));
        }
    }
    file->texts("/node/edges", edges, 2);
    for (const auto &[name, text] : metadata)
        if (name != "dt")
            file->text("/node/metadata/" + name, text);
    const std::vector<double> step = {dt};
    file->numbers("/node/metadata/dt", std::span<const double>(step), {});
    return file->close();
}

}  // namespace fovea
