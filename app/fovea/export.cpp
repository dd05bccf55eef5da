// SPDX-License-Identifier: Apache-2.0
// fovea export: a range of a recording as pictures, video, table or shorter recording.
#include "app/fovea/command.h"
#include "app/fovea/picture_writer.h"
#include "app/fovea/pictures.h"
#include "app/fovea/recording.h"
#include "app/fovea/session_work.h"
#include "app/fovea/spike_output.h"
#include "app/fovea/track_text.h"
#include "app/model_use.h"
#include "app/output_file.h"
#include "datasets/disk_probe.h"

#include <opencv2/core.hpp>

namespace fovea {

namespace {

class ExportCommand final : public Command {
public:
    explicit ExportCommand(CLI::App &program)
        : Command(program, "export", "Write a range as pictures, video, table or recording"),
          config_(app_) {
        addInput(path_);
        config_.addRecording();
        config_.addRecon();
        config_.addModel();
        app_.add_option("--range", range_, "Planes FIRST:END to export (default all)")
            ->type_name("A:B");
        addNumber(app_, "--every", every_, 1, Descriptor::maxPlanes,
                  "Planes between pictures or table lines (default 1)");
        addNumber(app_, "--fps", framesPerSecond_, 1, 1000, "Of a video (default 30)");
        addBits(app_, bits_);
        app_.add_flag("--force", force_, "Replace an existing recording");
        addJson(json_, "Say what was made as one JSON object on stdout");
        addOutput(output_, "Folder (PNG files), .avi, .mp4, .csv (detections) or .dat (spikes)");
    }

    Result<void> run(const Interrupts &interrupts) override {
        Result<Config> config = config_.resolve();
        if (!config)
            return failed(config);
        if (auto prepared = prepareModel(*config); !prepared)
            return prepared;
        Result<SpikeFile> file = openInput(path_, config->source);
        if (!file)
            return failed(file);
        warn(file->info().warnings);
        Result<PlaneRange> range = range_.empty() ? PlaneRange{} : parseRange(range_);
        if (!range)
            return failed(range);
        if (auto fits = range->fit(file->info().planes); !fits)
            return fits;
        const std::filesystem::path extension = std::filesystem::path(output_).extension();
        if (extension == ".dat" && every_ > 1)
            return fail(ErrorCode::Usage, "--every: found {}, allowed 1 for a recording ({})",
                        every_, output_);
        const Result<void> made = extension == ".dat" ? exportSpikes(*file, *range, interrupts)
                                  : extension == ".csv"
                                      ? exportTable(*file, *config, *range, interrupts)
                                      : exportPictures(*file, *config, *range, interrupts);
        if (!made)
            return made;
        const std::uint64_t planes = *range->last - range->first;
        return tell(json_,
                    {{"output", output_},
                     {"first", range->first},
                     {"end", *range->last},
                     {"every", every_}},
                    fmt::format("{}: {} planes from {} on, every {}", output_, planes, range->first,
                                every_));
    }

private:
    Result<void> exportSpikes(const SpikeFile &file, const PlaneRange &range,
                              const Interrupts &interrupts) {
        const std::uint64_t planes = *range.last - range.first;
        if (auto prepared = prepareRecording(output_, path_, force_); !prepared)
            return prepared;
        // Lost planes take no room.
        const double most = static_cast<double>(std::min(planes, file.info().storedPlanes));
        if (auto room = checkRoom(output_, file.info().shape, most); !room)
            return room;
        auto output = SpikeOutput::create(output_, descriptorOf(file.info()), force_);
        if (!output)
            return failed(output);
        Progress progress("copying", planes, "planes", verbosity_.quiet);
        auto copied = forEachBlock(file, range.first, *range.last, interrupts, progress,
                                   [&](const SpikeBlock &block) { return output->write(block); });
        return copied ? output->finish() : copied;
    }

    Result<void> exportTable(const SpikeFile &file, Config config, const PlaneRange &range,
                             const Interrupts &interrupts) {
        const std::filesystem::path input = path_;
        Result<ProgramOutput> output = ProgramOutput::create(output_, {&input, 1});
        if (!output)
            return failed(output);
        if (auto written = output->write(csvHead()); !written)
            return written;
        config.source.path = path_;
        config.source.rangeBegin = range.first;
        config.source.rangeEnd = *range.last;
        config.detect.every = static_cast<std::uint32_t>(std::min<std::uint64_t>(every_, 1000000));
        auto done =
            detectInFile(config, file.info().rateHz, interrupts, verbosity_.quiet,
                         [&](const FrameResult &frame) { return output->write(csvLines(frame)); });
        if (!done)
            return failed(done);
        return output->finish();
    }

    Result<void> exportPictures(const SpikeFile &file, const Config &config,
                                const PlaneRange &range, const Interrupts &interrupts) {
        if (auto valid = validate(config.recon); !valid)
            return valid;
        if (bits_ == 16 && isVideo(output_))
            return fail(ErrorCode::Usage, "--bits: found 16, allowed 8 for a video ({})", output_);
        Result<PictureMaker> maker = PictureMaker::make(file, config.recon, config.engine.backend);
        if (!maker)
            return failed(maker);
        const std::filesystem::path input = path_;
        auto writer = makePictureWriter(output_, file.info().shape, framesPerSecond_, {&input, 1});
        if (!writer)
            return failed(writer);
        const std::uint64_t count = (*range.last - range.first + every_ - 1) / every_;
        Progress progress("exporting", count, "pictures", verbosity_.quiet);
        std::uint64_t done = 0;
        const auto add = [&](const auto &picture) -> Result<void> {
            if (interrupts.requested())
                return fail(ErrorCode::Cancelled, "stopped");
            progress.update(++done);
            return (*writer)->add(asMat(picture), picture.plane);
        };
        const PicturePlan plan{range.first, *range.last, every_};
        if (auto made = bits_ == 16 ? maker->eachDeep(plan, add) : maker->each(plan, add); !made)
            return made;
        return (*writer)->finish();
    }

    ConfigOptions config_;
    std::string path_;
    std::string range_;
    std::string output_;
    std::uint64_t every_ = 1;
    std::uint64_t bits_ = 8;
    double framesPerSecond_ = 30;
    bool force_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makeExportCommand(CLI::App &program) {
    return std::make_unique<ExportCommand>(program);
}

}  // namespace fovea
