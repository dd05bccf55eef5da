// SPDX-License-Identifier: Apache-2.0
// Opens what the preset names, trains, judges, writes.
#include "app/fovea-train/run_training.h"

#include "app/fovea-train/layer_words.h"
#include "app/fovea-train/samples.h"
#include "app/fovea-train/training_report.h"
#include "app/progress.h"
#include "engine/snn/nir_file.h"
#include "engine/snn/qcfs.h"
#include "engine/train/box_grid.h"
#include "engine/train/thread_count.h"

#include <bit>
#include <cmath>
#include <filesystem>
#include <fmt/ranges.h>
#include <fstream>
#include <iostream>

namespace fovea {

namespace {

namespace fs = std::filesystem;

/// After 1, 2, 4, ... steps behind the calibration, and after all.
std::string scoresByStep(const EngineScore &one) {
    std::string text;
    for (std::size_t t = 1; t <= one.score.size(); ++t)
        if (std::has_single_bit(t) || t == one.score.size())
            text += fmt::format("{}{:.4f} after {}", t > 1 ? ", " : "", one.score[t - 1],
                                one.totalSteps - one.score.size() + t);
    return text;
}

class Run {
public:
    Run(const RunSettings &settings, const Verbosity &verbosity, const Interrupts &interrupts)
        : settings_(settings), verbosity_(verbosity), interrupts_(interrupts) {}

    Result<void> go() {
        const auto begin = std::chrono::steady_clock::now();
        if (auto opened = open(); !opened)
            return opened;
        auto network = makeNetwork();
        if (!network)
            return failed(network);
        if (settings_.meeting) {
            auto group = meet(*settings_.meeting);
            if (!group)
                return failed(group);
            group_ = std::move(*group);
        }
        auto rows = train(*network);
        if (!rows)
            return failed(rows);
        if (!first())
            return {};
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return conclude(*network, std::move(*rows), seconds);
    }

private:
    void say(const std::string &text) const {
        if (!verbosity_.quiet)
            std::cerr << "fovea-train: " << text << '\n';
    }
    std::string file(const std::string &name) const {
        return (fs::path(settings_.folder) / name).string();
    }

    [[nodiscard]] bool first() const { return group_ == nullptr || group_->first(); }

    Result<std::unique_ptr<DataParallel>> meet(const MeetingPlace &place) const {
        if (recipe_.training.batch < place.parts)
            return fail(ErrorCode::Usage, "batch: {} samples are too few for {} processes",
                        recipe_.training.batch, place.parts);
        say(fmt::format("part {} of {}, meeting at {}:{}", place.part + 1, place.parts, place.host,
                        place.port));
        return DataParallel::meet(place);
    }

    Result<void> open() {
        auto recipe = readRecipe(settings_.preset, settings_.changes);
        if (!recipe)
            return failed(recipe);
        recipe_ = std::move(*recipe);
        if (recipe_.threads > 0)
            setThreadCount(static_cast<int>(recipe_.threads));
        auto samples = openSamples(recipe_.data);
        if (!samples)
            return failed(samples);
        samples_ = std::move(*samples);
        std::error_code made;
        fs::create_directories(settings_.folder, made);
        if (made)
            return fail(ErrorCode::Io, "{}: {}", settings_.folder, made.message());
        say(samples_.description);
        return {};
    }

