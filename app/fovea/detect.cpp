// SPDX-License-Identifier: Apache-2.0
// fovea detect: the moving objects of a recording, as label file, JSON lines or pictures.
#include "app/fovea/command.h"
#include "app/fovea/picture_writer.h"
#include "app/fovea/pictures.h"
#include "app/fovea/recording.h"
#include "app/fovea/session_work.h"
#include "app/fovea/track_text.h"
#include "app/frame_json.h"
#include "app/model_use.h"
#include "app/output_file.h"

#include <opencv2/core.hpp>

namespace fovea {

namespace {

/// Where results go; everything is finished or nothing is left.
struct Outputs {
    std::optional<ProgramOutput> mot;
    std::optional<ProgramOutput> json;
    std::unique_ptr<PictureWriter> pictures;
    std::unique_ptr<PictureMaker> maker;
    std::uint64_t overlayEvery = 1;
    TrackSummary summary;

    Result<void> take(const FrameResult &frame) {
        summary.add(frame);
        if (mot) {
            if (auto written = mot->write(motLines(frame)); !written)
                return written;
        }
        if (json) {
            if (auto written = json->write(toLine(toJson(frame, FrameJson::Result)) + "\n");
                !written)
                return written;
        }
        if (pictures && frame.plane % overlayEvery == 0)
            return addOverlay(frame);
        return {};
    }
    Result<void> addOverlay(const FrameResult &frame) {
        const Result<Picture> picture = maker->at(frame.plane);
        if (!picture)
            return tl::make_unexpected(picture.error());
        return pictures->add(drawTracks(*picture, frame.tracks), frame.plane);
    }
    Result<void> finish() {
        for (std::optional<ProgramOutput> *file : {&mot, &json}) {
            if (!*file)
                continue;
            if (auto finished = (*file)->finish(); !finished)
                return finished;
        }
        return pictures ? pictures->finish() : Result<void>{};
    }
};

class DetectCommand final : public Command {
public:
    explicit DetectCommand(CLI::App &program)
        : Command(program, "detect", "Find and follow the moving objects of a recording"),
          config_(app_) {
        addInput(path_, "Recording (.dat, .bin, .npz), usb[:SERIAL], pcie[:SERIAL] or synthetic");
        config_.addRecording();
        config_.addCamera();
        config_.value("--every", "detect.every", "PLANES",
                      "Planes between results; 0: one a millisecond (default 1, of a camera 0)");
        config_.value("--detector", "detect.method", "NAME",
                      "motion, attention or snn (which --model means)");
        config_.addModel();
        config_.value("--attention-mode", "detect.attention_mode", "NAME",
                      "attention: fast (real-time) or exact (SpikeCV bit for bit)");
        config_.addNoise("--seed");
        app_.add_option("--range", range_, "Planes FIRST:END to look at")->type_name("A:B");
        app_.add_option("--mot", mot_, "MOTChallenge lines: plane,id,x,y,w,h,score,class,-1,-1")
            ->type_name("FILE");
        addJson(json_, "One JSON object a result on stdout");
        app_.add_option("--overlay", overlay_, "Pictures with boxes: a folder, .avi or .mp4")
            ->type_name("PATH");
        addNumber(app_, "--overlay-every", overlayEvery_, 1, 1000000,
                  "Planes between these pictures (default 40)");
    }

