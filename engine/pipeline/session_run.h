// SPDX-License-Identifier: Apache-2.0
// One run of a Session: its queues and the loops of its two threads.
#pragma once

#include "engine/pipeline/rate_meter.h"
#include "engine/pipeline/session.h"
#include "engine/pipeline/sink_runner.h"
#include "engine/pipeline/stages.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace fovea {

using SpikeRunner = SinkRunner<SpikeBlockPtr>;
using FrameRunner = SinkRunner<FrameResultPtr>;

/// Some outputs of a run.
struct Sinks {
    std::vector<std::shared_ptr<SpikeRunner>> spikes;
    std::vector<std::shared_ptr<FrameRunner>> frames;

    /// Calls `use` with each.
    template <class Use> void each(Use use) const {
        for (const auto &sink : spikes)
            use(*sink);
        for (const auto &sink : frames)
            use(*sink);
    }
    void add(std::shared_ptr<SpikeRunner> sink) { spikes.push_back(std::move(sink)); }
    void add(std::shared_ptr<FrameRunner> sink) { frames.push_back(std::move(sink)); }
    void add(const Sinks &others) {
        spikes.insert(spikes.end(), others.spikes.begin(), others.spikes.end());
        frames.insert(frames.end(), others.frames.begin(), others.frames.end());
    }
};

/// What a recorder must know when its first block comes; outlives the run for a stuck output.
struct InfoSlot {
    std::mutex mutex;
    SourceInfo info;
};

/// One start() to stop(). The source thread opens and reads, the engine thread does the rest.
///
/// Threads: the loops run on the two threads; everything else may be called from any.
class SessionRun {
public:
    SessionRun(std::shared_ptr<SpikeSource> source, std::shared_ptr<const Config> config,
               Clock &clock);
    ~SessionRun();
    SessionRun(const SessionRun &) = delete;
    SessionRun &operator=(const SessionRun &) = delete;

    void start();
    [[nodiscard]] Result<SourceInfo> waitOpened();
    [[nodiscard]] bool waitFinished(std::chrono::nanoseconds timeout);
    Result<void> stop(std::chrono::nanoseconds outputs);

    void apply(std::shared_ptr<const Config> config);
    [[nodiscard]] Result<OutputId> add(Output output);
    [[nodiscard]] Result<void> remove(OutputId id, std::chrono::nanoseconds limit);

    [[nodiscard]] FrameResultPtr takeFrame();
    [[nodiscard]] SessionStatus status() const;
    [[nodiscard]] const std::shared_ptr<SpikeSource> &source() const { return source_; }
    /// A source with a playback goes where this plane can be shown. Settings that look further
    /// ahead or less far show it, too, until moveOn().
    void seek(std::uint64_t plane);
    void moveOn();

private:
    using TimePoint = Clock::TimePoint;
    using ErrorSlot = std::optional<Error> SessionRun::*;
    /// A picture that is shown while playing is paused, and where the source stood then.
    struct HeldPlane {
        std::uint64_t plane;
        std::uint64_t position;
    };

    /// Keeps (and logs, when it is a new one) or clears an error.
    void report(ErrorSlot slot, std::optional<Error> error);
    [[nodiscard]] std::shared_ptr<const Config> config() const;
    [[nodiscard]] std::shared_ptr<const Sinks> sinks() const;

    // source_loop.cpp
    void sourceLoop();
    [[nodiscard]] Result<void> readAll();
    [[nodiscard]] Result<void> openSource();
    [[nodiscard]] Result<bool> reopenSource(Error loss);
    /// One attempt; false when it is not there yet.
    [[nodiscard]] Result<bool> tryReopen(const SourceInfo &before);
    void noteReturn(TimePoint lost);
    [[nodiscard]] Result<void> prepare(const SourceInfo &info);
    /// One read; false when the source will give no more.
    [[nodiscard]] Result<bool> readOnce();
    void account(const SpikeBlock &block);
    void leave(DropReason reason, std::uint64_t planes);
    void readCounts(SessionStatus &status) const;
    void countWaiting();
    [[nodiscard]] bool pauseFor(std::chrono::nanoseconds time);

    // engine_loop.cpp
    void engineLoop();
    void engineWork();
    [[nodiscard]] Result<void> makeStages(const SourceInfo &info);
    void takeConfig();
    [[nodiscard]] std::optional<HeldPlane> heldPlane() const;
    void lookAgain(std::optional<HeldPlane> held);
    void tellPlayback();
    void processBlock(const SpikeBlockPtr &block);
    void emit(FrameResult frame);
    void showIfDue();
    void finishSinks();

    Clock &clock_;
    const std::shared_ptr<SpikeSource> source_;
    std::shared_ptr<BlockPool> pool_;
    std::unique_ptr<BoundedQueue<SpikeBlockPtr>> ring_;
    BoundedQueue<FrameResultPtr> mailbox_{1, QueuePolicy::KeepLatest};
    std::unique_ptr<SpikeBlock> scratch_;  ///< takes what has no place in the pool
    bool lossless_ = false;
    const std::shared_ptr<InfoSlot> infoSlot_ = std::make_shared<InfoSlot>();

    mutable std::mutex mutex_;  ///< of everything down to the blank line
    std::condition_variable changed_;
    std::shared_ptr<const Config> config_;
    bool configChanged_ = false;
    std::optional<SourceInfo> info_;
    std::optional<Error> sourceError_;
    std::optional<Error> engineError_;
    std::optional<Error> settingsError_;
    std::uint64_t losses_ = 0;
    std::uint64_t reconnects_ = 0;
    std::string lossReason_;
    bool opened_ = false;      ///< streaming, or failed to open
    bool sourceDone_ = false;  ///< nothing more comes
    bool drained_ = false;     ///< and all of it went through the engine
    bool engineDone_ = false;  ///< and the outputs are finished, or out of time
    std::string noiseTag_;

    mutable std::mutex sinksMutex_;  ///< of everything down to the blank line
    std::shared_ptr<const Sinks> sinks_ =
        std::make_shared<const Sinks>();  ///< replaced as a whole, so the engine works on a copy
                                          ///< without the lock
    Sinks endedSinks_;                    ///< get nothing more
    bool sinksOpen_ = true;               ///< new ones are taken

    std::atomic<bool> stopping_{false};
    std::atomic<bool> discarding_{false};
    std::atomic<std::chrono::steady_clock::time_point> sinksDeadline_{
        std::chrono::steady_clock::time_point::max()};
    std::atomic<std::uint64_t> results_{0};
    std::mutex seekMutex_;                      ///< between people's seeks and our own
    std::optional<std::uint64_t> soughtPlane_;  ///< that somebody went to, until he moves on
    std::atomic<std::uint32_t> lookAhead_{0};   ///< planes that must follow one that is shown
    std::atomic<std::int64_t> lastPlaneTime_{0};
    PlaneLedger ledger_;
    std::atomic<std::uint64_t> inFlight_{0};  ///< planes in the ring and in the engine
    RateMeter sourceMeter_;
    RateMeter engineMeter_;
    RateMeter busyMeter_;
    RateMeter displayMeter_;
    LatencyMeter latency_;

    TilePool threads_;  ///< of the engine thread, as is stages_
    Backend backend_;
    std::unique_ptr<Stages> stages_;
    TimePoint nextDisplay_{};
    bool displayPending_ = false;
    bool lookAgain_ = false;  ///< new settings have not been seen at work yet

    std::thread sourceThread_;
    std::thread engineThread_;
};

}  // namespace fovea
