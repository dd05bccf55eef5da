// SPDX-License-Identifier: Apache-2.0
// fovea play: plays a recording without a window and says how that goes.
#include "app/catalog.h"
#include "app/exit_code.h"
#include "app/fovea/command.h"
#include "app/fovea/session_work.h"
#include "app/frame_json.h"
#include "app/model_use.h"
#include "app/output_file.h"

#include <charconv>

namespace fovea {

namespace {

/// "max" is 0, "1/100" is 0.01; anything else stays for the configuration to judge.
std::string plainSpeed(const std::string &text) {
    if (text == "max")
        return "0";
    const char *const end = text.data() + text.size();
    double over = 0;
    double under = 0;
    const auto [slash, first] = std::from_chars(text.data(), end, over);
    if (first != std::errc{} || slash == end || *slash != '/')
        return text;
    const auto [last, second] = std::from_chars(slash + 1, end, under);
    const bool good = second == std::errc{} && last == end && over > 0 && under > 0;
    return good ? fmt::format("{}", over / under) : text;
}

std::string statusLine(const SessionStatus &status, const std::optional<Playback::Status> &playback,
                       double planeRateHz) {
    const std::uint64_t plane = playback ? playback->position : status.planes.received;
    std::string text = fmt::format("plane {}", plane);
    if (playback)
        text += fmt::format("/{}", playback->planes);
    text += fmt::format("  {:.3f} ms", static_cast<double>(plane) / planeRateHz * 1e3);
    text += fmt::format("  source {:.0f}/s  engine {:.0f}/s  load {:.0f} %", status.sourceRateHz,
                        status.engineRateHz, status.engineLoad * 100);
    text += fmt::format("  latency p50 {:.1f} ms p99 {:.1f} ms", status.latencyP50 * 1e3,
                        status.latencyP99 * 1e3);
    return text + fmt::format("  dropped {}\n", status.planes.droppedTotal());
}

std::string endLine(const SessionStatus &status, double seconds) {
    const PlaneCounts &planes = status.planes;
    std::string text = fmt::format(
        "{} planes in {:.3f} s ({:.0f} planes/s), {} through the engine", planes.received, seconds,
        static_cast<double>(planes.received) / seconds, planes.delivered);
    for (std::size_t i = 0; i < dropReasonCount; ++i)
        if (planes.dropped[i] > 0)
            text += fmt::format(", {} lost ({})", planes.dropped[i],
                                toString(static_cast<DropReason>(i)));
    if (status.results > 0)
        text += fmt::format(", {} detection results", status.results);
    return text + "\n";
}

class PlayCommand final : public Command {
public:
    explicit PlayCommand(CLI::App &program)
        : Command(program, "play", "Play a recording or a camera without a window and report"),
          config_(app_) {
        addInput(path_, "Recording (.dat, .bin, .npz), usb[:SERIAL], pcie[:SERIAL] or synthetic");
        config_.addRecording();
        config_.addCamera();
        config_
            .value(
                "--speed", "source.speed", "X",
                "Multiple of real time, for example 1/100 (default 1); max = as fast as possible")
            ->transform(plainSpeed);
        config_.flag("--real-time", "source.every_plane", "false",
                     "Leave planes out rather than fall behind; they are counted");
        config_.flag("--loop", "source.loop", "true", "Begin again at the end");
        config_.addNoise("--seed");
        app_.add_option("--range", range_, "Planes FIRST:END to play")->type_name("A:B");
        app_.add_flag("--detect", detect_, "Also find and follow objects");
        addNumber(app_, "--status", statusSeconds_, 0.05, 3600,
                  "Seconds between status lines (default 1)");
        addJson(json_, "Status as JSON lines");
    }

    Result<void> run(const Interrupts &interrupts) override {
        Result<Config> config = config_.resolve();
        if (!config)
            return failed(config);
        if (auto prepared = prepareModel(*config); !prepared)
            return prepared;
        setSource(config->source, path_);
        const bool camera = isCamera(config->source);
        if (camera && !range_.empty())
            return fail(ErrorCode::Usage,
                        "--range: {} is a camera, it has no planes to choose from", path_);
        config->source.holdAtEnd = false;
        config->detect.enabled = detect_;
        config->display.views.clear();  // there is no window
        if (auto ranged = applyRange(config->source); !ranged)
            return ranged;

        SteadyClock clock;
        const std::unique_ptr<SourceCatalog> catalog = makeSourceCatalog(clock);
        Session session(*catalog, clock);
        if (auto started = session.start(*config); !started)
            return started;
        const Result<SourceInfo> info = session.waitOpened();
        if (!info)
            return tl::make_unexpected(camera ? info.error() : asInputError(info.error()));
        warn(info->warnings);
        return follow(session, interrupts, info->planeRateHz);
    }

private:
    Result<void> applyRange(SourceConfig &source) const {
        if (range_.empty())
            return {};
        Result<PlaneRange> range = parseRange(range_);
        if (!range)
            return failed(range);
        if (range->last && *range->last <= range->first)
            return fail(ErrorCode::Usage,
                        "--range: found {}, allowed FIRST:END with the first below the second",
                        range_);
        source.rangeBegin = range->first;
        source.rangeEnd = range->last.value_or(0);
        return {};
    }

    Result<void> follow(Session &session, const Interrupts &interrupts, double planeRateHz) const {
        using SteadyTime = std::chrono::steady_clock;
        const SteadyTime::time_point begin = SteadyTime::now();
        SteadyTime::time_point last = begin;
        const auto seconds = [](SteadyTime::duration time) {
            return std::chrono::duration<double>(time).count();
        };
        auto done =
            finishSession(session, interrupts, [&](const SessionStatus &status) -> Result<void> {
                const SteadyTime::time_point now = SteadyTime::now();
                if (seconds(now - last) < statusSeconds_)
                    return {};
                last = now;
                return printOut(json_ ? jsonLine(status, session.playback())
                                      : statusLine(status, session.playback(), planeRateHz));
            });
        // Stopping is how one leaves an endless film: no failure.
        const bool left = !done && done.error().code == ErrorCode::Cancelled;
        const bool lost = !done && done.error().code == ErrorCode::DeviceLost;
        if (!done && !left && !lost)
            return failed(done);
        const SessionStatus status = session.status();
        const double lasted = std::max(1e-9, seconds(SteadyTime::now() - begin));
        auto printed =
            printOut(json_ ? jsonLine(status, session.playback()) : endLine(status, lasted));
        return printed && lost ? failed(done) : printed;
    }

    static std::string jsonLine(const SessionStatus &status,
                                const std::optional<Playback::Status> &playback) {
        Json json = toJson(status);
        json["position"] = playback ? Json(playback->position) : Json();
        json["speed"] = playback ? Json(playback->speed) : Json();
        return toLine(json) + "\n";
    }

    ConfigOptions config_;
    std::string path_;
    std::string range_;
    double statusSeconds_ = 1;
    bool detect_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makePlayCommand(CLI::App &program) {
    return std::make_unique<PlayCommand>(program);
}

}  // namespace fovea
