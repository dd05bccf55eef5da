// SPDX-License-Identifier: Apache-2.0
// Start, stop, outputs and status of one run.
#include "engine/pipeline/session_run.h"

#include <algorithm>
#include <spdlog/spdlog.h>
#include <type_traits>

namespace fovea {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds drainLimit{500};

}  // namespace

SessionRun::SessionRun(std::shared_ptr<SpikeSource> source, std::shared_ptr<const Config> config,
                       Clock &clock)
    : clock_(clock), source_(std::move(source)), config_(std::move(config)),
      threads_(config_->engine.threads), backend_(config_->engine.backend) {}

SessionRun::~SessionRun() {
    (void)stop(std::chrono::nanoseconds{0});
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
        sourceError_.value_or(Error{ErrorCode::Cancelled, "stopped before the source was open"}));
}

bool SessionRun::waitFinished(std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [&] { return sourceDone_ && engineDone_; });
}

Result<void> SessionRun::stop(std::chrono::nanoseconds outputs) {
    {
        const std::lock_guard lock(sinksMutex_);
        sinksOpen_ = false;
    }
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    clock_.wake();
    const auto limit = std::chrono::steady_clock::now() + drainLimit;
    for (std::unique_lock lock(mutex_); sourceThread_.joinable() && !drained_;) {
        // Again and again, as it may come just before the source begins to open or to wait.
        source_->interrupt();
        changed_.wait_for(lock, milliseconds{20}, [&] { return drained_; });
        if (discarding_ || std::chrono::steady_clock::now() < limit)
            continue;
        discarding_ = true;
        // Outputs that the engine waits for must let it go.
        sinks()->each([](auto &sink) { sink.neverWait(); });
    }
    sinksDeadline_ = std::chrono::steady_clock::now() + outputs;
    if (sourceThread_.joinable())
        sourceThread_.join();
    if (engineThread_.joinable())
        engineThread_.join();
    const PlaneCounts counts = ledger_.read();
    if (!counts.balanced() || inFlight_ != 0)
        return fail(ErrorCode::WrongState,
                    "planes are not accounted for: received {}, delivered {}, dropped {}, on their "
                    "way {}",
                    counts.received, counts.delivered, counts.droppedTotal(), inFlight_.load());
    for (const SinkStatus &sink : status().sinks)
        if (!sink.error.empty())
            return fail(ErrorCode::Io, "{}", sink.error);
    return {};
}

void SessionRun::apply(std::shared_ptr<const Config> config) {
    const std::lock_guard lock(mutex_);
    // Another speed, for example, is nothing to the stages.
    configChanged_ = configChanged_ || config->noise != config_->noise ||
                     config->recon != config_->recon || config->detect != config_->detect ||
                     !(config->model == config_->model) ||
                     config->display.views != config_->display.views;
    config_ = std::move(config);
}

std::shared_ptr<const Config> SessionRun::config() const {
    const std::lock_guard lock(mutex_);
    return config_;
}

void SessionRun::report(ErrorSlot slot, std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    std::optional<Error> &present = this->*slot;
    if (error && (!present || present->message != error->message))
        spdlog::error("{}", error->message);
    present = std::move(error);
}

namespace {

// An output's own errors say of what they are.
std::string unfinished(const SinkStatus &output) {
    return fmt::format("{}: did not finish in time", output.name);
}

SpikeRunner::Work workOf(std::shared_ptr<SpikeSink> sink, std::shared_ptr<InfoSlot> slot) {
    const auto begun = std::make_shared<bool>(false);
    const auto write = [sink, begun, slot](const SpikeBlockPtr &block) -> Result<void> {
        if (!*begun) {
            const std::lock_guard lock(slot->mutex);
            if (Result<void> result = sink->begin(slot->info); !result)
                return result;
            *begun = true;
        }
        return sink->write(*block);
    };
    return {write, [sink, begun] { return *begun ? sink->finish() : Result<void>{}; }};
}

FrameRunner::Work workOf(std::shared_ptr<FrameSink> sink, const std::shared_ptr<InfoSlot> &) {
    return {[sink](const FrameResultPtr &frame) { return sink->consume(*frame); },
            [sink] { return sink->finish(); }};
}

SinkStatus about(const std::string &name, bool frames) {
    static std::atomic<OutputId> used{0};
    SinkStatus about;
    about.id = ++used;
    about.name = name;
    about.frames = frames;
    return about;
}

/// Takes the output `id` out of `list`; null when it is not there.
template <class Runner>
std::shared_ptr<Runner> extract(std::vector<std::shared_ptr<Runner>> &list, OutputId id) {
    const auto at = std::find_if(list.begin(), list.end(),
                                 [&](const auto &sink) { return sink->status().id == id; });
    if (at == list.end())
        return nullptr;
    std::shared_ptr<Runner> found = std::move(*at);
    list.erase(at);
    return found;
}

}  // namespace

