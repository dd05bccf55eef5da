// SPDX-License-Identifier: Apache-2.0
// The engine thread: takes blocks from the ring through the stages to the outputs.
#include "engine/pipeline/session_run.h"

namespace fovea {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds idleWait{10};

double secondsBetween(Clock::TimePoint from, Clock::TimePoint to) {
    return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Result<void> SessionRun::makeStages(const SourceInfo &info) {
    std::shared_ptr<const Config> config;
    {
        const std::lock_guard lock(mutex_);
        config = config_;
        configChanged_ = false;
    }
    if (Result<void> there = backend_.check(); !there)
        return there;
    Result<std::unique_ptr<Stages>> stages =
        Stages::make(*config, info.shape, info.planeRateHz, &threads_, &backend_);
    if (!stages)
        return failed(stages);
    stages_ = std::move(*stages);
    tellPlayback();
    return {};
}

/// What depends on the stages' settings.
void SessionRun::tellPlayback() {
    lookAhead_ = stages_->lookAhead();
    if (Playback *playback = source_->playback())
        playback->setPreroll(stages_->preroll());
    const std::lock_guard lock(mutex_);
    noiseTag_ = stages_->noiseTag();
}

void SessionRun::engineLoop() {
    Result<void> done = withoutThrowing([this]() -> Result<void> {
        engineWork();
        return {};
    });
    if (!done) {
        report(&SessionRun::engineError_, std::move(done.error()));
        ring_->close();
        while (const std::optional<SpikeBlockPtr> block = ring_->tryPop())
            leave(DropReason::Engine, (*block)->planeCount());
    }
    finishSinks();
}

void SessionRun::engineWork() {
    while (true) {
        takeConfig();
        const std::optional<SpikeBlockPtr> block = ring_->pop(idleWait);
        if (block && discarding_)
            leave(DropReason::Stopped, (*block)->planeCount());
        else if (block)
            processBlock(*block);
        else if (ring_->closed() && ring_->size() == 0)
            break;
        if (lookAgain_)
            lookAgain(heldPlane());
        showIfDue();
    }
    nextDisplay_ = {};
    showIfDue();
}

void SessionRun::takeConfig() {
    std::shared_ptr<const Config> config;
    {
        const std::lock_guard lock(mutex_);
        if (!configChanged_)
            return;
        configChanged_ = false;
        config = config_;
    }
    const PlaneReach before = stages_->reach();
    const std::optional<HeldPlane> held = heldPlane();
    Result<void> done = withoutThrowing([&] { return stages_->configure(*config); });
    report(&SessionRun::settingsError_,
           done ? std::nullopt : std::optional<Error>(std::move(done.error())));
    tellPlayback();
    displayPending_ = stages_->canDisplay();
    lookAgain_ = lookAgain_ || stages_->reach() != before || stages_->untried();
    lookAgain(held);
}

/// The plane that is shown, when playing is paused and nothing is on its way.
std::optional<SessionRun::HeldPlane> SessionRun::heldPlane() const {
    const Playback *playback = source_->playback();
    if (playback == nullptr || !stages_->canDisplay())
        return std::nullopt;
    const Playback::Status now = playback->status();
    if (!now.paused || now.position != stages_->endPlane())
        return std::nullopt;
    return HeldPlane{stages_->shownPlane(), now.position};
}

/// Another method looks another number of planes ahead, and what finds things anew has found
/// nothing yet: the planes of a picture that is held are read again. While planes come, waits; a
/// seek that came meanwhile has its way.
void SessionRun::lookAgain(std::optional<HeldPlane> held) {
    if (!lookAgain_)
        return;
    Playback *playback = source_->playback();
    const bool paused = playback != nullptr && playback->status().paused;
    lookAgain_ = !held && (paused || !stages_->settled());
    if (!held)
        return;
    const std::lock_guard lock(seekMutex_);
    if (soughtPlane_ || playback->status().position == held->position)
        playback->seek(soughtPlane_.value_or(held->plane) + lookAhead_ + 1);
}

// The position is the plane that comes next: one past the last that the picture needs.
void SessionRun::seek(std::uint64_t plane) {
    const std::lock_guard lock(seekMutex_);
    soughtPlane_ = plane;
    source_->playback()->seek(plane + lookAhead_ + 1);
}

void SessionRun::moveOn() {
    const std::lock_guard lock(seekMutex_);
    soughtPlane_.reset();
}

void SessionRun::processBlock(const SpikeBlockPtr &block) {
    const TimePoint begin = clock_.now();
    const std::shared_ptr<const Sinks> outputs = sinks();
    for (const auto &sink : outputs->spikes)
        sink->offer(block, block->planeCount());
    const std::uint64_t planes = block->planeCount();
    const auto take = [&](FrameResult frame) {
        if (block->captureTime() != TimePoint{})
            frame.latencySeconds = secondsBetween(block->captureTime(), clock_.now());
        emit(std::move(frame));
    };
    Result<std::uint64_t> injected = withoutThrowing([&] { return stages_->process(block, take); });
    ledger_.drop(DropReason::Injected, injected.value_or(0));
    if (injected)
        ledger_.deliver(planes - *injected);
    else
        ledger_.drop(DropReason::Engine, planes);
    inFlight_ -= planes;
    report(&SessionRun::engineError_,
           injected ? std::nullopt : std::optional<Error>(std::move(injected.error())));
    const TimePoint end = clock_.now();
    engineMeter_.add(static_cast<double>(planes), end);
    busyMeter_.add(secondsBetween(begin, end), end);
    if (block->captureTime() != TimePoint{})
        latency_.add(secondsBetween(block->captureTime(), end));
    displayPending_ = stages_->canDisplay();
}

void SessionRun::emit(FrameResult frame) {
    frame.sequence = results_++;
    frame.counts = ledger_.read();
    const auto shared = std::make_shared<const FrameResult>(std::move(frame));
    const std::shared_ptr<const Sinks> outputs = sinks();
    for (const auto &sink : outputs->frames)
        sink->offer(shared, 1);
}

void SessionRun::showIfDue() {
    const std::shared_ptr<const Config> settings = config();
    const TimePoint now = clock_.now();
    if (!displayPending_ || settings->display.views.empty() || now < nextDisplay_)
        return;
    displayPending_ = false;
    nextDisplay_ = now + std::chrono::duration_cast<std::chrono::nanoseconds>(
                             std::chrono::duration<double>(1 / settings->display.rateHz));
    FrameResult frame = stages_->display();
    frame.sequence = results_;
    frame.counts = ledger_.read();
    frame.latencySeconds = latency_.percentile(0.5);
    (void)mailbox_.push(std::make_shared<const FrameResult>(std::move(frame)));
    const TimePoint end = clock_.now();
    displayMeter_.add(1, end);
    busyMeter_.add(secondsBetween(now, end), end);
}

void SessionRun::finishSinks() {
    {
        const std::lock_guard lock(mutex_);
        drained_ = true;
    }
    changed_.notify_all();
    std::shared_ptr<const Sinks> last = std::make_shared<const Sinks>();
    {
        const std::lock_guard lock(sinksMutex_);
        last.swap(sinks_);
        sinksOpen_ = false;
        last->each([](auto &sink) { sink.close(); });
        endedSinks_.add(*last);
    }
    // Without limit as long as nobody asks to stop: a slow disk loses nothing.
    last->each([this](auto &sink) {
        while (!sink.finished(milliseconds{20}) &&
               std::chrono::steady_clock::now() < sinksDeadline_.load()) {
        }
    });
    {
        const std::lock_guard lock(mutex_);
        engineDone_ = true;
    }
    changed_.notify_all();
}

}  // namespace fovea
