// SPDX-License-Identifier: Apache-2.0
// Walks a NIR file: nodes, edges, sub-graphs, metadata.
#include "engine/snn/nir_file.h"

#include "engine/core/text.h"
#include "engine/snn/child_trial.h"
#include "engine/snn/nir_layers.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace fovea {

namespace {

constexpr int maxDepth = 16;

Result<void> readNumbers(const Hdf5Group &hints, const std::string &name, Parameter &target) {
    if (!hints.has(name))
        return {};
    auto array = hints.floats(name, true);
    if (!array)
        return failed(array);
    if (array->values.empty())
        return fail(ErrorCode::BadFile, "{}: empty", hints.where(name));
    target = Parameter(std::move(array->values));
    return {};
}

Result<std::string> readWord(const Hdf5Group &hints, const std::string &name,
                             std::initializer_list<std::string> allowed) {
    if (!hints.isText(name))
        return std::string();
    auto word = hints.text(name);
    if (!word)
        return failed(word);
    if (std::find(allowed.begin(), allowed.end(), *word) == allowed.end())
        return fail(ErrorCode::BadFile, "{}: '{}', expected {}", hints.where(name),
                    word->substr(0, 60), *(allowed.end() - 1));
    return std::move(*word);
}

/// What NIR has no words for, from the node's metadata; see writeNir().
Result<void> readHints(const Hdf5Group &hints, Neuron &neuron) {
    const auto reset = readWord(hints, "reset", {"hard", "soft"});
    const auto fire = readWord(hints, "fire", {"above threshold", "at threshold"});
    if (!reset || !fire)
        return tl::make_unexpected(reset ? fire.error() : reset.error());
    if (!reset->empty())
        neuron.reset = *reset == "soft" ? Reset::Soft : Reset::Hard;
    if (!fire->empty() && neuron.fire != Fire::Never)
        neuron.fire = *fire == "at threshold" ? Fire::AtThreshold : Fire::AboveThreshold;
    for (const auto &[name, target] :
         {std::pair{"initial", &neuron.initial}, std::pair{"amplitude", &neuron.amplitude}})
        if (auto done = readNumbers(hints, name, *target); !done)
            return done;
    if (hints.has("trace_decay")) {
        neuron.trace.emplace();
        auto done = readNumbers(hints, "trace_decay", neuron.trace->decay);
        if (done)
            done = readNumbers(hints, "trace_gain", neuron.trace->gain);
        if (!done)
            return done;
    }
    if (hints.has("step_gains")) {
        auto gains = hints.floats("step_gains");
        if (!gains)
            return failed(gains);
        neuron.stepGains = std::move(gains->values);
    }
    if (hints.has("max_spikes")) {
        const auto number = hints.doubles("max_spikes", true);
        if (!number)
            return tl::make_unexpected(number.error());
        const double most = number->values.empty() ? 0 : number->values[0];
        if (!(most >= 1 && most <= 255) || most != std::floor(most))
            return fail(ErrorCode::BadFile, "{}: {}, expected 1 to 255", hints.where("max_spikes"),
                        most);
        neuron.maxSpikes = static_cast<std::uint32_t>(most);
    }
    return {};
}

/// Texts and numbers of a metadata group; other things are left out.
std::map<std::string, std::string> readMetadata(const Hdf5Group &group) {
    std::map<std::string, std::string> all;
    const auto names = group.names();
    for (const std::string &name : names ? *names : std::vector<std::string>{}) {
        if (group.isText(name)) {
            if (const auto text = group.text(name))
                all[name] = *text;
        } else if (const auto number = group.doubles(name, true);
                   number && number->values.size() == 1) {
            all[name] = fmt::format("{}", number->values[0]);
        }
    }
    return all;
}

/// Gathers the nodes and edges of all graphs of a file.
class GraphReader {
public:
    GraphReader(NirModel &model, NetworkBuilder &builder) : model_(model), builder_(builder) {}

    Result<void> graph(const Hdf5Group &group, const std::string &prefix, int depth);

private:
    struct Ends {
        std::vector<std::string> inputs, outputs;
    };

    Result<void> node(const Hdf5Group &nodes, const std::string &name, const std::string &prefix,
                      int depth);
    Result<void> edges(const Hdf5Group &group, const std::string &prefix);

