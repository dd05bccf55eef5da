// SPDX-License-Identifier: Apache-2.0
// The public face: hands every call to the present run.
#include "engine/pipeline/session.h"

#include "engine/pipeline/session_run.h"

#include <algorithm>

namespace fovea {

class Session::Impl {
public:
    Impl(SourceCatalog &catalog, Clock &clock) : catalog_(catalog), clock_(clock) {}

    [[nodiscard]] std::shared_ptr<SessionRun> run() const {
        const std::lock_guard lock(mutex_);
        return run_;
    }
    [[nodiscard]] bool running() const {
        const std::shared_ptr<SessionRun> now = run();
        return now && !now->waitFinished(std::chrono::nanoseconds{0});
    }
    Result<void> start(const Config &config, std::vector<Output> outputs) {
        const std::lock_guard changing(startStop_);
        if (running())
            return fail(ErrorCode::WrongState, "the session is running already");
        Result<std::unique_ptr<SpikeSource>> source = catalog_.make(config.source);
        if (!source)
            return failed(source);
        const auto shared = std::make_shared<const Config>(config);
        auto next = std::make_shared<SessionRun>(std::move(*source), shared, clock_);
        for (Output &output : outputs)
            if (Result<OutputId> added = next->add(std::move(output)); !added)
                return failed(added);
        std::shared_ptr<SessionRun> old;
        {
            const std::lock_guard lock(mutex_);
            config_ = shared;
            old = std::exchange(run_, next);
        }
        next->start();
        return {};
    }
    Result<void> stop(std::chrono::nanoseconds outputs) {
        const std::lock_guard changing(startStop_);
        const std::shared_ptr<SessionRun> now = run();
        return now ? now->stop(outputs) : Result<void>{};
    }
    /// Calls `use` with the playback of the present source, if it has one.
    template <class Use> void withPlayback(Use use) const {
        if (const std::shared_ptr<SessionRun> now = run())
            if (Playback *playback = now->source()->playback())
                use(*playback, *now);
    }
    Result<void> apply(const Config &config) {
        const std::lock_guard lock(mutex_);
        if (run_) {
            if (Playback *playback = run_->source()->playback())
                if (auto done = applyPlayback(*playback, config_->source, config.source); !done)
                    return done;
        }
        config_ = std::make_shared<const Config>(config);
        if (run_)
            run_->apply(config_);
        return {};
    }

    mutable std::mutex mutex_;
    std::shared_ptr<const Config> config_ = std::make_shared<const Config>();

private:
    static Result<void> applyPlayback(Playback &playback, const SourceConfig &before,
                                      const SourceConfig &now) {
        const std::uint64_t planes = playback.status().planes;
        const bool open = planes > 0;
        if (open && (now.rangeBegin != before.rangeBegin || now.rangeEnd != before.rangeEnd)) {
            const std::uint64_t end = now.rangeEnd != 0 ? now.rangeEnd : planes;
            if (Result<void> set = playback.setRange(now.rangeBegin, end); !set)
                return set;
        }
        if (now.speed != before.speed)
            if (Result<void> set = playback.setSpeed(now.speed); !set)
                return set;
        if (now.everyPlane != before.everyPlane)
            playback.setEveryPlane(now.everyPlane);
        if (now.loop != before.loop)
            playback.setLoop(now.loop);
        return {};
    }

    SourceCatalog &catalog_;
    Clock &clock_;
    std::mutex startStop_;  ///< one start or stop at a time
    std::shared_ptr<SessionRun> run_;
};

Session::Session(SourceCatalog &catalog, Clock &clock)
    : impl_(std::make_unique<Impl>(catalog, clock)) {}

Session::~Session() {
    (void)stop();
}

Result<void> Session::start(const Config &config, std::vector<Output> outputs) {
    return impl_->start(config, std::move(outputs));
}

Result<SourceInfo> Session::waitOpened() {
    if (const auto run = impl_->run())
        return run->waitOpened();
    return fail(ErrorCode::WrongState, "the session was not started");
}

bool Session::waitFinished(std::chrono::nanoseconds timeout) {
    const auto run = impl_->run();
    return !run || run->waitFinished(timeout);
}

Result<void> Session::stop(std::chrono::nanoseconds outputs) {
    return impl_->stop(outputs);
}

bool Session::running() const {
    return impl_->running();
}

Result<void> Session::apply(const Config &config) {
    return impl_->apply(config);
}

std::shared_ptr<const Config> Session::config() const {
    const std::lock_guard lock(impl_->mutex_);
    return impl_->config_;
}

std::optional<Playback::Status> Session::playback() const {
    std::optional<Playback::Status> status;
    impl_->withPlayback([&](Playback &playback, SessionRun &) { status = playback.status(); });
    return status;
}

void Session::setPaused(bool paused) {
    impl_->withPlayback([&](Playback &playback, SessionRun &run) {
        if (!paused)
            run.moveOn();
        playback.setPaused(paused);
    });
}

void Session::setReverse(bool reverse) {
    impl_->withPlayback([&](Playback &playback, SessionRun &run) {
        if (reverse)
            run.moveOn();
        playback.setReverse(reverse);
    });
}

void Session::seek(std::uint64_t plane) {
    impl_->withPlayback([&](Playback &, SessionRun &run) { run.seek(plane); });
}

void Session::step(std::int64_t planes) {
    impl_->withPlayback([&](Playback &playback, SessionRun &run) {
        run.moveOn();
        playback.step(planes);
    });
}

Result<OutputId> Session::addOutput(Output output) {
    if (const auto run = impl_->run())
        return run->add(std::move(output));
    return fail(ErrorCode::WrongState, "nothing runs that an output could be added to");
}

Result<void> Session::removeOutput(OutputId id, std::chrono::nanoseconds limit) {
    if (const auto run = impl_->run())
        return run->remove(id, limit);
    return fail(ErrorCode::InvalidArgument, "there is no output {}", id);
}

FrameResultPtr Session::takeFrame() {
    const auto run = impl_->run();
    return run ? run->takeFrame() : nullptr;
}

SessionStatus Session::status() const {
    const auto run = impl_->run();
    return run ? run->status() : SessionStatus{};
}

}  // namespace fovea
