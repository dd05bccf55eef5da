// SPDX-License-Identifier: Apache-2.0
// fovea model eval: accuracy, latency, speed and energy of a network in its modes.
#include "app/fovea/model_action.h"
#include "app/fovea/model_trial.h"

#include "app/frame_json.h"
#include "app/output_file.h"
#include "engine/core/text.h"
#include "engine/snn/convert.h"
#include "engine/snn/qcfs.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::size_t mostSteps = 4096;

std::size_t calibrationOf(const InferenceSettings &inference) {
    return inference.mode == InferenceMode::If ? 0 : inference.calibration;
}

Json trialJson(const std::string &mode, std::size_t steps, std::size_t calibration,
               const TrialResult &result) {
    Json json{{"mode", mode},
              {"steps", steps},
              {"calibration", calibration},
              {"total_steps", result.totalSteps},
              {"accuracy", result.accuracy()},
              {"correct", result.correct.empty() ? 0 : result.correct.back()},
              {"pictures", result.pictures},
              {"images_per_second",
               result.seconds > 0 ? static_cast<double>(result.pictures) / result.seconds : 0.0},
              {"synops", result.additions},
              {"multiply_adds", result.multiplies},
              {"energy_uj", result.energyMicrojoules},
              {"backend", result.backend},
              {"precision", result.precision}};
    Json layers = Json::array();
    for (const TrialResult::Layer &layer : result.layers)
        layers.push_back(Json{{"name", layer.name}, {"rate", layer.rate}});
    json["layers"] = std::move(layers);
    return json;
}

constexpr const char *tableHead =
    "mode  calibration  steps  total steps  accuracy    pictures/s      synops  multiply-adds  "
    "energy uJ\n";

std::string tableLine(const std::string &mode, std::size_t steps, std::size_t calibration,
                      const TrialResult &result) {
    return fmt::format(
        "{:<4} {:>12} {:>6} {:>12} {:>8.2f}% {:>13.1f} {:>11.0f} {:>14.0f} {:>10.3f}\n", mode,
        calibration, steps, result.totalSteps, 100 * result.accuracy(),
        result.seconds > 0 ? static_cast<double>(result.pictures) / result.seconds : 0,
        result.additions, result.multiplies, result.energyMicrojoules);
}

class ModelEval final : public ModelAction {
public:
    explicit ModelEval(CLI::App &model)
        : ModelAction(model, "eval",
                      "Accuracy, total steps, speed and energy on pictures with labels") {
        app_.add_option("MODEL", path_, "Network: .nir, or .onnx (converted in memory)")
            ->type_name("")
            ->required();
        app_.add_option("--data", data_,
                        fmt::format("Pictures with labels: {} (its test set)", pictureSetForms))
            ->type_name("SET")
            ->required();
        addNumber(app_, "--first", first_, 1, 100000000, "Only the first N pictures");
        app_.add_option("--mode", mode_,
                        "if (default), srp, cos, or ann: the activations in place of neurons")
            ->type_name("MODE");
        addNumber(app_, "--steps", steps_, 1, mostSteps,
                  "Steps behind the calibration (default 8)");
        addNumber(app_, "--calibration", calibration_, 1, mostSteps,
                  "tau of srp, rho of cos (default 4)");
        addNumber(app_, "--passes", passes_, 1, 16, "Rounds of cos (default 1)");
        app_.add_option("--backend", backend_, "auto (default), cpu, cuda or reference")
            ->type_name("NAME");
        app_.add_option("--precision", precision_, "fp32 (default), bf16 or int8")
            ->type_name("NAME");
        addNumber(app_, "--batch", batch_, 1, 4096, "Pictures at a time (default 20)");
        app_.add_flag("--compare", compare_,
                      "All modes, with --budget steps in all each, beside the ANN");
        app_.add_flag("--auto", auto_,
                      "The mode that is best within --budget on the training set's first pictures "
                      "(as many as --first, at most 1000)");
        addNumber(app_, "--budget", budget_, 1, mostSteps,
                  "Total steps, calibration counted (default: --calibration + --steps)");
        app_.add_option("--plot", plot_, "Of --compare: accuracy over steps as a picture")
            ->type_name("FILE.png");
        app_.add_option("--csv", csv_, "Of --compare: the same as a table")->type_name("FILE");
        app_.add_flag("--json", json_, "One JSON object instead of text");
    }