Result<OutputId> SessionRun::add(Output output) {
    const std::lock_guard lock(sinksMutex_);
    if (!sinksOpen_)
        return fail(ErrorCode::WrongState, "what runs is ending and takes no more outputs");
    const auto addTo = [&](Sinks &list, auto &sink) {
        using Taken = std::conditional_t<std::is_same_v<std::decay_t<decltype(*sink)>, SpikeSink>,
                                         SpikeRunner, FrameRunner>;
        const SinkStatus status = about(sink->name(), std::is_same_v<Taken, FrameRunner>);
        list.add(std::make_shared<Taken>(status, output.queue, output.lossless,
                                         workOf(std::move(sink), infoSlot_)));
        return status.id;
    };
    const auto next = std::make_shared<Sinks>(*sinks_);
    const OutputId id = std::visit([&](auto &sink) { return addTo(*next, sink); }, output.sink);
    sinks_ = next;
    return id;
}

Result<void> SessionRun::remove(OutputId id, std::chrono::nanoseconds limit) {
    const auto end = [&](auto sink) -> Result<void> {
        sink->dismiss();
        const bool done = sink->finished(limit);
        const SinkStatus status = sink->status();
        if (done && status.error.empty())
            return {};
        return fail(ErrorCode::Io, "{}", status.error.empty() ? unfinished(status) : status.error);
    };
    std::shared_ptr<SpikeRunner> spikes;
    std::shared_ptr<FrameRunner> frames;
    {
        const std::lock_guard lock(sinksMutex_);
        const auto next = std::make_shared<Sinks>(*sinks_);
        spikes = extract(next->spikes, id);
        frames = extract(next->frames, id);
        if (!spikes && !frames)
            return fail(ErrorCode::InvalidArgument, "there is no output {}", id);
        sinks_ = next;
        if (spikes)
            endedSinks_.add(spikes);
        else
            endedSinks_.add(frames);
    }
    return spikes ? end(spikes) : end(frames);
}

FrameResultPtr SessionRun::takeFrame() {
    return mailbox_.tryPop().value_or(nullptr);
}

/// A block that moves just then is counted twice or not at all: look again. What stays unbalanced
/// is shown as it is.
void SessionRun::readCounts(SessionStatus &status) const {
    for (int tries = 0; tries < 1000; ++tries) {
        status.planes = ledger_.read();
        status.planesInFlight = inFlight_;
        if (status.planes.balanced(status.planesInFlight))
            return;
        std::this_thread::yield();
    }
}

SessionStatus SessionRun::status() const {
    const TimePoint now = clock_.now();
    SessionStatus status;
    status.state = source_->state();
    readCounts(status);
    status.sourceRateHz = sourceMeter_.perSecond(now);
    status.engineRateHz = engineMeter_.perSecond(now);
    status.engineLoad = busyMeter_.perSecond(now);
    status.displayRateHz = displayMeter_.perSecond(now);
    status.latencyP50 = latency_.percentile(0.5);
    status.latencyP99 = latency_.percentile(0.99);
    status.results = results_;
    status.backend = backend_.status();
    if (const std::int64_t last = lastPlaneTime_; last != 0)
        status.secondsSinceLastPlane =
            std::chrono::duration<double>(now.time_since_epoch() - Clock::TimePoint::duration(last))
                .count();
    {
        const std::lock_guard lock(mutex_);
        status.source = info_;
        status.error = sourceError_ ? sourceError_ : engineError_;
        status.settingsError = settingsError_;
        status.finished = sourceDone_ && engineDone_;
        status.losses = losses_;
        status.reconnects = reconnects_;
        status.lossReason = lossReason_;
        status.noise = noiseTag_;
        if (opened_ && ring_) {
            status.ringBlocks = ring_->size();
            status.ringCapacity = ring_->capacity();
        }
    }
    const std::lock_guard lock(sinksMutex_);
    endedSinks_.each([&](const auto &sink) {
        status.sinks.push_back(sink.status());
        SinkStatus &ended = status.sinks.back();
        if (status.finished && !ended.finished && ended.error.empty())
            ended.error = unfinished(ended);
    });
    sinks_->each([&](const auto &sink) { status.sinks.push_back(sink.status()); });
    return status;
}

std::shared_ptr<const Sinks> SessionRun::sinks() const {
    const std::lock_guard lock(sinksMutex_);
    return sinks_;
}

}  // namespace fovea
