// SPDX-License-Identifier: Apache-2.0
// fovea model convert: an ANN from ONNX becomes a spiking network in NIR.
#include "app/fovea/model_action.h"
#include "app/fovea/model_trial.h"

#include "app/exit_code.h"
#include "app/output_file.h"
#include "engine/snn/convert.h"
#include "engine/snn/nir_file.h"
#include "engine/snn/qcfs.h"

#include <algorithm>
#include <filesystem>

namespace fovea {

namespace {

/// Steps of the self-check when thresholds were measured, and levels of the QCFS twin then.
constexpr std::uint32_t measuredLevels = 16;

std::string joined(const std::vector<std::string> &names) {
    std::string all;
    for (const std::string &name : names)
        all += (all.empty() ? "'" : ", '") + name + "'";
    return all;
}

/// The levels that all QCFS activations share; 0 when there is none.
Result<std::uint32_t> levelsOf(const Network &network) {
    std::uint32_t levels = 0;
    for (const Node &node : network.nodes()) {
        const auto *one = std::get_if<Activation>(&node.layer);
        if (one == nullptr || one->levels == 0)
            continue;
        if (levels != 0 && levels != one->levels)
            return fail(ErrorCode::Unsupported, "node '{}': {} levels, others have {}", node.name,
                        one->levels, levels);
        levels = one->levels;
    }
    return levels;
}

class ModelConvert final : public ModelAction {
public:
    explicit ModelConvert(CLI::App &model)
        : ModelAction(model, "convert", "Make a spiking network of an ANN: ONNX to NIR") {
        app_.add_option("FILE", path_, "ANN: .onnx")->type_name("")->required();
        app_.add_option("-o,--output", output_, "The spiking network: .nir")
            ->type_name("FILE")
            ->required();
        app_.add_option(
                "--calibrate", data_,
                fmt::format("Training pictures for thresholds and checks: {}", pictureSetForms))
            ->type_name("SET");
        addNumber(app_, "--samples", samples_, 1, 100000,
                  "Pictures to calibrate and check with (default 200)");
        addNumber(app_, "--percentile", percentile_, 1, 100,
                  "Threshold of a ReLU: percentile of its positive values (default 99.9)");
    }

    Result<void> run(const Interrupts &interrupts, const Verbosity &verbosity) override {
        interrupts_ = &interrupts;
        quiet_ = verbosity.quiet;
        const std::filesystem::path input = path_;
        if (!path_.ends_with(".onnx") || !output_.ends_with(".nir"))
            return fail(ErrorCode::Usage, "'{}' to '{}': expected .onnx to .nir", path_, output_);
        if (auto fits = checkOutput(output_, {&input, 1}); !fits)
            return fits;
        auto file = openModel(path_);
        if (!file)
            return failed(file);
        warnOf(file->warnings, verbosity);
        if (!data_.empty()) {
            auto pictures = openPictures(data_, PictureSplit::Train, samples_);
            if (!pictures)
                return failed(pictures);
            pictures_ = std::move(*pictures);
        }
        auto ann = prepare(std::move(file->network));
        if (!ann)
            return failed(ann);
        return write(*ann, *file);
    }

private:
    void say(const std::string &line) const {
        if (!quiet_)
            printError("fovea", line);
    }

    [[nodiscard]] std::vector<float> samples(const Network &network) const {
        if (pictures_.count() > 0)
            return pictures_.values(0, pictures_.count());
        // Without data the twins are compared on a fixed pattern: it finds a wrong conversion.
        std::vector<float> values(4 * network.inputShape().elements());
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<float>(i * 2654435761U % 1000) / 999.0F;
        return values;
    }

    Result<double> accuracy(const Network &network, const std::string &label) const {
        Progress progress(label, pictures_.count(), "pictures", quiet_);
        TrialSettings settings;
        settings.inference = {InferenceMode::If, 1, 1, 1};
        settings.executor.backend = ExecutorBackend::Reference;
        const auto result = tryNetwork(network, pictures_, settings, *interrupts_, progress);
        if (!result)
            return tl::make_unexpected(result.error());
        return result->accuracy();
    }