    Result<TrainNetwork> makeNetwork() {
        auto network = readLayers(recipe_.layers, samples_.train->inputShape(), recipe_.levels);
        if (!network)
            return failed(network);
        const SignalShape &out = network->outputShape();
        if (recipe_.training.loss.task == TrainTask::Picture) {
            const auto fold = static_cast<std::uint32_t>(
                std::lround(std::sqrt(static_cast<double>(out.channels()))));
            setFold(samples_, fold);
            if (out.elements() != samples_.train->targetSize() || fold * fold != out.channels())
                return fail(ErrorCode::Usage,
                            "network: it gives {}, a picture of {} values is wanted, in blocks of "
                            "1, 4, 9, ... channels",
                            toString(out), samples_.train->targetSize());
        }
        if (recipe_.training.loss.task == TrainTask::Boxes) {
            if (out.rank != 3 || out.channels() != 5 + samples_.classes.size())
                return fail(ErrorCode::Usage,
                            "network: it gives {}, boxes of {} classes are a grid of {} channels",
                            toString(out), samples_.classes.size(), 5 + samples_.classes.size());
            setGrid(samples_, out.sides[2], out.sides[1]);
        }
        if (recipe_.training.loss.task == TrainTask::Classes && out.elements() < samples_.labels)
            return fail(ErrorCode::Usage,
                        "network: it gives {} values, the samples are of {} classes",
                        out.elements(), samples_.labels);
        if (samples_.train->targetSize() != wantedTarget(out))
            return fail(ErrorCode::Usage, "task: '{}' does not have what it asks for",
                        recipe_.data.name);
        return TrainNetwork::make(*network, recipe_.network, recipe_.training.seed);
    }

    /// Values that a sample's target has for a network that gives `out`.
    [[nodiscard]] std::size_t wantedTarget(const SignalShape &out) const {
        switch (recipe_.training.loss.task) {
        case TrainTask::Picture:
            return out.elements();
        case TrainTask::Boxes:
            return boxTargetPlanes * out.sides[1] * out.sides[2];
        default:
            return 1;
        }
    }

    Result<std::vector<EpochRow>> train(TrainNetwork &network) {
        auto progress = std::make_unique<Progress>("training", 0, "batch", verbosity_.quiet);
        TrainHooks hooks;
        Trainer *running = nullptr;
        hooks.batch = [&](std::size_t epoch, std::size_t batch, std::size_t batches, double loss) {
            if (batch == 1)
                progress = std::make_unique<Progress>(
                    fmt::format("epoch {} of {}", epoch + 1, recipe_.training.epochs), batches,
                    "batch", verbosity_.quiet);
            progress->update(batch, fmt::format("loss {:.4f}", loss));
            return !interrupts_.requested();
        };
        hooks.epoch = [&](const std::vector<EpochRow> &rows) -> Result<void> {
            progress->clear();
            const EpochRow &row = rows.back();
            say(fmt::format(
                "epoch {}: loss {:.4f}, held out: {}{}{:.0f} samples/s", row.epoch, row.loss,
                std::isnan(row.ann) ? "" : fmt::format("ANN {:.4f}, ", row.ann),
                std::isnan(row.spiking) ? "" : fmt::format("spiking {:.4f}, ", row.spiking),
                row.samplesPerSecond));
            return first() ? keep(rows, *running) : Result<void>();
        };
        Trainer trainer(network, *samples_.train, *samples_.heldOut, recipe_.training, hooks,
                        group_.get());
        running = &trainer;
        if (settings_.resume) {
            const auto checkpoint = readCheckpoint(file("checkpoint.bin"));
            if (!checkpoint)
                return tl::make_unexpected(checkpoint.error());
            if (auto resumed = trainer.resume(*checkpoint); !resumed)
                return failed(resumed);
        } else if (!recipe_.start.empty()) {
            const auto checkpoint = readCheckpoint(recipe_.start);
            if (!checkpoint)
                return tl::make_unexpected(checkpoint.error());
            if (auto begun = network.begin(*checkpoint, "best."); !begun)
                return failed(begun);
        }
        return trainer.run();
    }

    Result<void> keep(const std::vector<EpochRow> &rows, const Trainer &trainer) const {
        if (auto written = writeCheckpoint(trainer.checkpoint(), file("checkpoint.bin")); !written)
            return written;
        if (auto written = write("curve.csv", curveAsCsv(rows)); !written)
            return written;
        return plotCurve(rows, recipe_.training.loss.task, file("curve.png"));
    }

    Result<void> write(const std::string &name, const std::string &text) const {
        std::ofstream out(file(name), std::ios::binary);
        out << text;
        out.close();
        return out ? Result<void>() : fail(ErrorCode::Io, "{}: cannot be written", file(name));
    }