    NirModel &model_;
    NetworkBuilder &builder_;
    std::map<std::string, Ends> subgraphs_;  ///< by full name
    std::size_t nodes_ = 0;
};

Result<void> GraphReader::node(const Hdf5Group &nodes, const std::string &name,
                               const std::string &prefix, int depth) {
    if (++nodes_ > NetworkBuilder::maxNodes)
        return fail(ErrorCode::BadFile, "{}: more than {} nodes", nodes.where(),
                    NetworkBuilder::maxNodes);
    auto group = nodes.group(name);
    if (!group)
        return failed(group);
    const auto type = group->text("type");
    if (!type)
        return tl::make_unexpected(type.error());
    const std::string full = prefix + name;
    if (*type == "NIRGraph") {
        subgraphs_[full];
        return graph(*group, full + "/", depth + 1);
    }
    auto layer = readNirLayer(*group, *type, model_.dt, model_.warnings);
    if (!layer)
        return failed(layer);
    if (group->isGroup("metadata")) {
        const auto hints = group->group("metadata");
        if (!hints)
            return tl::make_unexpected(hints.error());
        if (auto *neuron = std::get_if<Neuron>(&*layer))
            if (auto read = readHints(*hints, *neuron); !read)
                return read;
        if (const auto word = readWord(*hints, "layer", {"add"}); word && *word == "add")
            layer = Layer(Add{});
    }
    // Input and Output of a sub-graph only pass on.
    const bool input = std::holds_alternative<InputLayer>(*layer);
    if (!prefix.empty() && (input || std::holds_alternative<OutputLayer>(*layer))) {
        Ends &ends = subgraphs_[prefix.substr(0, prefix.size() - 1)];
        (input ? ends.inputs : ends.outputs).push_back(full);
        layer = Layer(Add{});
    }
    builder_.add(full, std::move(*layer));
    return {};
}

Result<void> GraphReader::edges(const Hdf5Group &group, const std::string &prefix) {
    if (!group.has("edges"))
        return {};
    const auto names = group.texts("edges", 2);
    if (!names)
        return tl::make_unexpected(names.error());
    // Hand-written files name an edge twice; the reference keeps them as a set.
    std::set<std::pair<std::string, std::string>> seen;
    for (std::size_t i = 0; i + 1 < names->size(); i += 2) {
        const std::string from = prefix + (*names)[i];
        const std::string to = prefix + (*names)[i + 1];
        if (!seen.insert({from, to}).second)
            continue;
        const auto source = subgraphs_.find(from);
        const auto target = subgraphs_.find(to);
        const std::vector<std::string> sources =
            source == subgraphs_.end() ? std::vector{from} : source->second.outputs;
        const std::vector<std::string> targets =
            target == subgraphs_.end() ? std::vector{to} : target->second.inputs;
        if (sources.size() != 1 || targets.size() != 1)
            return fail(ErrorCode::BadFile,
                        "{}: '{}' -> '{}': a sub-graph needs one Input and one Output",
                        group.where("edges"), from, to);
        builder_.connect(sources[0], targets[0]);
    }
    return {};
}

Result<void> GraphReader::graph(const Hdf5Group &group, const std::string &prefix, int depth) {
    if (depth > maxDepth)
        return fail(ErrorCode::BadFile, "{}: graphs within graphs beyond {}", group.where(),
                    maxDepth);
    const auto nodes = group.group("nodes");
    if (!nodes)
        return tl::make_unexpected(nodes.error());
    const auto names = nodes->names();
    if (!names)
        return tl::make_unexpected(names.error());
    for (const std::string &name : *names)
        if (auto read = node(*nodes, name, prefix, depth); !read)
            return read;
    return edges(group, prefix);
}

Result<double> readStep(const NirModel &model, std::optional<double> wanted,
                        const std::string &file) {
    double dt = wanted.value_or(defaultNirStep);
    const auto hint = model.metadata.find("dt");
    if (!wanted && hint != model.metadata.end()) {
        dt = parseNumber<double>(hint->second).value_or(0);
    }
    if (!(dt > 0) || !std::isfinite(dt))
        return fail(wanted ? ErrorCode::InvalidArgument : ErrorCode::BadFile,
                    "{}: time step {} s, expected one above 0", file, dt);
    return dt;
}

Result<NirModel> read(const std::filesystem::path &path, std::optional<double> dt) {
    auto root = Hdf5Group::openFile(path);
    if (!root)
        return failed(root);
    NirModel model;
    if (root->has("version")) {
        auto version = root->text("version");
        if (!version)
            return failed(version);
        model.version = *version;
    }
    auto top = root->group("node");
    if (!top)
        return failed(top);
    if (top->isGroup("metadata"))
        if (const auto metadata = top->group("metadata"))
            model.metadata = readMetadata(*metadata);
    auto step = readStep(model, dt, path.string());
    if (!step)
        return failed(step);
    model.dt = *step;
    NetworkBuilder builder;
    if (auto done = GraphReader(model, builder).graph(*top, "", 0); !done)
        return failed(done);
    auto network = builder.build();
    if (!network) {
        const ErrorCode code = network.error().code;
        return fail(code == ErrorCode::InvalidArgument ? ErrorCode::BadFile : code, "{}: {}",
                    path.string(), network.error().message);
    }
    model.network = std::move(*network);
    return model;
}

}  // namespace

Result<NirModel> readNir(const std::filesystem::path &path, std::optional<double> dt) {
    // The HDF5 library crashes on some damaged files: a child process finds out.
    std::error_code unknown;
    const std::uint64_t bytes = std::filesystem::file_size(path, unknown);
    const std::uint64_t memory = (unknown ? 0 : bytes) + Hdf5Group::allowance;
    const auto trial = tryInChild(
        fmt::format("{}: damaged, it cannot be read", path.string()), memory,
        std::chrono::seconds(10 + memory / (std::uint64_t{64} << 20)), [&]() -> Result<void> {
            const auto model = read(path, dt);
            if (!model)
                return tl::make_unexpected(model.error());
            return {};
        });
    if (!trial)
        return fail(trial.error().code, "{}", trial.error().message);
    return withoutThrowing([&] { return read(path, dt); });
}

}  // namespace fovea