    Result<void> run(const Interrupts &interrupts, const Verbosity &verbosity) override {
        quiet_ = verbosity.quiet;
        interrupts_ = &interrupts;
        if (auto checked = check(); !checked)
            return checked;
        auto file = openModel(path_);
        if (!file)
            return failed(file);
        warnOf(file->warnings, verbosity);
        auto pictures = openPictures(data_, PictureSplit::Test, first_);
        if (!pictures)
            return failed(pictures);
        auto networks = twins(std::move(*file));
        if (!networks)
            return failed(networks);
        if (compare_)
            return compare(*networks, *pictures);
        if (auto_)
            return automatic(*networks, *pictures);
        return single(*networks, *pictures);
    }

private:
    /// A network as it spikes, and as an ANN. Either may be missing, with the reason.
    struct Twins {
        Result<Network> spiking, ann;
    };

    Result<void> check() {
        const auto backend = parseExecutorBackend(backend_);
        const auto precision = parsePrecision(precision_);
        if (!backend || !precision)
            return fail(ErrorCode::Usage, "{}: {}", backend ? "--precision" : "--backend",
                        backend ? precision.error().message : backend.error().message);
        settings_.executor = {*backend, *precision, nullptr};
        settings_.batch = batch_;
        const auto mode = parseInferenceMode(mode_);
        if (!mode && mode_ != "ann")
            return fail(ErrorCode::Usage, "--mode: '{}', allowed are if, srp, cos, ann", mode_);
        settings_.inference = {mode.value_or(InferenceMode::If), mode ? steps_ : 1, calibration_,
                               passes_};
        if (compare_ && auto_)
            return fail(ErrorCode::Usage, "--compare and --auto: one of them");
        if (!compare_ && (!plot_.empty() || !csv_.empty()))
            return fail(ErrorCode::Usage, "--plot and --csv belong to --compare");
        if (budget_ != 0 && !compare_ && !auto_)
            return fail(ErrorCode::Usage, "--budget belongs to --compare and --auto");
        if (budget_ == 0)
            budget_ = calibration_ + steps_;
        if (!plot_.empty() && !plot_.ends_with(".png"))
            return fail(ErrorCode::Usage, "--plot: '{}' does not end in .png", plot_);
        return {};
    }

    Result<Twins> twins(ModelFile file) const {
        if (file.format == "onnx") {
            auto folded = foldScales(file.network);
            if (!folded)
                return failed(folded);
            auto spiking = withNeurons(*folded);
            if (!spiking)
                spiking.error().message += " (fovea model convert --calibrate)";
            return Twins{std::move(spiking), std::move(*folded)};
        }
        const auto levels = file.metadata.find("qcfs_levels");
        const auto count = levels == file.metadata.end()
                               ? std::nullopt
                               : parseNumber<std::uint32_t>(levels->second);
        Result<Network> ann =
            fail(ErrorCode::Unsupported,
                 "{}: the file says nothing of an ANN (metadata/qcfs_levels)", path_);
        if (count && *count > 0)
            ann = withActivations(file.network, *count);
        return Twins{std::move(file.network), std::move(ann)};
    }

    Result<TrialResult> tryOne(const Network &network, const LabelledPictures &pictures,
                               const InferenceSettings &inference, const std::string &label) {
        TrialSettings settings = settings_;
        settings.inference = inference;
        Progress progress(label, pictures.count(), "pictures", quiet_);
        auto result = tryNetwork(network, pictures, settings, *interrupts_, progress);
        if (!result && result.error().code == ErrorCode::BadFile)
            result.error().message = path_ + ": " + result.error().message;
        return result;
    }

    /// An ANN has one step, and only the reference knows nothing of spikes.
    Result<TrialResult> tryAnn(const Twins &networks, const LabelledPictures &pictures) {
        if (!networks.ann)
            return tl::make_unexpected(networks.ann.error());
        return tryOne(*networks.ann, pictures, {InferenceMode::If, 1, 1, 1}, "ann");
    }