    Result<void> run(const Interrupts &interrupts) override {
        Result<Config> config = config_.resolve();
        if (!config)
            return failed(config);
        if (config_.given("model.file") && !config_.given("detect.method"))
            config->detect.detector.method = DetectionMethod::Snn;
        if (auto prepared = prepareModel(*config); !prepared)
            return prepared;
        setSource(config->source, path_);
        if (config->source.kind != "file")
            return detectLive(*config, interrupts);
        if (config->detect.every == 0 && !config_.given("detect.every"))
            config->detect.every = 1;
        // Opened here as well: the input is checked before any output is begun.
        const Result<SpikeFile> file = openInput(path_, config->source);
        if (!file)
            return tl::make_unexpected(file.error());
        warn(file->info().warnings);
        if (auto ranged = applyRange(*config, file->info().planes); !ranged)
            return ranged;
        Outputs outputs;
        if (auto opened = open(outputs, *file, *config); !opened)
            return opened;
        auto done = detectInFile(*config, file->info().rateHz, interrupts, verbosity_.quiet,
                                 [&](const FrameResult &frame) { return outputs.take(frame); });
        if (!done)
            return failed(done);
        if (auto finished = outputs.finish(); !finished)
            return finished;
        return report(outputs.summary);
    }

private:
    Result<void> applyRange(Config &config, std::uint64_t planes) const {
        if (range_.empty())
            return {};
        Result<PlaneRange> range = parseRange(range_);
        if (!range)
            return failed(range);
        if (auto fits = range->fit(planes); !fits)
            return fits;
        config.source.rangeBegin = range->first;
        config.source.rangeEnd = *range->last;
        return {};
    }

    Result<void> open(Outputs &outputs, const SpikeFile &file, const Config &config) const {
        if (auto opened = openTexts(outputs); !opened)
            return opened;
        const std::filesystem::path input = path_;
        if (overlay_.empty())
            return {};
        Result<PictureMaker> maker = PictureMaker::make(file, config.recon, config.engine.backend);
        if (!maker)
            return failed(maker);
        constexpr double framesPerSecond = 30;
        auto pictures =
            makePictureWriter(overlay_, file.info().shape, framesPerSecond, {&input, 1});
        if (!pictures)
            return failed(pictures);
        outputs.maker = std::make_unique<PictureMaker>(std::move(*maker));
        outputs.pictures = std::move(*pictures);
        outputs.overlayEvery = overlayEvery_;
        return {};
    }

    Result<void> openTexts(Outputs &outputs) const {
        const std::filesystem::path input = path_;
        if (json_ && mot_ == "-")
            return fail(ErrorCode::Usage, "--json and --mot - both want stdout");
        const auto openFile = [&](std::optional<ProgramOutput> &target,
                                  const std::string &name) -> Result<void> {
            Result<ProgramOutput> created = ProgramOutput::create(name, {&input, 1});
            if (!created)
                return failed(created);
            target = std::move(*created);
            return {};
        };
        if (!mot_.empty())
            if (auto opened = openFile(outputs.mot, mot_); !opened)
                return opened;
        if (json_)
            if (auto opened = openFile(outputs.json, "-"); !opened)
                return opened;
        return {};
    }

    /// A camera, or the synthetic one, is looked at until Ctrl-C.
    Result<void> detectLive(Config config, const Interrupts &interrupts) const {
        if (!range_.empty() || !overlay_.empty())
            return fail(ErrorCode::Usage, "{}: {} is live; record it first for that",
                        range_.empty() ? "--overlay" : "--range", path_);
        Outputs outputs;
        if (auto opened = openTexts(outputs); !opened)
            return opened;
        const auto take = [&](const FrameResult &frame) { return outputs.take(frame); };
        const auto warnOf = [this](const SourceInfo &info) { warn(info.warnings); };
        auto done = detectInCamera(std::move(config), interrupts, warnOf, take);
        // What was found until the camera was lost is whole.
        const bool lost = !done && done.error().code == ErrorCode::DeviceLost;
        if (!done && !lost && done.error().code != ErrorCode::Cancelled)
            return failed(done);
        if (auto finished = outputs.finish(); !finished)
            return finished;
        if (auto reported = report(outputs.summary); !reported)
            return reported;
        return lost ? failed(done) : Result<void>{};
    }

    /// The summary is the data when nothing else was asked for, else a note.
    Result<void> report(const TrackSummary &summary) const {
        if (mot_.empty() && !json_ && overlay_.empty())
            return printOut(summary.table());
        note(summary.line());
        return {};
    }

    ConfigOptions config_;
    std::string path_;
    std::string range_;
    std::string mot_;
    std::string overlay_;
    std::uint64_t overlayEvery_ = 40;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makeDetectCommand(CLI::App &program) {
    return std::make_unique<DetectCommand>(program);
}

}  // namespace fovea
