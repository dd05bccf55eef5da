// SPDX-License-Identifier: Apache-2.0
// Reads presets.
#include "app/fovea-train/recipe.h"

#include "datasets/yaml_fields.h"
#include "engine/core/text.h"

#include <algorithm>
#include <array>
#include <fmt/ranges.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <yaml-cpp/yaml.h>

namespace fovea {

namespace {

constexpr std::array<std::string_view, 57> fields{
    "name",        "data",    "show",        "first",     "epoch_samples", "held_out",
    "shift",       "turn",    "zoom",        "mirror",    "steps",         "channels",
    "dark",        "white",   "noise",       "side",      "speed",         "mean",
    "deviation",   "network", "start",       "levels",    "batch_norm",    "gradient",
    "surrogate",   "detach",  "mode",        "task",      "loss",          "batch",
    "epochs",      "rate",    "warm",        "optimiser", "momentum",      "decay",
    "nq",          "measure", "patience",    "seed",      "loaders",       "threads",
    "output_size", "stream",  "net_steps",   "alpha",     "beta",          "regulariser",
    "strength",    "probe",   "clean_share", "wished",    "others",        "size",
    "objects",     "disturb", "report_steps"};

/// One of two words.
bool choose(YamlFields &yaml, std::string_view field, std::string_view no, std::string_view yes,
            bool otherwise) {
    std::string word(otherwise ? yes : no);
    yaml.text(field, word);
    if (word != no && word != yes)
        yaml.refuse(field, fmt::format("{} or {}", no, yes));
    return word == yes;
}

/// One of several words: its number.
template <std::size_t N>
std::size_t pick(YamlFields &yaml, std::string_view field,
                 const std::array<std::string_view, N> &words) {
    std::string word(words[0]);
    yaml.text(field, word);
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end())
        yaml.refuse(field, fmt::format("one of {}", fmt::join(words, ", ")));
    return found == words.end() ? 0 : static_cast<std::size_t>(found - words.begin());
}

void readNumbers(YamlFields &yaml, std::string_view field, std::vector<double> &values) {
    std::vector<std::string> words;
    yaml.list(field, words);
    if (words.empty())
        return;
    values.clear();
    for (const std::string &word : words)
        if (const auto number = parseNumber<double>(word))
            values.push_back(*number);
        else
            yaml.refuse(field, "numbers");
}

void readSize(YamlFields &yaml, std::string_view field,
              const std::function<void(PlaneShape)> &take) {
    std::string size;
    yaml.text(field, size);
    if (const auto shape = parsePlaneShape(size); !size.empty() && shape)
        take(*shape);
    else if (!size.empty())
        yaml.refuse(field, "WIDTHxHEIGHT");
}

void readObjects(YamlFields &yaml, DataRecipe &data) {
    readSize(yaml, "size", [&](PlaneShape shape) { data.size = shape; });
    yaml.whole("objects", 1, 64, data.objects);
    std::vector<std::string> disturb;
    yaml.list("disturb", disturb);
    if (disturb.empty())
        return;
    if (auto injectors = parseInjectors(fmt::format("{}", fmt::join(disturb, ","))))
        data.disturb = std::move(*injectors);
    else
        yaml.refuse("disturb", injectors.error().message);
}

void readData(YamlFields &yaml, DataRecipe &data) {
    yaml.text("data", data.name);
    yaml.text("show", data.show);
    if (data.show != "pictures" && data.show != "spikes")
        yaml.refuse("show", "pictures or spikes");
    yaml.whole("first", 0, 1U << 30, data.first);
    yaml.whole("epoch_samples", 0, 1U << 30, data.epochSamples);
    yaml.number("held_out", 0, 0.9, data.heldOut);
    yaml.number("shift", -1e-9, 1000, data.shift);
    yaml.number("turn", -1e-9, 180, data.turn);
    yaml.number("zoom", -1e-9, 0.9, data.zoom);
    yaml.boolean("mirror", data.mirror);
    yaml.whole("steps", 1, 4096, data.steps);
    yaml.whole("channels", 1, 4096, data.channels);
    yaml.number("dark", 0, 1, data.dark);
    yaml.number("white", 0, 1, data.white);
    yaml.number("noise", -1e-9, 10, data.sensorNoise);
    yaml.whole("side", 8, 1024, data.side);
    yaml.number("speed", -1e-9, 2, data.speed);
    readObjects(yaml, data);
    readNumbers(yaml, "mean", data.mean);
    readNumbers(yaml, "deviation", data.deviation);
}

void readNetwork(YamlFields &yaml, Recipe &recipe) {
    yaml.list("network", recipe.layers);
    yaml.text("start", recipe.start);
    std::uint64_t levels = recipe.levels;
    yaml.whole("levels", 1, 255, levels);
    recipe.levels = static_cast<std::uint32_t>(levels);
    yaml.boolean("batch_norm", recipe.network.batchNorm);
    recipe.network.gradient = choose(yaml, "gradient", "floor-first", "clamp-first", true)
                                  ? QcfsGradient::ClampFirst
                                  : QcfsGradient::FloorFirst;
    std::string surrogate(toString(recipe.network.surrogate.kind));
    yaml.text("surrogate", surrogate);
    if (const auto kind = parseSurrogate(surrogate))
        recipe.network.surrogate = Surrogate::of(*kind);
    else
        yaml.refuse("surrogate", kind.error().message);
    double alpha = recipe.network.surrogate.alpha;
    double beta = recipe.network.surrogate.beta;
    yaml.number("alpha", -1e6, 1e6, alpha);
    yaml.number("beta", -1e6, 1e6, beta);
    recipe.network.surrogate.alpha = static_cast<float>(alpha);
    recipe.network.surrogate.beta = static_cast<float>(beta);
    yaml.boolean("detach", recipe.network.detachReset);
}

/// Strength and probe begin as published.
void readLoss(YamlFields &yaml, LossSettings &loss) {
    constexpr std::array<std::string_view, 6> losses{
        "cross-entropy", "one-hot", "counts", "latency", "latency-plain", "latency-doubled"};
    constexpr std::array<std::string_view, 5> regularisers{"none", "mppd", "mppd-absolute", "sr",
                                                           "nt"};
    constexpr std::array<double, 5> strengths{0, 1, 1, 0.004, 0.001};
    constexpr std::array<std::string_view, 3> tasks{"classes", "picture", "boxes"};
    loss.task = static_cast<TrainTask>(pick(yaml, "task", tasks));
    loss.classes = static_cast<ClassLoss>(pick(yaml, "loss", losses));
    yaml.number("wished", 0, 1, loss.wished);
    yaml.number("others", -1e-9, 1, loss.others);
    const std::size_t regulariser = pick(yaml, "regulariser", regularisers);
    loss.regulariser = static_cast<Regulariser>(regulariser);
    loss.strength = strengths[regulariser];
    if (loss.regulariser == Regulariser::Mppd || loss.regulariser == Regulariser::MppdAbsolute)
        loss.probe = 8.0 / 255;
    yaml.number("strength", -1e-9, 1e6, loss.strength);
    yaml.number("probe", 0, 1, loss.probe);
    yaml.number("clean_share", -1e-9, 1, loss.cleanShare);
}

void readTraining(YamlFields &yaml, TrainSettings &training) {
    training.mode = choose(yaml, "mode", "ann", "snn", false) ? TrainMode::Snn : TrainMode::Ann;
    readLoss(yaml, training.loss);
    const auto whole = [&](std::string_view field, std::uint64_t low, std::uint64_t high,
                           std::size_t &value) {
        std::uint64_t number = value;
        yaml.whole(field, low, high, number);
        value = number;
    };
    whole("net_steps", 1, 4096, training.steps);
    whole("batch", 1, 65536, training.batch);
    whole("epochs", 1, 100000, training.epochs);
    whole("patience", 0, 100000, training.patience);
    whole("seed", 0, ~std::uint64_t{0}, training.seed);
    whole("loaders", 1, 256, training.loaders);
    yaml.number("rate", 0, 1000, training.rate);
    yaml.number("warm", -1e-9, 1000, training.warmEpochs);
    const bool adam = choose(yaml, "optimiser", "sgd", "adam", false);
    training.optimiser.kind = adam ? OptimiserKind::Adam : OptimiserKind::Sgd;
    yaml.number("momentum", -1e-9, 0.9999, training.optimiser.momentum);
    yaml.number("decay", -1e-9, 1, training.optimiser.decay);
    yaml.boolean("nq", training.noise);
    yaml.boolean("measure", training.measureLambda);
}

Result<std::string> readText(const std::string &file) {
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return fail(ErrorCode::Usage, "{}: cannot be opened", file);
    return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

/// The text with fields exchanged; what yaml-cpp throws is the file's fault.
Result<std::string> withSettings(const std::string &file, const std::string &text,
                                 const std::vector<std::string> &settings) {
    if (settings.empty())
        return text;
    try {
        YAML::Node root = YAML::Load(text);
        for (const std::string &setting : settings) {
            const auto equals = setting.find('=');
            if (equals == std::string::npos)
                return fail(ErrorCode::Usage, "--set {}: expected key=value", setting);
            root[setting.substr(0, equals)] = YAML::Load(setting.substr(equals + 1));
        }
        return YAML::Dump(root) + "\n";
    } catch (const YAML::Exception &error) {
        return fail(ErrorCode::BadFile, "{}: {}", file, error.what());
    }
}

}  // namespace

Result<Recipe> readRecipe(const std::string &file, const std::vector<std::string> &settings) {
    const auto text = readText(file);
    if (!text)
        return tl::make_unexpected(text.error());
    auto whole = withSettings(file, *text, settings);
    if (!whole)
        return failed(whole);
    auto yaml = YamlFields::parse(file, *whole);
    if (!yaml)
        return failed(yaml);
    Recipe recipe;
    recipe.text = std::move(*whole);
    yaml->allowOnly(fields);
    yaml->require("name");
    yaml->require("data");
    yaml->require("network");
    yaml->text("name", recipe.name);
    readData(*yaml, recipe.data);
    readNetwork(*yaml, recipe);
    readTraining(*yaml, recipe.training);
    yaml->whole("threads", 0, 256, recipe.threads);
    yaml->whole("report_steps", 0, 4096, recipe.reportSteps);
    readSize(*yaml, "output_size", [&](PlaneShape shape) {
        recipe.outputWidth = shape.width;
        recipe.outputHeight = shape.height;
    });
    yaml->map("stream", recipe.stream);
    if (decidesByFirstSpike(recipe.training.loss.classes))
        recipe.stream.try_emplace("stream_read_out", "first-spike");
    if (auto read = yaml->result(); !read)
        return failed(read);
    return recipe;
}

}  // namespace fovea
