// SPDX-License-Identifier: Apache-2.0
// fovea record: any source as a recording.
#include "app/catalog.h"
#include "app/exit_code.h"
#include "app/fovea/command.h"
#include "app/fovea/record_preflight.h"
#include "app/fovea/recording.h"
#include "app/fovea/session_work.h"
#include "app/fovea/spike_output.h"
#include "app/frame_json.h"
#include "app/output_file.h"
#include "app/recorder_options.h"

#include <atomic>
#include <cmath>
#include <csignal>

namespace fovea {

namespace {

std::atomic<bool> triggerWanted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "used in a signal handler");

void wishTrigger(int) {
    triggerWanted = true;
}

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
        addRecorder();
        config_.addScene();
        app_.add_flag("--dry-run", dryRun_,
                      "Record nothing: measure disk and engine, say whether link, disk and engine "
                      "keep up; status 1 when they do not");
        app_.add_flag("--live", live_,
                      "Run the synthetic scene by the clock as a camera does: what the disk cannot "
                      "take is lost and counted");
        app_.add_flag("--force", force_, "Replace an existing recording");
        addJson(json_, "Say how it went as one JSON object on stdout");
        addOutput(output_, "Recording to make; its descriptor goes beside it");
    }

    Result<void> run(const Interrupts &interrupts) override {
        std::signal(SIGUSR1, wishTrigger);  // first: one that comes early must not end the program
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
        if (dryRun_)
            return dryRun(*config, *catalog, interrupts);
        auto options = recorderOptions(recording_, config->source, output_, programName());
        if (!options)
            return failed(options);
        options->ifExists = force_ ? IfExists::Replace : IfExists::Refuse;
        options->noise = noise_;
        options->seconds = seconds_;
        holds_ = options->holdSeconds > 0;
        const auto recorder = std::make_shared<RecorderSink>(std::move(*options));
        // Packing may need less; a source that waits loses nothing.
        std::optional<double> disk;
        if (live_ && recording_.compress == "none")
            disk = glanceAtDisk(output_);
        if (auto started = session.start(*config, {{recorder, queuedBlocks, !live_}}); !started)
            return started;
        const Result<SourceInfo> info = session.waitOpened();
        if (!info)
            return tl::make_unexpected(config->source.kind == "file" ? asInputError(info.error())
                                                                     : info.error());
        warn(info->warnings);
        if (disk)
            if (const std::string slow = slowDiskText(*config, *info, output_, *disk);
                !slow.empty())
                note(slow);
        return follow(session, *recorder, *info, interrupts);
    }

