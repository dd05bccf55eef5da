// SPDX-License-Identifier: Apache-2.0
// Decides which planes of a recording come next, and when.
#pragma once

#include "engine/core/clock.h"
#include "engine/core/plane_pace.h"
#include "engine/core/spike_source.h"

#include <cstdint>
#include <mutex>

namespace fovea {

/// How a recording is played from the moment it is opened.
struct PlaySettings {
    double speed = 1;        ///< multiple of real time; 0 = as fast as the reader takes planes
    bool everyPlane = true;  ///< false: skip planes to keep pace
    bool loop = false;
    bool paused = false;
    std::uint64_t rangeBegin = 0;
    std::uint64_t rangeEnd = 0;  ///< 0 = the end of the recording
    std::uint32_t preroll = 0;
    /// At the end: true pauses there (for windows: seek, or play to start over), false is the End.
    bool holdAtEnd = false;
};

/// Position and pace of playing, without the planes.
///
/// - Pace: plane n after the start, a seek, a pause or a change of speed is due n / (rate * speed)
///   later, by the clock. A task covers at most 10 ms of that, so slow play shows single planes.
/// - Every plane: nothing is skipped. A reader that is late by less than 100 ms catches up; if it
///   is later, the rest of the delay stays.
/// - Real time: a reader that is late by more than 20 ms loses the planes in between (a Skip task).
/// - Seek: the `preroll` planes before the target are given at once, paused or not, also those
///   before the A mark, then the target is the next plane. Pictures of plane p with a window that
///   ends at p need seek(p + 1) and a preroll of the window.
/// - step() pauses; planes forward are given at once, planes backward are a seek. Steps backward
///   give at least one plane, whatever the preroll.
/// - Reverse: 60 times a second (or for every plane, when that is slower) one seek backward, at
///   the speed set; "as fast as possible" makes every read one seek. Pauses at the A mark, or with
///   loop goes on at the B mark.
/// - Loop: after the last plane of the range comes the first, without preroll, epoch + 1, and the
///   pace goes on.
/// - Held at the end, setPaused(false) plays the range again.
/// Threads: any.
class PlayHead final : public Playback {
public:
    enum class Kind : std::uint8_t {
        Read,  ///< give planes [from, from + planes)
        Skip,  ///< leave them out
        Wait,  ///< nothing before `until`, or a command
        End,
    };
    struct Task {
        Kind kind = Kind::Wait;
        std::uint64_t from = 0;
        std::uint64_t planes = 0;
        std::uint32_t epoch = 0;
        Clock::TimePoint until{};
    };

    /// `clock` must outlive it.
    PlayHead(const PlaySettings &settings, Clock &clock);

    /// A recording of `planes` planes is open: goes to the A mark of the settings. InvalidArgument
    /// when the range of the settings is not in the recording.
    [[nodiscard]] Result<void> load(std::uint64_t planes, double planeRateHz);
    /// What to do now for a block of `capacity` planes. `rush`: do not wait for a full task, give
    /// what is due.
    [[nodiscard]] Task next(std::uint32_t capacity, bool rush);
    /// The task is done; of a Read, planes up to `end` were given. Ignored after a jump.
    void done(const Task &task, std::uint64_t end);

    [[nodiscard]] Status status() const override;
    void setPaused(bool paused) override;
    [[nodiscard]] Result<void> setSpeed(double speed) override;
    void setEveryPlane(bool everyPlane) override;
    void setLoop(bool loop) override;
    void setReverse(bool reverse) override;
    void seek(std::uint64_t plane) override;
    void step(std::int64_t planes) override;
    [[nodiscard]] Result<void> setRange(std::uint64_t begin, std::uint64_t end) override;
    void setPreroll(std::uint32_t planes) override;

private:
    [[nodiscard]] bool inPreroll() const { return cursor_ < status_.position; }
    [[nodiscard]] double planesPerSecond() const;
    [[nodiscard]] std::uint64_t planesIn(double seconds) const;
    [[nodiscard]] Task give(std::uint64_t planes) const;
    [[nodiscard]] Task wait(Clock::TimePoint until) const;
    [[nodiscard]] Task nextPaced(std::uint32_t capacity, bool rush);
    [[nodiscard]] Task nextReverse(std::uint32_t capacity);
    [[nodiscard]] Task givePreroll(std::uint32_t capacity) const;
    [[nodiscard]] bool atEnd() const { return status_.position >= status_.rangeEnd; }
    [[nodiscard]] bool leaveEnd();
    void jump(std::uint64_t plane, std::uint64_t preroll);
    void jumpBack(std::uint64_t planes);
    void restartPace();

    Clock &clock_;
    const PlaySettings settings_;
    mutable std::mutex mutex_;
    Status status_;
    double rateHz_ = 0;  ///< 0 = nothing loaded
    std::uint32_t preroll_ = 0;
    std::uint32_t epoch_ = 0;
    std::uint64_t cursor_ = 0;  ///< next plane to give; before the position during a preroll
    std::uint64_t steps_ = 0;   ///< planes to give although paused
    PlanePace pace_;
    std::uint64_t passed_ = 0;  ///< planes given or skipped since the pace began
};

}  // namespace fovea
