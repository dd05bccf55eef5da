// SPDX-License-Identifier: Apache-2.0
// The engine thread: takes blocks from the ring through the stages to the outputs.
#include "engine/pipeline/session_run.h"

#include <spdlog/spdlog.h>

namespace fovea {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds idleWait{10};

double secondsBetween(Clock::TimePoint from, Clock::TimePoint to) {
    return std::chrono::duration<double>(to - from).count();
}

}  // namespace

bool SessionRun::makeStages() {
    const SourceInfo info = [&] {
        const std::lock_guard lock(infoSlot_->mutex);
        return infoSlot_->info;
    }();
    const std::lock_guard lock(mutex_);
    Result<std::unique_ptr<Stages>> stages = Stages::make(*config_, info.shape, info.planeRateHz);
    if (!stages) {
        error_ = std::move(stages.error());
        return false;
    }
    stages_ = std::move(*stages);
    configChanged_ = false;
    noiseTag_ = stages_->noiseTag();
    lookAhead_ = stages_->lookAhead();
    if (Playback *playback = source_->playback())
        playback->setPreroll(stages_->preroll());
    return true;
}

void SessionRun::engineLoop() {
    while (true) {
        takeConfig();
        const std::optional<SpikeBlockPtr> block = ring_->pop(idleWait);
        if (block && discarding_)
            ledger_.drop(DropReason::Stopped, (*block)->planeCount());
        else if (block)
            processBlock(*block);
        else if (ring_->closed() && ring_->size() == 0)
            break;
        showIfDue();
    }
    nextDisplay_ = {};
    showIfDue();
    finishSinks();
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
    Result<void> done = stages_->configure(*config);
    if (done) {
        lookAhead_ = stages_->lookAhead();
        if (Playback *playback = source_->playback())
            playback->setPreroll(stages_->preroll());
        displayPending_ = stages_->canDisplay();
    }
    const std::lock_guard lock(mutex_);
    noiseTag_ = stages_->noiseTag();
    error_.reset();
    if (!done)
        error_ = std::move(done.error());
}

void SessionRun::processBlock(const SpikeBlockPtr &block) {
    const TimePoint begin = clock_.now();
    for (const auto &sink : sinks()->spikes)
        sink->offer(block, block->planeCount());
    const std::uint64_t planes = block->planeCount();
    Result<std::uint64_t> injected = stages_->process(block, [&](FrameResult frame) {
        if (block->captureTime() != TimePoint{})
            frame.latencySeconds = secondsBetween(block->captureTime(), clock_.now());
        emit(std::move(frame));
    });
    if (injected) {
        ledger_.drop(DropReason::Injected, *injected);
        ledger_.deliver(planes - *injected);
    } else {
        ledger_.drop(DropReason::Engine, planes);
        giveUp(std::move(injected.error()));
    }
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
    for (const auto &sink : sinks()->frames)
        sink->offer(shared, 1);
}

void SessionRun::showIfDue() {
    const std::shared_ptr<const Config> config = [&] {
        const std::lock_guard lock(mutex_);
        return config_;
    }();
    const TimePoint now = clock_.now();
    if (!displayPending_ || config->display.views.empty() || now < nextDisplay_)
        return;
    displayPending_ = false;
    nextDisplay_ = now + std::chrono::duration_cast<std::chrono::nanoseconds>(
                             std::chrono::duration<double>(1 / config->display.rateHz));
    FrameResult frame = stages_->display();
    frame.sequence = results_;
    frame.counts = ledger_.read();
    frame.latencySeconds = latency_.percentile(0.5);
    (void)mailbox_.push(std::make_shared<const FrameResult>(std::move(frame)));
    const TimePoint end = clock_.now();
    displayMeter_.add(1, end);
    busyMeter_.add(secondsBetween(now, end), end);
}

std::shared_ptr<const Sinks> SessionRun::sinks() const {
    const std::lock_guard lock(sinksMutex_);
    return sinks_;
}

void SessionRun::finishSinks() {
    std::shared_ptr<const Sinks> all = std::make_shared<const Sinks>();
    {
        const std::lock_guard lock(sinksMutex_);
        all.swap(sinks_);
    }
    // All are told first, so that they finish side by side.
    all->each([](auto &sink) { sink.close(); });
    all->each([this](auto &sink) {
        while (!sink.finished(milliseconds{50}) && !discarding_) {
        }
        const bool done = sink.finish(milliseconds{200});
        (void)keepStatus(done, sink.status());
    });
    {
        const std::lock_guard lock(mutex_);
        engineDone_ = true;
    }
    changed_.notify_all();
}

Result<void> SessionRun::keepStatus(bool finished, SinkStatus status) {
    if (!finished && status.error.empty())
        status.error = "did not finish in time";
    const std::lock_guard lock(mutex_);
    finishedSinks_.push_back(status);
    if (!status.error.empty())
        return fovea::fail(ErrorCode::Io, "{}: {}", status.name, status.error);
    return {};
}

}  // namespace fovea