    Result<void> conclude(TrainNetwork &network, std::vector<EpochRow> rows, double seconds) {
        const auto trained = network.toNetwork();
        if (!trained)
            return tl::make_unexpected(trained.error());
        const auto spiking = withNeurons(*trained);
        if (!spiking)
            return tl::make_unexpected(spiking.error());
        std::map<std::string, std::string> metadata = recipe_.stream;
        metadata["trained_by"] = settings_.command;
        if (recipe_.training.mode == TrainMode::Ann)
            metadata["qcfs_levels"] = std::to_string(recipe_.levels);
        if (!samples_.classes.empty())
            metadata.try_emplace("stream_classes",
                                 fmt::format("{}", fmt::join(samples_.classes, ",")));
        const std::string nir = file(recipe_.name + ".nir");
        Network shown = *spiking;
        if (recipe_.outputWidth > 0) {
            auto larger = withInputSize(*spiking, recipe_.outputWidth, recipe_.outputHeight);
            if (!larger)
                return failed(larger);
            shown = std::move(*larger);
        }
        if (auto written = writeNir(shown, nir, defaultNirStep, metadata); !written)
            return written;
        TrainingReport report{recipe_,
                              settings_.command,
                              samples_.description,
                              {},
                              std::move(rows),
                              {},
                              {},
                              {},
                              0,
                              fs::file_size(nir),
                              seconds};
        for (const Node &node : trained->nodes())
            report.parameters += parameterCount(node.layer);
        judge(network, *spiking, report);
        if (auto written = write(recipe_.name + ".json", asJson(report)); !written)
            return written;
        say(fmt::format("{}: {} bytes, {} parameters", nir, report.bytes, report.parameters));
        return {};
    }

    void judge(TrainNetwork &network, const Network &spiking, TrainingReport &report) {
        const SampleSource &source = samples_.test ? *samples_.test : *samples_.heldOut;
        report.testedOn = samples_.test ? "test set" : "held-out part of the training set";
        const bool timed = source.steps() > 0;
        report.ann.score = report.spiking.score = std::nan("");
        if (recipe_.training.mode == TrainMode::Ann && !timed)
            report.ann = Trainer::score(network, source, recipe_.training, false);
        report.spiking = Trainer::score(network, source, recipe_.training, true);
        say(fmt::format(
            "{}: {}spiking {:.4f}", report.testedOn,
            std::isnan(report.ann.score) ? "" : fmt::format("ANN {:.4f}, ", report.ann.score),
            report.spiking.score));
        constexpr std::size_t most = 5000;
        const std::size_t usual = timed ? source.steps() : recipe_.training.steps;
        const std::size_t steps =
            timed || recipe_.reportSteps == 0 ? usual : std::size_t{recipe_.reportSteps};
        for (const InferenceMode mode :
             {InferenceMode::If, InferenceMode::Srp, InferenceMode::Cos}) {
            if (timed && mode == InferenceMode::Srp)
                continue;  // needs planes before the window
            InferenceSettings inference{mode, steps, std::min<std::size_t>(usual, 4), 1};
            auto scored = scoreByEngine(spiking, source, recipe_.training.loss, inference, most);
            if (!scored) {
                say(fmt::format("{}: {}", toString(mode), scored.error().message));
                continue;
            }
            say(fmt::format("by the engine, {}: {} steps, {:.3g} uJ a sample", toString(mode),
                            scoresByStep(*scored), scored->energyMicrojoules));
            report.engine.push_back(std::move(*scored));
        }
    }

    const RunSettings &settings_;
    const Verbosity &verbosity_;
    const Interrupts &interrupts_;
    Recipe recipe_;
    Samples samples_;
    std::unique_ptr<DataParallel> group_;
};

}  // namespace

Result<void> runTraining(const RunSettings &settings, const Verbosity &verbosity,
                         const Interrupts &interrupts) {
    return Run(settings, verbosity, interrupts).go();
}

}  // namespace fovea
