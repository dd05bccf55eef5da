// SPDX-License-Identifier: Apache-2.0
// Start, stop, outputs and status of one run.
#include "engine/pipeline/session_run.h"

#include <algorithm>

namespace fovea {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds drainLimit{500};

}  // namespace

SessionRun::SessionRun(std::shared_ptr<SpikeSource> source, std::shared_ptr<const Config> config,
                       Clock &clock)
    : clock_(clock), source_(std::move(source)), config_(std::move(config)) {}

SessionRun::~SessionRun() {
    (void)stop();
}

void SessionRun::start() {
    sourceThread_ = std::thread([this] { sourceLoop(); });
}

Result<SourceInfo> SessionRun::waitOpened() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return opened_; });
    if (info_)
        return *info_;
    return tl::make_unexpected(
        error_.value_or(Error{ErrorCode::Cancelled, "stopped before the source was open"}));
}

bool SessionRun::waitFinished(std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [&] { return sourceDone_ && engineDone_; });
}

Result<void> SessionRun::stop() {
    stopping_ = true;
    source_->interrupt();
    clock_.wake();
    changed_.notify_all();
    if (!waitFinished(drainLimit)) {
        discarding_ = true;
        // Outputs that the engine waits for must let it go.
        sinks()->each([](auto &sink) { sink.close(); });
    }
    if (sourceThread_.joinable())
        sourceThread_.join();
    if (engineThread_.joinable())
        engineThread_.join();
    const PlaneCounts counts = ledger_.read();
    if (!counts.balanced())
        return fovea::fail(ErrorCode::WrongState,
                           "planes are not accounted for: received {}, delivered {}, dropped {}",
                           counts.received, counts.delivered, counts.droppedTotal());
    const std::lock_guard lock(mutex_);
    for (const SinkStatus &sink : finishedSinks_)
        if (!sink.error.empty())
            return fovea::fail(ErrorCode::Io, "{}: {}", sink.name, sink.error);
    return {};
}

void SessionRun::apply(std::shared_ptr<const Config> config) {
    const std::lock_guard lock(mutex_);
    config_ = std::move(config);
    configChanged_ = true;
}

void SessionRun::addSpikeSink(std::shared_ptr<SpikeSink> sink, std::size_t queue, bool lossless) {
    const auto begun = std::make_shared<bool>(false);
    SpikeRunner::Work work;
    work.write = [sink, begun, slot = infoSlot_](const SpikeBlockPtr &block) -> Result<void> {
        if (!*begun) {
            const std::lock_guard lock(slot->mutex);
            if (Result<void> result = sink->begin(slot->info); !result)
                return result;
            *begun = true;
        }
        return sink->write(*block);
    };
    work.finish = [sink, begun]() -> Result<void> {
        return *begun ? sink->finish() : Result<void>{};
    };
    auto runner =
        std::make_shared<SpikeRunner>(sink->name(), false, queue, lossless, std::move(work));
    const std::lock_guard lock(sinksMutex_);
    auto next = std::make_shared<Sinks>(*sinks_);
    next->spikes.push_back(std::move(runner));
    sinks_ = std::move(next);
}

void SessionRun::addFrameSink(std::shared_ptr<FrameSink> sink, std::size_t queue, bool lossless) {
    FrameRunner::Work work;
    work.write = [sink](const FrameResultPtr &frame) { return sink->consume(*frame); };
    work.finish = [sink] { return sink->finish(); };
    auto runner =
        std::make_shared<FrameRunner>(sink->name(), true, queue, lossless, std::move(work));
    const std::lock_guard lock(sinksMutex_);
    auto next = std::make_shared<Sinks>(*sinks_);
    next->frames.push_back(std::move(runner));
    sinks_ = std::move(next);
}

namespace {

/// Takes the output named `name` out of `list`; null when it is not there.
template <class Runner>
std::shared_ptr<Runner> extract(std::vector<std::shared_ptr<Runner>> &list,
                                const std::string &name) {
    const auto at = std::find_if(list.begin(), list.end(),
                                 [&](const auto &sink) { return sink->status().name == name; });
    if (at == list.end())
        return nullptr;
    std::shared_ptr<Runner> found = std::move(*at);
    list.erase(at);
    return found;
}

}  // namespace

Result<void> SessionRun::removeSink(const std::string &name) {
    std::shared_ptr<SpikeRunner> spikes;
    std::shared_ptr<FrameRunner> frames;
    {
        const std::lock_guard lock(sinksMutex_);
        auto next = std::make_shared<Sinks>(*sinks_);
        spikes = extract(next->spikes, name);
        if (!spikes)
            frames = extract(next->frames, name);
        sinks_ = std::move(next);
    }
    if (!spikes && !frames)
        return fovea::fail(ErrorCode::InvalidArgument, "there is no output named '{}'", name);
    constexpr milliseconds limit{2000};
    const bool done = spikes ? spikes->finish(limit) : frames->finish(limit);
    return keepStatus(done, spikes ? spikes->status() : frames->status());
}

FrameResultPtr SessionRun::takeFrame() {
    return mailbox_.tryPop().value_or(nullptr);
}

SessionStatus SessionRun::status() const {
    const TimePoint now = clock_.now();
    SessionStatus status;
    status.state = source_->state();
    status.planes = ledger_.read();
    status.planesInFlight =
        status.planes.received - status.planes.delivered - status.planes.droppedTotal();
    status.sourceRateHz = sourceMeter_.perSecond(now);
    status.engineRateHz = engineMeter_.perSecond(now);
    status.engineLoad = busyMeter_.perSecond(now);
    status.displayRateHz = displayMeter_.perSecond(now);
    status.latencyP50 = latency_.percentile(0.5);
    status.latencyP99 = latency_.percentile(0.99);
    status.reconnects = reconnects_;
    status.results = results_;
    if (const std::int64_t last = lastPlaneTime_; last != 0)
        status.secondsSinceLastPlane =
            std::chrono::duration<double>(now.time_since_epoch() - Clock::TimePoint::duration(last))
                .count();
    {
        const std::lock_guard lock(mutex_);
        status.source = info_;
        status.error = error_;
        status.finished = sourceDone_ && engineDone_;
        status.noise = noiseTag_;
        status.sinks = finishedSinks_;
        if (opened_ && ring_) {
            status.ringBlocks = ring_->size();
            status.ringCapacity = ring_->capacity();
        }
    }
    sinks()->each([&](const auto &sink) { status.sinks.push_back(sink.status()); });
    return status;
}

}  // namespace fovea
