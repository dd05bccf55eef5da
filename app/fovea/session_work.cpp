// SPDX-License-Identifier: Apache-2.0
// The waiting loop around a Session.
#include "app/fovea/session_work.h"

#include "app/catalog.h"
#include "app/exit_code.h"

#include <algorithm>

namespace fovea {

namespace {

using std::chrono::milliseconds;

/// Tells once each that the source was lost and that it is back.
class LossNotes {
public:
    explicit LossNotes(bool waits) : waits_(waits) {}

    void look(const SessionStatus &status) {
        const auto now = std::chrono::steady_clock::now();
        if (waits_ && status.losses > losses_) {
            losses_ = status.losses;
            lostAt_ = now;
            printError("fovea", fmt::format("source lost: {}; waiting for it to come back",
                                            status.lossReason));
        }
        if (status.reconnects > reconnects_) {
            reconnects_ = status.reconnects;
            printError("fovea", fmt::format("the source is back after {:.1f} s",
                                            std::chrono::duration<double>(now - lostAt_).count()));
        }
    }

private:
    const bool waits_;
    std::uint64_t losses_ = 0;
    std::uint64_t reconnects_ = 0;
    std::chrono::steady_clock::time_point lostAt_{};
};

/// What never reached the output, but for what a noise injector takes out on purpose.
std::string lossesOf(const SessionStatus &status) {
    std::string text;
    const auto add = [&text](std::uint64_t count, std::string_view what) {
        if (count > 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
    };
    for (std::size_t i = 0; i < dropReasonCount; ++i)
        if (const auto reason = static_cast<DropReason>(i); reason != DropReason::Injected)
            add(status.planes.dropped[i], fmt::format("planes ({})", toString(reason)));
    for (const SinkStatus &sink : status.sinks)
        add(sink.dropped, fmt::format("{} ({})", sink.frames ? "results" : "planes", sink.name));
    return text;
}

Result<void> checkRunning(const SessionStatus &status, const Interrupts &interrupts,
                          const SessionTick &tick) {
    if (interrupts.requested())
        return fail(ErrorCode::Cancelled, "stopped");
    for (const SinkStatus &sink : status.sinks)
        if (!sink.error.empty())
            return fail(ErrorCode::Io, "{}", sink.error);
    return tick(status);
}

}  // namespace

Result<SessionStatus> finishSession(Session &session, const Interrupts &interrupts,
                                    const SessionTick &tick, std::chrono::nanoseconds outputs) {
    Result<void> running;
    LossNotes losses(session.config()->source.reconnect);
    while (!session.waitFinished(milliseconds{50}) && running) {
        const SessionStatus status = session.status();
        losses.look(status);
        running = checkRunning(status, interrupts, tick);
    }
    Result<void> stopped = session.stop(outputs);
    const SessionStatus status = session.status();
    const bool cancelled = !running && running.error().code == ErrorCode::Cancelled;
    if (!running && !cancelled)
        return failed(running);
    // Whoever stops while a camera is away has waited long enough: no failure of the camera.
    const bool away = status.losses > status.reconnects;
    if (status.error && !(cancelled && away))
        return tl::make_unexpected(*status.error);
    if (!stopped)
        return failed(stopped);
    if (cancelled)
        return failed(running);
    return status;
}

Result<SessionStatus> detectInCamera(Config config, const Interrupts &interrupts,
                                     const std::function<void(const SourceInfo &)> &opened,
                                     const ResultSink::Take &take) {
    config.detect.enabled = true;
    config.display.views.clear();  // nobody looks
    SteadyClock clock;
    const std::unique_ptr<SourceCatalog> catalog = makeSourceCatalog(clock);
    Session session(*catalog, clock);
    constexpr std::size_t queuedResults = 1024;
    const auto sink = std::make_shared<ResultSink>(take);
    if (auto started = session.start(config, {{sink, queuedResults, false}}); !started)
        return failed(started);
    const Result<SourceInfo> info = session.waitOpened();
    if (!info)
        return tl::make_unexpected(info.error());
    opened(*info);
    auto done = finishSession(session, interrupts,
                              [](const SessionStatus &) -> Result<void> { return {}; });
    if (const std::string lost = lossesOf(session.status()); !lost.empty())
        printError("fovea", "lost: " + lost);
    return done;
}

Result<SessionStatus> detectInFile(Config config, double planeRateHz, const Interrupts &interrupts,
                                   bool quiet, const ResultSink::Take &take) {
    constexpr double warmUpSeconds = 0.5;
    const auto warmUpPlanes = static_cast<std::uint64_t>(warmUpSeconds * planeRateHz);
    config.source.kind = "file";
    config.source.speed = 0;
    config.source.everyPlane = true;
    config.source.loop = false;
    config.source.holdAtEnd = false;
    config.detect.enabled = true;
    config.display.views.clear();  // nobody looks
    const std::uint64_t wanted = config.source.rangeBegin;
    config.source.rangeBegin = wanted - std::min(wanted, warmUpPlanes);

    SteadyClock clock;
    const std::unique_ptr<SourceCatalog> catalog = makeSourceCatalog(clock);
    Session session(*catalog, clock);
    constexpr std::size_t queuedResults = 256;
    const auto takeWanted = [&take, first = wanted,
                             sequence = std::uint64_t{0}](const FrameResult &frame) mutable {
        if (frame.plane < first)
            return Result<void>{};
        FrameResult counted = frame;
        counted.sequence = sequence++;
        return take(counted);
    };
    const auto sink = std::make_shared<ResultSink>(takeWanted);
    if (auto started = session.start(config, {{sink, queuedResults, true}}); !started)
        return failed(started);
    const Result<SourceInfo> info = session.waitOpened();
    if (!info)
        return tl::make_unexpected(asInputError(info.error()));
    std::uint64_t planes = info->planes.value_or(0);
    if (config.source.rangeEnd > config.source.rangeBegin)
        planes = config.source.rangeEnd - config.source.rangeBegin;
    Progress progress("detecting", planes, "planes", quiet);
    auto done =
        finishSession(session, interrupts, [&](const SessionStatus &status) -> Result<void> {
            progress.update(status.planes.delivered);
            return {};
        });
    // Holes of the file are gaps like any other; what we lose ourselves is a failure.
    if (done && done->planes.dropped[static_cast<std::size_t>(DropReason::Engine)] > 0)
        return fail(ErrorCode::Io, "not everything was looked at: lost {}", lossesOf(*done));
    return done;
}

}  // namespace fovea
