// SPDX-License-Identifier: Apache-2.0
// The Session as Qt objects see it: polled, never waited for.
#include "ui/session_controller.h"

#include <spdlog/spdlog.h>

namespace fovea {
namespace {

constexpr int pollMilliseconds = 16;
constexpr int pollsPerStatus = 8;

}  // namespace

SessionController::SessionController(SourceCatalog &catalog, Clock &clock, QObject *parent)
    : QObject(parent), session_(std::make_unique<Session>(catalog, clock)), background_(1) {
    timer_.setTimerType(Qt::PreciseTimer);
    connect(&timer_, &QTimer::timeout, this, &SessionController::poll);
    timer_.start(pollMilliseconds);
    shownSince_ = std::chrono::steady_clock::now();
}

SessionController::~SessionController() = default;

void SessionController::open(const SourceConfig &source) {
    config_.source = source;
    wanted_ = true;
    emit opening(config_.source);
    restart();
}

void SessionController::close(std::function<void()> then) {
    wanted_ = false;
    whenClosed_ = std::move(then);
    restart();
}

void SessionController::restart() {
    source_.reset();
    frame_.reset();
    status_ = {};
    reported_ = false;
    lost_ = false;
    if (restarting_) {
        again_ = true;
        return;
    }
    restarting_ = true;
    again_ = false;
    Session *session = session_.get();
    background_.run(
        [session, config = config_, start = wanted_]() -> Result<void> {
            // Longer than by default: a recording on a slow disk should be whole.
            const Result<void> stopped = session->stop(std::chrono::seconds{5});
            if (!stopped)
                spdlog::warn("stop: {}", stopped.error().message);
            return start ? session->start(config) : Result<void>{};
        },
        [this](Result<void> started) {
            restarting_ = false;
            if (again_) {
                restart();
                return;
            }
            if (!started) {
                reported_ = true;
                wanted_ = false;
                emit failed(QString::fromStdString(started.error().message));
            } else if (wanted_) {
                (void)applied(config_);  // what changed while it was starting
            }
            if (!wanted_ && whenClosed_)
                std::exchange(whenClosed_, {})();
        });
}

void SessionController::change(const Config &config) {
    SourceConfig source = config_.source;
    source.speed = config.source.speed;
    source.everyPlane = config.source.everyPlane;
    source.loop = config.source.loop;
    source.rangeBegin = config.source.rangeBegin;
    source.rangeEnd = config.source.rangeEnd;
    Config next = config;
    next.source = source;
    if (restarting_ || !wanted_ || applied(next))
        config_ = std::move(next);
}

bool SessionController::applied(const Config &config) {
    const Result<void> done = session_->apply(config);
    if (!done)
        spdlog::warn("{}", done.error().message);
    return done.has_value();
}

void SessionController::poll() {
    if (!restarting_) {
        if (FrameResultPtr frame = session_->takeFrame()) {
            if (!source_)
                readStatus();  // whoever gets a frame may ask for its source
            frame_ = std::move(frame);
            emit frameArrived(frame_);
        }
        if (++polls_ % pollsPerStatus == 0)
            readStatus();
    }
    measureShown();
    emit polled();
}

void SessionController::readStatus() {
    status_ = wanted_ ? session_->status() : SessionStatus{};  // what was closed is over
    if (wanted_ && !source_ && status_.source) {
        source_ = status_.source;
        emit opened(*source_);
    }
    // A source that came back as something else has ended the run: nothing is waited for then.
    lost_ = lost_ && !status_.finished;
    const bool gone =
        wanted_ && source_ && status_.losses > status_.reconnects && !status_.finished;
    const std::optional<Error> &error = status_.error ? status_.error : status_.settingsError;
    const QString reason = error ? QString::fromStdString(error->message) : QString();
    if (gone && !lost_) {
        attempt_ = reason;  // the loss itself
        emit lost(QString::fromStdString(status_.lossReason));
    }
    if (gone && lost_ && status_.error && reason != attempt_) {
        attempt_ = reason;
        emit stillLost(reason);
    }
    if (lost_ && !gone)
        emit cameBack();
    lost_ = gone;
    if (wanted_ && error && !gone && !reported_) {
        reported_ = true;
        emit failed(reason);
    }
    if (!error)
        reported_ = false;
    emit statusChanged(status_);
}

void SessionController::measureShown() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - shownSince_).count();
    if (seconds < 1)
        return;
    shownRate_ = shown_ / seconds;
    shown_ = 0;
    shownSince_ = now;
}

}  // namespace fovea