    /// Folded, with average pools and QCFS activations only.
    Result<Network> prepare(Network network) const {
        auto folded = foldScales(network);
        if (!folded)
            return failed(folded);
        if (pictures_.count() > 0 && pictures_.pictureSize() != folded->inputShape().elements())
            return fail(ErrorCode::BadFile, "{} takes {}, the pictures of {} are {}x{}", path_,
                        toString(folded->inputShape()), data_, pictures_.width, pictures_.height);
        std::vector<std::string> pools;
        auto pooled = withAveragePools(*folded, pools);
        if (!pooled)
            return failed(pooled);
        if (!pools.empty())
            if (auto told = tellPools(*folded, *pooled, pools); !told)
                return failed(told);
        const auto relus = reluLayers(*pooled);
        if (relus.empty())
            return pooled;
        if (pictures_.count() == 0)
            return fail(ErrorCode::Unsupported,
                        "{}: {}: a ReLU has no threshold; measure one with --calibrate {}", path_,
                        joined(relus), pictureSetForms);
        say(fmt::format("thresholds of {} measured: percentile {} of the positive values over {} "
                        "pictures",
                        joined(relus), percentile_, pictures_.count()));
        const auto levels = levelsOf(*pooled);
        if (!levels)
            return tl::make_unexpected(levels.error());
        return withMeasuredThresholds(*pooled, samples(*pooled), percentile_,
                                      *levels > 0 ? *levels : measuredLevels);
    }

    Result<void> tellPools(const Network &before, const Network &after,
                           const std::vector<std::string> &pools) const {
        std::string line = fmt::format("max pools became average pools: {}; ", joined(pools));
        if (pictures_.count() == 0) {
            say(line + "what that costs is not known without --calibrate");
            return {};
        }
        const auto was = accuracy(before, "with max pools");
        const auto is = accuracy(after, "with average pools");
        if (!was || !is)
            return tl::make_unexpected(was ? is.error() : was.error());
        say(line + fmt::format("the ANN's accuracy on {} training pictures goes from {:.2f} % to "
                               "{:.2f} %",
                               pictures_.count(), 100 * *was, 100 * *is));
        return {};
    }

    Result<void> write(const Network &ann, const ModelFile &file) const {
        const auto levels = levelsOf(ann);
        if (!levels)
            return fail(levels.error().code, "{}: {}", path_, levels.error().message);
        if (*levels == 0)
            return fail(ErrorCode::Unsupported,
                        "{}: no ReLU and no QCFS activation: nothing would spike", path_);
        const auto spiking = withNeurons(ann);
        if (!spiking)
            return tl::make_unexpected(spiking.error());
        const auto layers = compareTwins(ann, *spiking, samples(ann), *levels);
        if (!layers)
            return tl::make_unexpected(layers.error());
        // What the first neurons see is constant: they must give what their activation gives.
        const LayerComparison &first = layers->front();
        if (first.difference > 0.01 * first.threshold)
            return fail(ErrorCode::Unsupported,
                        "{}: layer '{}' differs by {:.4f} from its ANN after {} steps: the "
                        "conversion failed",
                        path_, first.name, first.difference, *levels);
        UnfinishedFile unfinished(output_);
        const std::map<std::string, std::string> metadata = {
            {"qcfs_levels", fmt::format("{}", *levels)},
            {"converted_from", std::filesystem::path(path_).filename().string()},
            {"producer", file.version}};
        if (auto written = writeNir(*spiking, unfinished.path(), defaultNirStep, metadata);
            !written)
            return fail(written.error().code, "{}: {}", path_, written.error().message);
        if (auto done = unfinished.commit(); !done)
            return done;
        return printOut(table(*layers, *levels));
    }

    [[nodiscard]] std::string table(const std::vector<LayerComparison> &layers,
                                    std::uint32_t levels) const {
        std::string text = fmt::format(
            "{} written. Self-check, {} steps (L = {}) on {}:\n"
            "layer                   neurons  threshold     ANN mean     SNN mean  mean |diff|  "
            "clipped\n",
            output_, levels, levels,
            pictures_.count() > 0 ? fmt::format("{} pictures", pictures_.count())
                                  : std::string("a test pattern"));
        for (const LayerComparison &layer : layers)
            text += fmt::format("{:<22} {:>8} {:>10} {:>12.5f} {:>12.5f} {:>12.5f} {:>7.2f}%\n",
                                layer.name, layer.neurons,
                                layer.threshold > 0 ? fmt::format("{:.4f}", layer.threshold) : "-",
                                layer.ann, layer.spiking, layer.difference, 100 * layer.clipped);
        return text;
    }

    std::string path_, output_, data_;
    std::uint64_t samples_ = 200;
    double percentile_ = 99.9;
    LabelledPictures pictures_;
    const Interrupts *interrupts_ = nullptr;
    bool quiet_ = false;
};

}  // namespace

std::unique_ptr<ModelAction> makeModelConvert(CLI::App &model) {
    return std::make_unique<ModelConvert>(model);
}

}  // namespace fovea
