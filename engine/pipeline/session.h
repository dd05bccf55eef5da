// SPDX-License-Identifier: Apache-2.0
// The one flow: source -> ring -> noise, reconstruction, detection, tracking -> results.
#pragma once

#include "engine/core/bounded_queue.h"
#include "engine/core/clock.h"
#include "engine/core/frame_sink.h"
#include "engine/core/spike_sink.h"
#include "engine/pipeline/config.h"
#include "engine/pipeline/source_catalog.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace fovea {

/// An output and how it is fed.
struct Output {
    std::variant<std::shared_ptr<SpikeSink>, std::shared_ptr<FrameSink>> sink;
    std::size_t queue = 16;  ///< blocks or results kept while it is slow
    bool lossless = false;   ///< the engine waits for it (files to files)
};
/// Names an output of a Session: never used twice, not even after another start.
using OutputId = std::uint64_t;

/// How one output is doing.
struct SinkStatus {
    OutputId id = 0;
    std::string name;
    bool frames = false;  ///< counts results, not planes
    std::uint64_t offered = 0;
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;  ///< its queue was full, or it had failed
    std::uint64_t waiting = 0;
    std::string error;  ///< why it stopped or did not finish in time; empty while it works
    bool finished = false;
};

/// A reading of everything worth showing. offered = written + dropped + waiting for each output.
struct SessionStatus {
    SourceState state = SourceState::Closed;
    std::optional<SourceInfo> source;
    std::optional<Error> error;  ///< why the source could not be opened, was lost or ended, or why
                                 ///< the engine cannot work; gone when they work again
    std::optional<Error> settingsError;  ///< why the newest settings were not taken
    bool finished = false;               ///< the source ended and everything is through
    PlaneCounts planes;                  ///< received = delivered + dropped + planesInFlight
    std::uint64_t planesInFlight = 0;
    double sourceRateHz = 0;   ///< planes a second over the last second, lost ones included
    double engineRateHz = 0;   ///< planes a second through the engine over the last second
    double engineLoad = 0;     ///< share of the last second that the engine was busy
    double displayRateHz = 0;  ///< display frames made a second
    double latencyP50 = 0;     ///< seconds from capture to result over the last 512 blocks
    double latencyP99 = 0;
    std::size_t ringBlocks = 0;
    std::size_t ringCapacity = 0;
    std::uint64_t losses = 0;      ///< how often the source was lost
    std::uint64_t reconnects = 0;  ///< how often it came back
    std::string lossReason;        ///< of the newest loss; stays after the return
    std::uint64_t results = 0;     ///< detection results made
    double secondsSinceLastPlane = 0;
    std::string noise;        ///< tag of what is injected, empty when nothing
    Backend::Status backend;  ///< what computes, and why
    std::vector<SinkStatus> sinks;
};

/// Owns the source, two threads (source, engine), one more for each output, and their queues.
///
/// Files are never lossy: the source thread waits for the engine. Live sources never wait: what the
/// engine cannot take is dropped, newest first, and counted.
/// Threads: every public function may be called from any thread; those that wait say so.
class Session {
public:
    Session(SourceCatalog &catalog, Clock &clock);
    ~Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    /// Begins to open the source and run; returns at once. WrongState while running.
    [[nodiscard]] Result<void> start(const Config &config, std::vector<Output> outputs = {});
    /// Waits until the source streams or could not be opened.
    [[nodiscard]] Result<SourceInfo> waitOpened();
    /// Waits until the source has ended and all outputs are finished, or `timeout`; true if so.
    [[nodiscard]] bool waitFinished(std::chrono::nanoseconds timeout);
    /// Closes the source, lets the engine finish what is queued (at most half a second), finishes
    /// the outputs (all together at most `outputs`), checks the ledger: within a second unless more
    /// time is given. Idempotent. The error is the ledger's or an output's; an output that was not
    /// done in time goes on by itself and status() tells when it is `finished`.
    Result<void> stop(std::chrono::nanoseconds outputs = std::chrono::milliseconds{400});
    [[nodiscard]] bool running() const;

    /// New settings from the next block on. What belongs to the source acts at the next start(),
    /// except speed, every_plane, loop and range, which act at once. While a recording is paused it
    /// stays at the plane that is shown. On an error (a range or speed that the source refuses)
    /// nothing changes.
    [[nodiscard]] Result<void> apply(const Config &config);
    [[nodiscard]] std::shared_ptr<const Config> config() const;

    /// Playing like a film. All but status are ignored when the source cannot be played.
    [[nodiscard]] std::optional<Playback::Status> playback() const;
    void setPaused(bool paused);
    /// Backwards at the speed set, until the A mark or round the loop.
    void setReverse(bool reverse);
    /// Makes `plane` the one that the pictures show.
    void seek(std::uint64_t plane);
    void step(std::int64_t planes);

    /// Adds an output to what runs now; WrongState when nothing does or it is ending.
    [[nodiscard]] Result<OutputId> addOutput(Output output);
    /// Finishes an output now (stop recording), waiting at most `limit`; its status stays listed.
    /// The error is the output's, or that it goes on by itself (see stop()).
    [[nodiscard]] Result<void> removeOutput(OutputId id, std::chrono::nanoseconds limit);

    /// The newest display frame since the last call, if any; never waits.
    [[nodiscard]] FrameResultPtr takeFrame();
    [[nodiscard]] SessionStatus status() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
