// SPDX-License-Identifier: Apache-2.0
// fovea simulate: a synthetic scene as a recording, with the truth about it.
#include "app/catalog.h"
#include "app/fovea/command.h"
#include "app/fovea/simulate_pictures.h"
#include "app/fovea/spike_output.h"
#include "app/fovea/track_text.h"
#include "app/output_file.h"
#include "app/progress.h"
#include "datasets/disk_probe.h"

#include <cmath>

namespace fovea {

namespace {

class SimulateCommand final : public Command {
public:
    explicit SimulateCommand(CLI::App &program)
        : Command(program, "simulate", "Record a synthetic scene and what is true about it"),
          config_(app_) {
        config_.value("--shape", "source.shape", "WxH", "Size of a plane (default 400x250)");
        config_.value("--rate", "source.rate_hz", "HZ", "Planes a second (default 40000)");
        config_.value("--seconds", "source.seconds", "S", "Length of the recording (default 1)");
        config_.addScene();
        addOutput(output_, "Recording to make; its descriptor goes beside it");
        app_.add_option("--truth", truth_,
                        "Label file: MOTChallenge lines, plane as frame, form as class")
            ->type_name("FILE");
        addNumber(app_, "--truth-every", truthEvery_, 1, Descriptor::maxPlanes,
                  "Planes between the truth's boxes (default 1)");
        app_.add_option(
                "--pictures", pictures_.set,
                fmt::format("Show these pictures one after another ({}) instead of a scene; "
                            "--truth gets lines first_plane,planes,class",
                            pictureSetForms))
            ->type_name("SET");
        addNumber(app_, "--first", pictures_.first, 1, 1000000, "Pictures (default 100)");
        addNumber(app_, "--planes-each", pictures_.planesEach, 1, 1000000,
                  "Planes of each picture (default 64)");
        addNumber(app_, "--white", pictures_.white, 0.01, 1,
                  "Spikes a plane where a picture is white (default 1)");
        app_.add_flag("--force", force_, "Replace an existing recording");
        addJson(json_, "Say what was made as one JSON object on stdout");
    }

    Result<void> run(const Interrupts &interrupts) override {
        Result<Config> config = config_.resolve();
        if (!config)
            return failed(config);
        SourceConfig &scene = config->source;
        if (!pictures_.set.empty())
            return recordPictures(scene, interrupts);
        scene.kind = "synthetic";
        scene.speed = 0;
        if (scene.seconds <= 0 && config_.given("source.seconds"))
            return fail(ErrorCode::Usage, "--seconds: found 0, a recording needs an end");
        if (scene.seconds <= 0)
            scene.seconds = 1;
        SteadyClock clock;
        auto source = makeSourceCatalog(clock)->make(scene);
        if (!source)
            return failed(source);
        const Result<SourceInfo> info = (*source)->open();
        if (!info)
            return tl::make_unexpected(info.error());
        return record(**source, *info, scene, interrupts);
    }

private:
    Result<void> recordPictures(const SourceConfig &scene, const Interrupts &interrupts) const {
        if (auto prepared = prepareRecording(output_, {}, force_); !prepared)
            return prepared;
        auto pictures = PictureShow::make(pictures_, scene);
        if (!pictures)
            return failed(pictures);
        const double planes = static_cast<double>(pictures->planes());
        if (auto room = checkRoom(output_, pictures->settings().shape, planes); !room)
            return room;
        auto truth = openTruth();
        if (!truth)
            return failed(truth);
        Descriptor about = descriptor(pictures->info(), scene);
        about.settings = {{"seed", fmt::format("{}", scene.seed)},
                          {"pictures", pictures_.set},
                          {"planes_each", fmt::format("{}", pictures_.planesEach)},
                          {"white", fmt::format("{}", pictures_.white)},
                          {"sensor_noise", fmt::format("{}", scene.sensorNoise)}};
        Result<SpikeOutput> spikes = SpikeOutput::create(output_, std::move(about), force_);
        if (!spikes)
            return failed(spikes);
        Progress progress("simulating", pictures->planes(), "planes", verbosity_.quiet);
        while (const SpikeBlock *block = pictures->next()) {
            if (interrupts.requested())
                return fail(ErrorCode::Cancelled, "stopped");
            if (auto written = spikes->write(*block); !written)
                return written;
            progress.update(block->endPlane());
        }
        progress.clear();
        if (*truth) {
            if (auto written = (*truth)->write(pictures->labels()); !written)
                return written;
            if (auto finished = (*truth)->finish(); !finished)
                return finished;
        }
        if (auto finished = spikes->finish(); !finished)
            return finished;
        return tellMade(pictures->planes(), pictures->settings().shape, scene);
    }