private:
    static constexpr std::size_t queuedBlocks = 32;

    /// Where to stop, in planes of the source. A film is read as fast as it can be written; the
    /// synthetic scene, too, unless with --live.
    Result<void> setLength(Config &config) {
        SourceConfig &source = config.source;
        source.holdAtEnd = false;
        source.loop = false;
        if (source.kind == "synthetic") {
            source.seconds = seconds_;
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

    void addRecorder() {
        app_.add_option("--compress", recording_.compress,
                        "Without loss: none (default), zstd, auto = when it saves room and a core "
                        "has the time")
            ->type_name("WISH");
        addNumber(app_, "--split-mb", recording_.splitMegabytes, 0, 1e9,
                  "Files NAME-001.dat ... of at most so many megabytes (10 ms at least)");
        addNumber(app_, "--split-seconds", recording_.splitSeconds, 0, 1e6,
                  "Files NAME-001.dat ... of so many seconds");
        addNumber(
            app_, "--hold", recording_.holdSeconds, 0, 3600,
            "Keep the last so many seconds in memory; SIGUSR1 begins the recording with them");
        addNumber(app_, "--hold-mb", recording_.holdMegabytes, 1, 1e6,
                  "Memory for that, at most (default 256)");
        config_.flag("--close-when-lost", "source.reconnect", "false",
                     "A lost camera ends the recording; else it goes on in another file");
    }

    Result<void> dryRun(const Config &config, SourceCatalog &catalog,
                        const Interrupts &interrupts) const {
        auto source = catalog.make(config.source);
        if (!source)
            return failed(source);
        auto info = (*source)->open();
        if (!info)
            return failed(info);
        (*source)->close();
        double seconds = seconds_;
        if (seconds <= 0 && info->planes)
            seconds = static_cast<double>(*info->planes) / info->planeRateHz;
        auto checked =
            measurePreflight(config, *info, output_, seconds, interrupts, verbosity_.quiet);
        if (!checked)
            return failed(checked);
        if (auto printed =
                printOut(json_ ? toLine(preflightJson(*checked)) + "\n" : preflightText(*checked));
            !printed)
            return printed;
        if (checked->light() == BudgetLight::Red)
            return fail(ErrorCode::Unsupported, "{}", checked->verdict());
        return {};
    }

    Result<void> follow(Session &session, RecorderSink &recorder, const SourceInfo &info,
                        const Interrupts &interrupts) const {
        Progress progress("recording", static_cast<std::uint64_t>(seconds_ * info.planeRateHz),
                          "planes", verbosity_.quiet);
        bool enough = false;
        const auto tick = [&](const SessionStatus &status) -> Result<void> {
            if (triggerWanted.exchange(false))
                recorder.trigger();
            const RecorderStatus now = recorder.status();
            progress.update(holds_ ? now.planes : status.planes.received, roomText(now));
            // A camera has no end of its own.
            enough = live_ && now.complete;
            return enough ? fail(ErrorCode::Cancelled, "all is recorded") : Result<void>{};
        };
        // What was taken belongs on the disk, however slow it is; a second signal ends at once.
        auto done = finishSession(session, interrupts, tick, std::chrono::minutes{1});
        progress.clear();
        // Ctrl-C is how a recording without an end is ended; the file is closed properly anyhow.
        const bool stopped = !done && done.error().code == ErrorCode::Cancelled;
        const bool gone = !done && done.error().code == ErrorCode::DeviceLost;
        if (!done && !stopped && !gone) {
            // A full disk, say: what is on it is kept.
            const std::uint64_t kept = recorder.status().planes;
            if (kept > 0 && json_)
                if (auto reported = report(session.status(), recorder); !reported)
                    return reported;
            if (kept > 0 && !recorder.recordings().empty())
                note(fmt::format("{}: the {} planes written before are kept",
                                 recorder.recordings().front().string(), kept));
            return failed(done);
        }
        if (recorder.status().armed)
            return neverTriggered(session.status(), recorder, std::move(done));
        // Only what was asked for takes the place of another recording.
        const bool whole = !gone && (!stopped || seconds_ <= 0 || enough);
        if (whole)
            if (auto named = recorder.takeName(); !named)
                return named;
        if (auto reported = report(session.status(), recorder); !reported)
            return reported;
        return whole ? Result<void>{} : Result<void>(failed(done));
    }

    /// It ended while it held planes and waited: there is no file, and that is no success.
    Result<void> neverTriggered(const SessionStatus &status, const RecorderSink &recorder,
                                Result<SessionStatus> done) const {
        if (json_)
            if (auto reported = report(status, recorder); !reported)
                return reported;
        const std::string text = fmt::format(
            "{}: nothing was recorded, no trigger (SIGUSR1) came in all the time", output_);
        if (done)
            return fail(ErrorCode::Io, "{}", text);
        note(text);
        return failed(done);
    }

    Result<void> report(const SessionStatus &status, const RecorderSink &recorder) const {
        // What came behind the end or a stop was never meant for the disk; before a trigger the
        // same is true of all that is not kept.
        const std::uint64_t written = recorder.status().planes;
        std::uint64_t unwritten = 0;
        for (const SinkStatus &sink : status.sinks)
            unwritten += holds_ ? 0 : sink.dropped;
        const std::uint64_t lost = holds_ ? recorder.status().lost
                                          : status.planes.droppedTotal() -
                                                status.planes.of(DropReason::Stopped) + unwritten;
        const bool none = recorder.recordings().empty();
        const std::string path = none ? output_ : recorder.recordings().front().string();
        if (json_)
            return printOut(toLine(Json{{"file", none ? Json() : Json(path)},
                                        {"planes_written", written},
                                        {"planes_lost", lost},
                                        {"planes_not_written", unwritten},
                                        {"reconnects", status.reconnects},
                                        {"files", filesJson(recorder)},
                                        {"packing", recorder.status().packing},
                                        {"planes", toJson(status.planes)}}) +
                            "\n");
        std::string text = fmt::format("{}: {} planes written, {} lost", path, written, lost);
        if (unwritten > 0)
            text += fmt::format(" ({} because the disk was too slow)", unwritten);
        if (recording_.compress != "none")
            text += "; " + recorder.status().packing;
        if (recorder.status().part > 0)
            text += fmt::format("; {} parts", recorder.recordings().size());
        else if (status.reconnects > 0)
            text += fmt::format("; {} files, because the camera was lost and came back {} times",
                                recorder.recordings().size(), status.reconnects);
        note(text);
        return {};
    }

    static Json filesJson(const RecorderSink &recorder) {
        Json files = Json::array();
        for (const auto &file : recorder.recordings())
            files.push_back(file.string());
        return files;
    }

    ConfigOptions config_;
    std::string source_;
    std::string output_;
    std::string noise_;  ///< what had been injected into a recording
    double seconds_ = 0;
    bool live_ = false;
    bool force_ = false;
    bool json_ = false;
    bool dryRun_ = false;
    bool holds_ = false;
    RecordSettings recording_;
};

}  // namespace

std::unique_ptr<Command> makeRecordCommand(CLI::App &program) {
    return std::make_unique<RecordCommand>(program);
}

}  // namespace fovea
