// SPDX-License-Identifier: Apache-2.0
// fovea record: any source as a recording.
#include "app/catalog.h"
#include "app/exit_code.h"
#include "app/fovea/command.h"
#include "app/fovea/recording.h"
#include "app/fovea/session_work.h"
#include "app/fovea/spike_output.h"
#include "app/frame_json.h"
#include "app/output_file.h"
#include "datasets/recorder.h"

#include <cmath>

namespace fovea {

namespace {

class RecordCommand final : public Command {
public:
    explicit RecordCommand(CLI::App &program)
        : Command(program, "record", "Record a camera, a file or the synthetic scene"),
          config_(app_) {
        app_.add_option("--source", source_, "synthetic, a file, usb[:SERIAL] or pcie")
            ->type_name("SOURCE")
            ->required();
        config_.addRecording();
        addNumber(app_, "--seconds", seconds_, 0, 1e6,
                  "Length; 0 (default) = until the source ends or Ctrl-C");
        config_.addScene();
        app_.add_flag("--live", live_,
                      "Run the synthetic scene by the clock as a camera does: what the disk cannot "
                      "take is lost and counted");
        app_.add_flag("--force", force_, "Replace an existing recording");
        addJson(json_, "Say how it went as one JSON object on stdout");
        addOutput(output_, "Recording to make; its descriptor goes beside it");
    }

    Result<void> run(const Interrupts &interrupts) override {
        Result<Config> config = config_.resolve();
        if (!config)
            return failed(config);
        setSource(config->source, source_);
        config->detect.enabled = false;
        config->display.views.clear();
        if (auto timed = setLength(*config); !timed)
            return timed;

        SteadyClock clock;
        const std::unique_ptr<SourceCatalog> catalog = makeSourceCatalog(clock);
        Session session(*catalog, clock);
        const std::string input = config->source.kind == "file" ? config->source.path : "";
        // A source that cannot be made must not cost an existing recording.
        if (auto possible = catalog->make(config->source); !possible)
            return failed(possible);
        if (auto prepared = prepareRecording(output_, input, force_); !prepared)
            return prepared;
        const auto recorder = std::make_shared<RecorderSink>(recorderOptions(*config));
        if (auto started = session.start(*config, {{recorder, queuedBlocks, !live_}}); !started)
            return started;
        const Result<SourceInfo> info = session.waitOpened();
        if (!info)
            return tl::make_unexpected(config->source.kind == "file" ? asInputError(info.error())
                                                                     : info.error());
        warn(info->warnings);
        return follow(session, *recorder, *info, interrupts);
    }

private:
    static constexpr std::size_t queuedBlocks = 32;

    /// Where to stop, in planes of the source. A film is read as fast as it can be written; the
    /// synthetic scene, too, unless it must last (no end, or --live).
    Result<void> setLength(Config &config) {
        SourceConfig &source = config.source;
        source.holdAtEnd = false;
        source.loop = false;
        if (source.kind == "synthetic") {
            source.seconds = seconds_;
            live_ = live_ || seconds_ <= 0;
            source.speed = live_ ? 1 : 0;
            return {};
        }
        if (isCamera(source)) {
            live_ = true;
            return {};
        }
        live_ = false;
        source.speed = 0;
        source.everyPlane = true;
        const Result<SpikeFile> file = openInput(source.path, source);
        if (!file)
            return tl::make_unexpected(file.error());
        const SpikeFileInfo &info = file->info();
        noise_ = info.descriptor ? info.descriptor->noise : std::string();
        if (seconds_ > 0)
            source.rangeEnd = std::min<std::uint64_t>(
                info.planes, source.rangeBegin + static_cast<std::uint64_t>(std::max(
                                                     1.0, std::round(seconds_ * info.rateHz))));
        return {};
    }

    [[nodiscard]] RecorderOptions recorderOptions(const Config &config) const {
        RecorderOptions options;
        options.path = output_;
        options.ifExists = force_ ? IfExists::Replace : IfExists::Refuse;
        options.createdBy = programName();
        options.noise = noise_;
        if (config.source.kind == "synthetic")
            options.settings = {{"seed", fmt::format("{}", config.source.seed)},
                                {"objects", fmt::format("{}", config.source.objects)},
                                {"light", config.source.light},
                                {"sensor_noise", fmt::format("{}", config.source.sensorNoise)}};
        return options;
    }

    Result<void> follow(Session &session, const RecorderSink &recorder, const SourceInfo &info,
                        const Interrupts &interrupts) const {
        const double wanted = seconds_ * info.planeRateHz;
        if (wanted > 0)
            if (auto room = checkRoom(output_, info.shape, wanted); !room)
                return room;
        Progress progress("recording", static_cast<std::uint64_t>(wanted), "planes",
                          verbosity_.quiet);
        bool enough = false;
        std::optional<std::uint64_t> told;  ///< reconnects when a loss was told last
        const auto tick = [&](const SessionStatus &status) -> Result<void> {
            progress.update(status.planes.received);
            if (status.state == SourceState::Lost && status.error && told != status.reconnects) {
                told = status.reconnects;
                note(status.error->message + "; waiting for it to come back");
            }
            // A camera has no end of its own.
            enough = live_ && wanted > 0 && static_cast<double>(status.planes.received) >= wanted;
            return enough ? fail(ErrorCode::Cancelled, "all is recorded") : Result<void>{};
        };
        // What was taken belongs on the disk, however slow it is; a second signal ends at once.
        auto done = finishSession(session, interrupts, tick, std::chrono::minutes{1});
        progress.clear();
        // Ctrl-C is how a recording without an end is ended; the file is closed properly anyhow.
        const bool stopped = !done && done.error().code == ErrorCode::Cancelled;
        if (!done && !stopped)
            return failed(done);
        if (auto reported = report(session.status(), recorder); !reported)
            return reported;
        if (stopped && seconds_ > 0 && !enough)
            return failed(done);
        return {};
    }

    Result<void> report(const SessionStatus &status, const RecorderSink &recorder) const {
        std::uint64_t written = 0;
        std::uint64_t unwritten = 0;
        for (const SinkStatus &sink : status.sinks) {
            written += sink.written;
            unwritten += sink.dropped;
        }
        const std::uint64_t lost = status.planes.droppedTotal() + unwritten;
        const std::string path =
            recorder.recordings().empty() ? output_ : recorder.recordings().front().string();
        if (json_)
            return printOut(toLine(Json{{"file", path},
                                        {"planes_written", written},
                                        {"planes_lost", lost},
                                        {"planes_not_written", unwritten},
                                        {"reconnects", status.reconnects},
                                        {"planes", toJson(status.planes)}}) +
                            "\n");
        std::string text = fmt::format("{}: {} planes written, {} lost", path, written, lost);
        if (unwritten > 0)
            text += fmt::format(" ({} because the disk was too slow)", unwritten);
        if (status.reconnects > 0)
            text += fmt::format("; {} files, because the camera was lost and came back {} times",
                                recorder.recordings().size(), status.reconnects);
        note(text);
        return {};
    }

    ConfigOptions config_;
    std::string source_;
    std::string output_;
    std::string noise_;  ///< what had been injected into a recording
    double seconds_ = 0;
    bool live_ = false;
    bool force_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makeRecordCommand(CLI::App &program) {
    return std::make_unique<RecordCommand>(program);
}

}  // namespace fovea