    Result<void> single(const Twins &networks, const LabelledPictures &pictures) {
        const bool ann = mode_ == "ann";
        if (!ann && !networks.spiking)
            return tl::make_unexpected(networks.spiking.error());
        const InferenceSettings &inference = settings_.inference;
        const auto result = ann ? tryAnn(networks, pictures)
                                : tryOne(*networks.spiking, pictures, inference, mode_);
        if (!result)
            return tl::make_unexpected(result.error());
        const std::size_t calibration = ann ? 0 : calibrationOf(inference);
        if (!json_)
            return printOut(head(*result) + tableHead +
                            tableLine(mode_, inference.steps, calibration, *result) +
                            rates(*result));
        Json json{{"file", path_}, {"data", data_}};
        json.update(trialJson(mode_, inference.steps, calibration, *result));
        return printOut(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    }

    Result<void> compare(const Twins &networks, const LabelledPictures &pictures) {
        if (!networks.spiking)
            return tl::make_unexpected(networks.spiking.error());
        std::optional<TrialResult> ann;
        if (networks.ann) {
            auto result = tryAnn(networks, pictures);
            if (!result)
                return failed(result);
            ann = std::move(*result);
        }
        const std::array calibrations = {calibration_};
        std::vector<Candidate> all;
        for (const InferenceSettings &inference : modesWithin(budget_, calibrations)) {
            auto result = tryOne(*networks.spiking, pictures, inference,
                                 std::string(toString(inference.mode)));
            if (!result && result.error().code == ErrorCode::Unsupported)
                continue;
            if (!result)
                return failed(result);
            all.push_back({inference, std::move(*result)});
        }
        if (!csv_.empty()) {
            auto output = ProgramOutput::create(csv_);
            if (!output)
                return failed(output);
            if (auto written = output->write(curvesAsCsv(all)); !written)
                return written;
            if (auto done = output->finish(); !done)
                return done;
        }
        const auto reference = ann ? std::optional(ann->accuracy()) : std::nullopt;
        if (!plot_.empty())
            if (auto plotted = plotCurves(all, reference, plot_); !plotted)
                return plotted;
        return print(ann, all, "modes");
    }

    Result<void> automatic(const Twins &networks, const LabelledPictures &pictures) {
        if (!networks.spiking)
            return tl::make_unexpected(networks.spiking.error());
        // What is chosen on the test set would be flattered there.
        constexpr std::size_t enough = 1000;
        auto known = openPictures(data_, PictureSplit::Train, std::min(first_, enough));
        if (!known)
            return failed(known);
        const std::array<std::size_t, 5> calibrations = {1, 2, 4, 8, 16};
        std::optional<Candidate> best;
        for (const InferenceSettings &inference : modesWithin(budget_, calibrations)) {
            auto result = tryOne(
                *networks.spiking, *known, inference,
                fmt::format("choosing: {} {}", toString(inference.mode), calibrationOf(inference)));
            if (!result && result.error().code == ErrorCode::Unsupported)
                continue;
            if (!result)
                return failed(result);
            if (!best || result->accuracy() > best->result.accuracy())
                best = Candidate{inference, std::move(*result)};
        }
        if (!best)
            return fail(ErrorCode::Unsupported, "{}: no mode runs within {} steps", path_, budget_);
        auto result = tryOne(*networks.spiking, pictures, best->inference,
                             std::string(toString(best->inference.mode)));
        if (!result)
            return failed(result);
        best->result = std::move(*result);
        return print({}, {*best}, "chosen");
    }

    Result<void> print(const std::optional<TrialResult> &ann, const std::vector<Candidate> &all,
                       const char *key) const {
        if (json_) {
            Json modes = Json::array();
            for (const Candidate &one : all)
                modes.push_back(trialJson(std::string(toString(one.inference.mode)),
                                          one.inference.steps, calibrationOf(one.inference),
                                          one.result));
            Json json{{"file", path_}, {"data", data_}, {"budget", budget_}};
            if (ann)
                json["ann"] = trialJson("ann", 1, 0, *ann);
            json[key] = std::move(modes);
            return printOut(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
        }
        std::string text = head(all.front().result) + tableHead;
        if (ann)
            text += tableLine("ann", 1, 0, *ann);
        for (const Candidate &one : all)
            text += tableLine(std::string(toString(one.inference.mode)), one.inference.steps,
                              calibrationOf(one.inference), one.result);
        return printOut(text);
    }

    [[nodiscard]] std::string head(const TrialResult &result) const {
        return fmt::format("{}\n{} pictures of {}, backend {}, {}\n\n", path_, result.pictures,
                           data_, result.backend, result.precision);
    }
    static std::string rates(const TrialResult &result) {
        std::string text = result.layers.empty() ? "" : "\nspikes per neuron and step:\n";
        for (const TrialResult::Layer &layer : result.layers)
            text += fmt::format("  {:<20} {:.4f}\n", layer.name, layer.rate);
        return text;
    }

    std::string path_, data_;
    std::string mode_ = "if";
    std::string backend_ = "auto";
    std::string precision_ = "fp32";
    std::string plot_, csv_;
    std::uint64_t first_ = 100000000;
    std::uint64_t steps_ = 8;
    std::uint64_t calibration_ = 4;
    std::uint64_t passes_ = 1;
    std::uint64_t batch_ = 20;
    std::uint64_t budget_ = 0;
    bool compare_ = false, auto_ = false, json_ = false;
    TrialSettings settings_;
    const Interrupts *interrupts_ = nullptr;
    bool quiet_ = false;
};

}  // namespace

std::unique_ptr<ModelAction> makeModelEval(CLI::App &model) {
    return std::make_unique<ModelEval>(model);
}

}  // namespace fovea
