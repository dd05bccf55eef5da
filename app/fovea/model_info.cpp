// SPDX-License-Identifier: Apache-2.0
// fovea model info: what a network in a file is made of.
#include "app/fovea/model_action.h"

#include "app/exit_code.h"
#include "app/frame_json.h"
#include "app/output_file.h"
#include "engine/snn/nir_file.h"
#include "engine/snn/onnx_file.h"

namespace fovea {

namespace {

/// Neurons and weights of a network.
struct Totals {
    std::size_t neurons = 0;
    std::size_t parameters = 0;
};

Totals totalsOf(const Network &network) {
    Totals totals;
    for (const Node &node : network.nodes()) {
        totals.parameters += parameterCount(node.layer);
        if (std::holds_alternative<Neuron>(node.layer))
            totals.neurons += node.shape.elements();
    }
    return totals;
}

Json nodeJson(const Network &network, const Node &node) {
    Json sources = Json::array();
    for (const Source &source : node.sources)
        sources.push_back(
            Json{{"node", network.node(source.node).name}, {"previous_step", source.previousStep}});
    Json json{{"name", node.name},
              {"type", layerName(node.layer)},
              {"shape",
               std::vector<std::uint32_t>(node.shape.values().begin(), node.shape.values().end())},
              {"parameters", parameterCount(node.layer)},
              {"spikes", node.spikes},
              {"sources", std::move(sources)}};
    if (const auto *neuron = std::get_if<Neuron>(&node.layer); neuron != nullptr) {
        json["neurons"] = node.shape.elements();
        if (neuron->fire != Fire::Never) {
            json["reset"] = neuron->reset == Reset::Soft ? "soft" : "hard";
            json["fires"] = neuron->fire == Fire::AtThreshold ? "at threshold" : "above threshold";
        }
    }
    return json;
}

Json modelJson(const std::string &path, const ModelFile &model) {
    const Network &network = model.network;
    const Totals totals = totalsOf(network);
    Json nodes = Json::array();
    for (const Node &node : network.nodes())
        nodes.push_back(nodeJson(network, node));
    Json outputs = Json::array();
    for (const std::uint32_t output : network.outputs())
        outputs.push_back(network.node(output).name);
    const auto input = network.inputShape().values();
    return Json{{"file", path},
                {"format", model.format},
                {"version", model.version},
                {"dt_seconds", model.dt},
                {"input_shape", std::vector<std::uint32_t>(input.begin(), input.end())},
                {"outputs", std::move(outputs)},
                {"neurons", totals.neurons},
                {"parameters", totals.parameters},
                {"recurrent", network.recurrent()},
                {"max_steps", network.maxSteps()},
                {"nodes", std::move(nodes)},
                {"metadata", model.metadata},
                {"warnings", model.warnings}};
}

std::string modelText(const std::string &path, const ModelFile &model) {
    const Network &network = model.network;
    const Totals totals = totalsOf(network);
    std::string text =
        fmt::format("{}\n  format     {} {}\n", path, model.format == "nir" ? "NIR" : "ONNX by",
                    model.version.empty() ? "(no version)" : model.version);
    if (model.dt > 0)
        text += fmt::format("  time step  {:.6g} s\n", model.dt);
    text += fmt::format("  nodes      {}\n  neurons    {}\n  weights    {}\n",
                        network.nodes().size(), totals.neurons, totals.parameters);
    if (network.recurrent())
        text += "  recurrent  runs step by step\n";
    for (const auto &[name, value] : model.metadata)
        text += fmt::format("  {:<10} {}\n", name, value);
    for (const std::string &warning : model.warnings)
        text += fmt::format("  warning    {}\n", warning);
    for (const Node &node : network.nodes()) {
        text += fmt::format("  {:<20} {:<16} {:<18}", node.name, layerName(node.layer),
                            toString(node.shape));
        for (const Source &source : node.sources)
            text += fmt::format(" {}{}", network.node(source.node).name,
                                source.previousStep ? " (step before)" : "");
        text += '\n';
    }
    return text;
}

class ModelInfo final : public ModelAction {
public:
    explicit ModelInfo(CLI::App &model)
        : ModelAction(model, "info", "Nodes, shapes and neurons of a NIR or ONNX file") {
        app_.add_option("FILE", path_, "Network: .nir, .onnx")->type_name("")->required();
        app_.add_option("--dt", dt_, "Seconds of one time step (default: the file's, or 1e-4)")
            ->type_name("SECONDS");
        app_.add_flag("--json", json_, "One JSON object instead of text");
    }

    Result<void> run(const Interrupts &, const Verbosity &) override {
        if (dt_ && !(*dt_ > 0))
            return fail(ErrorCode::Usage, "--dt: {} s, expected more than 0", *dt_);
        const Result<ModelFile> model = openModel(path_, dt_);
        if (!model)
            return tl::make_unexpected(model.error());
        return printOut(
            json_ ? modelJson(path_, *model).dump(2, ' ', false, Json::error_handler_t::replace) +
                        "\n"
                  : modelText(path_, *model));
    }

private:
    std::string path_;
    std::optional<double> dt_;
    bool json_ = false;
};

}  // namespace

Result<ModelFile> openModel(const std::string &path, std::optional<double> dt) {
    if (path.ends_with(".onnx")) {
        auto model = readOnnx(path);
        if (!model)
            return tl::make_unexpected(asInputError(model.error()));
        return ModelFile{std::move(model->network),
                         "onnx",
                         model->producer,
                         0,
                         {{"opset", fmt::format("{}", model->opset)}},
                         std::move(model->warnings)};
    }
    auto model = readNir(path, dt);
    if (!model)
        return tl::make_unexpected(asInputError(model.error()));
    return ModelFile{std::move(model->network),  "nir",
                     std::move(model->version),  model->dt,
                     std::move(model->metadata), std::move(model->warnings)};
}

void warnOf(const std::vector<std::string> &warnings, const Verbosity &verbosity) {
    for (const std::string &warning : warnings)
        if (!verbosity.quiet)
            printError("fovea", "warning: " + warning);
}

std::unique_ptr<ModelAction> makeModelInfo(CLI::App &model) {
    return std::make_unique<ModelInfo>(model);
}

}  // namespace fovea
