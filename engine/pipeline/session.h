// SPDX-License-Identifier: Apache-2.0
// The one flow: source -> ring -> noise, reconstruction, detection, tracking -> results.
#pragma once

#include "engine/core/bounded_queue.h"
#include "engine/core/clock.h"
#include "engine/core/frame_sink.h"
#include "engine/core/spike_sink.h"
#include "engine/pipeline/config.h"
#include "engine/pipeline/source_catalog.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fovea {

/// How one output is doing.
struct SinkStatus {
    std::string name;
    bool frames = false;  ///< counts results, not planes
    std::uint64_t offered = 0;
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;  ///< its queue was full, or it had failed
    std::uint64_t waiting = 0;
    std::string error;  ///< why it stopped; empty while it works
    bool finished = false;
};

/// A reading of everything worth showing. offered = written + dropped + waiting for each output.
struct SessionStatus {
    SourceState state = SourceState::Closed;
    std::optional<SourceInfo> source;
    std::optional<Error> error;  ///< why the source could not be opened, or was lost or ended
    bool finished = false;       ///< the source ended and everything is through
    PlaneCounts planes;          ///< received = delivered + dropped + planesInFlight
    std::uint64_t planesInFlight = 0;
    double sourceRateHz = 0;   ///< planes a second over the last second, lost ones included
    double engineRateHz = 0;   ///< planes a second through the engine over the last second
    double engineLoad = 0;     ///< share of the last second that the engine was busy
    double displayRateHz = 0;  ///< display frames made a second
    double latencyP50 = 0;     ///< seconds from capture to result over the last 512 blocks
    double latencyP99 = 0;
    std::size_t ringBlocks = 0;
    std::size_t ringCapacity = 0;
    std::uint64_t reconnects = 0;
    std::uint64_t results = 0;  ///< detection results made
    double secondsSinceLastPlane = 0;
    std::string noise;  ///< tag of what is injected, empty when nothing
    std::string backend = "cpu";
    std::vector<SinkStatus> sinks;
};

/// Owns the source, two threads (source, engine), one more for each output, and their queues.
///
/// Files are never lossy: the source thread waits for the engine. Live sources never wait: what the
/// engine cannot take is dropped, newest first, and counted.
/// Threads: every public function may be called from any thread; none blocks longer than it says.
class Session {
public:
    Session(SourceCatalog &catalog, Clock &clock);
    ~Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    /// Begins to open the source and run; returns at once. WrongState while running.
    [[nodiscard]] Result<void> start(const Config &config);
    /// Waits until the source streams or could not be opened.
    [[nodiscard]] Result<SourceInfo> waitOpened();
    /// Waits until the source has ended and all outputs are finished, or `timeout`; true if so.
    [[nodiscard]] bool waitFinished(std::chrono::nanoseconds timeout);
    /// Ends the source, lets the engine finish what is queued (at most half a second), finishes the
    /// outputs, checks the ledger. Returns within 1 s; idempotent. The error is the ledger's or an
    /// output's.
    Result<void> stop();
    [[nodiscard]] bool running() const;

    /// New settings from the next block on. What belongs to the source acts at the next start(),
    /// except speed, every_plane, loop and range, which act at once.
    void apply(const Config &config);
    [[nodiscard]] std::shared_ptr<const Config> config() const;

    /// Playing like a film. All but status are ignored when the source cannot be played.
    [[nodiscard]] std::optional<Playback::Status> playback() const;
    void setPaused(bool paused);
    [[nodiscard]] Result<void> setSpeed(double speed);
    void setEveryPlane(bool everyPlane);
    void setLoop(bool loop);
    [[nodiscard]] Result<void> setRange(std::uint64_t begin, std::uint64_t end);
    /// Makes `plane` the one that the pictures show.
    void seek(std::uint64_t plane);
    void step(std::int64_t planes);

    /// Truth of a synthetic source at a plane; nothing otherwise.
    [[nodiscard]] std::optional<TrackSet> truthAt(std::uint64_t plane) const;
    [[nodiscard]] std::optional<Picture> truePictureAt(std::uint64_t plane) const;

    /// Adds an output; may be called before start() and while running. `queue`: blocks or results
    /// kept while it is slow. With `lossless` the engine waits for it (files to files).
    void addSpikeSink(std::shared_ptr<SpikeSink> sink, std::size_t queue, bool lossless);
    void addFrameSink(std::shared_ptr<FrameSink> sink, std::size_t queue, bool lossless);
    /// Finishes the named output now (stop recording); its final status stays listed.
    [[nodiscard]] Result<void> removeSink(const std::string &name);

    /// The newest display frame since the last call, if any; never waits.
    [[nodiscard]] FrameResultPtr takeFrame();
    [[nodiscard]] SessionStatus status() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
