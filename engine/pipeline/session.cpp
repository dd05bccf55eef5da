// SPDX-License-Identifier: Apache-2.0
// The public face: hands every call to the present run.
#include "engine/pipeline/session.h"

#include "engine/pipeline/session_run.h"

#include <algorithm>

namespace fovea {

class Session::Impl {
public:
    Impl(SourceCatalog &catalog, Clock &clock) : catalog_(catalog), clock_(clock) {}

    struct Waiting {
        std::shared_ptr<SpikeSink> spikes;
        std::shared_ptr<FrameSink> frames;
        std::size_t queue = 0;
        bool lossless = false;
    };

    [[nodiscard]] std::shared_ptr<SessionRun> run() const {
        const std::lock_guard lock(mutex_);
        return run_;
    }
    [[nodiscard]] bool running() const {
        const std::shared_ptr<SessionRun> now = run();
        return now && !now->waitFinished(std::chrono::nanoseconds{0});
    }
    Result<void> start(const Config &config) {
        const std::lock_guard changing(startStop_);
        if (running())
            return fail(ErrorCode::WrongState, "the session is running already");
        Result<std::unique_ptr<SpikeSource>> source = catalog_.make(config.source);
        if (!source)
            return failed(source);
        const auto shared = std::make_shared<const Config>(config);
        auto next = std::make_shared<SessionRun>(std::move(*source), shared, clock_);
        std::shared_ptr<SessionRun> old;
        {
            const std::lock_guard lock(mutex_);
            for (Waiting &sink : waiting_)
                add(*next, sink);
            waiting_.clear();
            config_ = shared;
            old = std::exchange(run_, next);
        }
        next->start();
        return {};
    }
    Result<void> stop() {
        const std::lock_guard changing(startStop_);
        const std::shared_ptr<SessionRun> now = run();
        return now ? now->stop() : Result<void>{};
    }
    void addSink(Waiting sink) {
        const std::lock_guard lock(mutex_);
        if (run_ && !run_->waitFinished(std::chrono::nanoseconds{0}))
            add(*run_, sink);
        else
            waiting_.push_back(std::move(sink));
    }
    static void add(SessionRun &run, Waiting &sink) {
        if (sink.spikes)
            run.addSpikeSink(std::move(sink.spikes), sink.queue, sink.lossless);
        else
            run.addFrameSink(std::move(sink.frames), sink.queue, sink.lossless);
    }
    /// Calls `use` with the playback of the present source, if it has one.
    template <class Use> void withPlayback(Use use) const {
        if (const std::shared_ptr<SessionRun> now = run())
            if (Playback *playback = now->source()->playback())
                use(*playback, *now);
    }
    void apply(const Config &config) {
        std::shared_ptr<const Config> before;
        const auto shared = std::make_shared<const Config>(config);
        std::shared_ptr<SessionRun> now;
        {
            const std::lock_guard lock(mutex_);
            before = std::exchange(config_, shared);
            now = run_;
        }
        if (!now)
            return;
        now->apply(shared);
        withPlayback([&](Playback &playback, SessionRun &) {
            applyPlayback(playback, before->source, config.source);
        });
    }

    mutable std::mutex mutex_;
    std::shared_ptr<const Config> config_ = std::make_shared<const Config>();

private:
    static void applyPlayback(Playback &playback, const SourceConfig &before,
                              const SourceConfig &now) {
        if (now.speed != before.speed)
            (void)playback.setSpeed(now.speed);
        if (now.everyPlane != before.everyPlane)
            playback.setEveryPlane(now.everyPlane);
        if (now.loop != before.loop)
            playback.setLoop(now.loop);
        if (now.rangeBegin != before.rangeBegin || now.rangeEnd != before.rangeEnd)
            (void)playback.setRange(now.rangeBegin,
                                    now.rangeEnd != 0 ? now.rangeEnd : playback.status().planes);
    }

    SourceCatalog &catalog_;
    Clock &clock_;
    std::mutex startStop_;  ///< one start or stop at a time
    std::shared_ptr<SessionRun> run_;
    std::vector<Waiting> waiting_;
};

Session::Session(SourceCatalog &catalog, Clock &clock)
    : impl_(std::make_unique<Impl>(catalog, clock)) {}

Session::~Session() {
    (void)impl_->stop();
}

Result<void> Session::start(const Config &config) {
    return impl_->start(config);
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

Result<void> Session::stop() {
    return impl_->stop();
}

bool Session::running() const {
    return impl_->running();
}

void Session::apply(const Config &config) {
    impl_->apply(config);
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
    impl_->withPlayback([&](Playback &playback, SessionRun &) { playback.setPaused(paused); });
}

Result<void> Session::setSpeed(double speed) {
    Result<void> result;
    impl_->withPlayback(
        [&](Playback &playback, SessionRun &) { result = playback.setSpeed(speed); });
    return result;
}

void Session::setEveryPlane(bool everyPlane) {
    impl_->withPlayback(
        [&](Playback &playback, SessionRun &) { playback.setEveryPlane(everyPlane); });
}

void Session::setLoop(bool loop) {
    impl_->withPlayback([&](Playback &playback, SessionRun &) { playback.setLoop(loop); });
}

Result<void> Session::setRange(std::uint64_t begin, std::uint64_t end) {
    Result<void> result;
    impl_->withPlayback(
        [&](Playback &playback, SessionRun &) { result = playback.setRange(begin, end); });
    return result;
}

void Session::seek(std::uint64_t plane) {
    // The position is the plane that comes next: one past the last that the picture needs.
    impl_->withPlayback(
        [&](Playback &playback, SessionRun &run) { playback.seek(plane + run.lookAhead() + 1); });
}

void Session::step(std::int64_t planes) {
    impl_->withPlayback([&](Playback &playback, SessionRun &) { playback.step(planes); });
}

std::optional<TrackSet> Session::truthAt(std::uint64_t plane) const {
    const auto run = impl_->run();
    const GroundTruth *truth = run ? run->source()->truth() : nullptr;
    return truth != nullptr ? std::optional(truth->objectsAt(plane)) : std::nullopt;
}

std::optional<Picture> Session::truePictureAt(std::uint64_t plane) const {
    const auto run = impl_->run();
    const GroundTruth *truth = run ? run->source()->truth() : nullptr;
    return truth != nullptr ? std::optional(truth->pictureAt(plane)) : std::nullopt;
}

void Session::addSpikeSink(std::shared_ptr<SpikeSink> sink, std::size_t queue, bool lossless) {
    impl_->addSink({std::move(sink), nullptr, queue, lossless});
}

void Session::addFrameSink(std::shared_ptr<FrameSink> sink, std::size_t queue, bool lossless) {
    impl_->addSink({nullptr, std::move(sink), queue, lossless});
}

Result<void> Session::removeSink(const std::string &name) {
    if (const auto run = impl_->run())
        return run->removeSink(name);
    return fail(ErrorCode::InvalidArgument, "there is no output named '{}'", name);
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
