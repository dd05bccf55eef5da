// SPDX-License-Identifier: Apache-2.0
// Where spikes come from: a camera, a file and a synthetic scene are alike.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/picture.h"
#include "engine/core/spike_block.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fovea {

enum class SourceState : std::uint8_t {
    Closed,     ///< nothing held
    Opening,    ///< being looked for and set up
    Streaming,  ///< read() gives planes
    Lost,       ///< was streaming, the device went away; may come back to Opening
    Draining,   ///< no new planes; read() gives what is left, then End
};
[[nodiscard]] std::string_view toString(SourceState state);

/// What an open source is. Fixed until it is closed.
struct SourceInfo {
    PlaneShape shape;
    double planeRateHz = 0;
    bool rateAssumed = false;             ///< nothing says the rate
    std::optional<std::uint64_t> planes;  ///< length, when it has one
    std::string name;                     ///< for people: file name, camera model, "synthetic"
    std::string serial;                   ///< of a device; empty otherwise
    bool live = false;                    ///< keeps coming whether or not anybody reads
    std::vector<std::string> warnings;  ///< what was odd but harmless, for example a cut last plane
};

enum class ReadOutcome : std::uint8_t {
    Planes,  ///< the block has planes, gaps or both
    Idle,    ///< nothing within the time-out, paused, or interrupted
    End,     ///< no more planes will come
};

/// Position and pace of a source that can be played like a film.
///
/// Threads: any; a command acts from the next read() on and ends one that waits.
class Playback {
public:
    virtual ~Playback() = default;

    struct Status {
        std::uint64_t position = 0;  ///< number of the plane that comes next
        std::uint64_t planes = 0;    ///< length of the recording
        double speed = 1;  ///< multiple of real time; 0 = as fast as the reader takes them
        bool paused = false;
        bool everyPlane = true;  ///< false: may skip planes to keep pace, and counts them
        bool loop = false;
        bool reverse = false;          ///< shows planes backwards: one seek a display step
        std::uint64_t rangeBegin = 0;  ///< A mark
        std::uint64_t rangeEnd = 0;    ///< B mark, one past the last plane
    };
    [[nodiscard]] virtual Status status() const = 0;
    virtual void setPaused(bool paused) = 0;
    /// Multiple of real time, 0 = as fast as the reader takes them. Negative is refused.
    [[nodiscard]] virtual Result<void> setSpeed(double speed) = 0;
    virtual void setEveryPlane(bool everyPlane) = 0;
    virtual void setLoop(bool loop) = 0;
    /// Plays backwards; sources that cannot ignore it (see Status::reverse).
    virtual void setReverse(bool) {}
    /// Goes to `plane` (clamped to the range). The planes just before it are read again (see
    /// setPreroll) so that windows around it are full; the block's epoch grows.
    virtual void seek(std::uint64_t plane) = 0;
    /// While paused: shows `planes` more (or fewer, negative) planes.
    virtual void step(std::int64_t planes) = 0;
    /// Plays only [begin, end); an empty or reversed range is refused.
    [[nodiscard]] virtual Result<void> setRange(std::uint64_t begin, std::uint64_t end) = 0;
    /// How many planes before a seek target are delivered again.
    virtual void setPreroll(std::uint32_t planes) = 0;
};

/// What a synthetic source knows to be true. Times are plane numbers.
///
/// Threads: any, also while the source is read.
class GroundTruth {
public:
    virtual ~GroundTruth() = default;
    /// Visible objects at `plane`: id, box of the visible part, velocity.
    [[nodiscard]] virtual TrackSet objectsAt(std::uint64_t plane) const = 0;
    /// The noise-free picture at `plane`: 255 = the light that fires a spike at every plane.
    [[nodiscard]] virtual Picture pictureAt(std::uint64_t plane) const = 0;
};

/// Gives blocks of planes. The state is one atomic; a call that the state forbids is answered with
/// ErrorCode::WrongState and changes nothing:
///
///   Closed --open()--> Opening --> Streaming --drain()--> Draining --> (End) ; any --close()-->
///   Closed ; Streaming --device gone--> Lost --open()--> Opening
///
/// Threads: open, read, drain and close belong to one thread; state(), interrupt(), playback() and
/// truth() may be used from any.
class SpikeSource {
public:
    SpikeSource() = default;
    SpikeSource(const SpikeSource &) = delete;
    SpikeSource &operator=(const SpikeSource &) = delete;
    virtual ~SpikeSource() = default;

    /// From Closed or Lost. On failure the state is the same again.
    [[nodiscard]] Result<SourceInfo> open();
    /// From Streaming or Draining: fills `block` (begin() included; shape must be the source's)
    /// with at least one plane or gap and at most its capacity, waiting up to `timeout`.
    /// ErrorCode::DeviceLost puts the source in Lost; any other error in Draining.
    [[nodiscard]] Result<ReadOutcome> read(SpikeBlock &block, std::chrono::milliseconds timeout);
    /// From Streaming: no new planes are begun.
    [[nodiscard]] Result<void> drain();
    /// From any state; idempotent.
    void close();

    [[nodiscard]] SourceState state() const { return state_.load(std::memory_order_acquire); }
    /// Makes a waiting read() return Idle at once, and an open() that takes long fail soon with
    /// ErrorCode::Cancelled.
    virtual void interrupt() = 0;
    /// Null when the source cannot be played like a film (cameras).
    [[nodiscard]] virtual Playback *playback() { return nullptr; }
    /// Null when the source does not know the truth.
    [[nodiscard]] virtual const GroundTruth *truth() const { return nullptr; }

protected:
    [[nodiscard]] virtual Result<SourceInfo> doOpen() = 0;
    [[nodiscard]] virtual Result<ReadOutcome> doRead(SpikeBlock &block,
                                                     std::chrono::milliseconds timeout) = 0;
    virtual void doDrain() {}
    virtual void doClose() = 0;

private:
    std::atomic<SourceState> state_{SourceState::Closed};
};

}  // namespace fovea