    /// Nothing when no truth is wanted.
    Result<std::optional<ProgramOutput>> openTruth() const {
        if (truth_.empty())
            return std::optional<ProgramOutput>();
        for (const std::filesystem::path &taken :
             {std::filesystem::path(output_), sidecarPath(output_)})
            if (std::filesystem::absolute(truth_).lexically_normal() ==
                std::filesystem::absolute(taken).lexically_normal())
                return fail(ErrorCode::Usage,
                            "--truth: found '{}', which the recording needs for itself", truth_);
        auto created = ProgramOutput::create(truth_);
        if (!created)
            return failed(created);
        return std::optional<ProgramOutput>(std::move(*created));
    }

    Result<void> record(SpikeSource &source, const SourceInfo &info, const SourceConfig &scene,
                        const Interrupts &interrupts) const {
        const std::uint64_t planes = info.planes.value_or(0);
        if (auto prepared = prepareRecording(output_, {}, force_); !prepared)
            return prepared;
        if (auto room = checkRoom(output_, info.shape, static_cast<double>(planes)); !room)
            return room;
        auto truth = openTruth();
        if (!truth)
            return failed(truth);
        Result<SpikeOutput> spikes = SpikeOutput::create(output_, descriptor(info, scene), force_);
        if (!spikes)
            return failed(spikes);
        Progress progress("simulating", planes, "planes", verbosity_.quiet);
        constexpr std::uint32_t blockPlanes = 400;
        SpikeBlock block(info.shape, blockPlanes);
        while (true) {
            if (interrupts.requested())
                return fail(ErrorCode::Cancelled, "stopped");
            const auto outcome = source.read(block, std::chrono::milliseconds{100});
            if (!outcome)
                return tl::make_unexpected(outcome.error());
            if (*outcome == ReadOutcome::End)
                break;
            if (*outcome == ReadOutcome::Idle)
                continue;
            if (auto written = spikes->write(block); !written)
                return written;
            if (*truth)
                if (auto written = writeTruth(*source.truth(), block, **truth); !written)
                    return written;
            progress.update(block.endPlane());
        }
        if (*truth)
            if (auto finished = (*truth)->finish(); !finished)
                return finished;
        progress.clear();
        if (auto finished = spikes->finish(); !finished)
            return finished;
        return tellMade(planes, info.shape, scene);
    }

    Result<void> tellMade(std::uint64_t planes, PlaneShape shape, const SourceConfig &scene) const {
        return tell(json_,
                    {{"output", output_},
                     {"truth", truth_},
                     {"planes", planes},
                     {"width", shape.width},
                     {"height", shape.height},
                     {"seed", scene.seed}},
                    fmt::format("{}: {} planes of {}", output_, planes, toString(shape)));
    }

    Result<void> writeTruth(const GroundTruth &truth, const SpikeBlock &block,
                            ProgramOutput &file) const {
        std::string text;
        const std::uint64_t first = (block.firstPlane() + truthEvery_ - 1) / truthEvery_;
        for (std::uint64_t plane = first * truthEvery_; plane < block.endPlane();
             plane += truthEvery_) {
            TrackSet set = truth.objectsAt(plane);
            set.plane = plane;
            text += motLines(set);
        }
        return file.write(text);
    }

    static Descriptor descriptor(const SourceInfo &info, const SourceConfig &scene) {
        Descriptor descriptor;
        descriptor.shape = info.shape;
        descriptor.rateHz = info.planeRateHz;
        descriptor.flip = true;
        descriptor.device = info.name;
        descriptor.clock = "planes";
        descriptor.createdBy = programName();
        descriptor.settings = {{"seed", fmt::format("{}", scene.seed)},
                               {"objects", fmt::format("{}", scene.objects)},
                               {"light", scene.light},
                               {"sensor_noise", fmt::format("{}", scene.sensorNoise)}};
        return descriptor;
    }

    ConfigOptions config_;
    std::string output_;
    std::string truth_;
    std::uint64_t truthEvery_ = 1;
    bool force_ = false;
    bool json_ = false;
    PictureShowSettings pictures_;
};

}  // namespace

std::unique_ptr<Command> makeSimulateCommand(CLI::App &program) {
    return std::make_unique<SimulateCommand>(program);
}

}  // namespace fovea
