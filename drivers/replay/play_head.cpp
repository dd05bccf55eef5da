// SPDX-License-Identifier: Apache-2.0
// Pace, jumps, steps, loop and reverse of a recording.
#include "drivers/replay/play_head.h"

#include "engine/core/speed_ladder.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {
constexpr double taskSeconds = 0.01;
constexpr double lateSeconds = 0.1;   ///< what a late reader may catch up
constexpr double skipSeconds = 0.02;  ///< beyond this real time skips
constexpr double maxSpeedFactor = 1e6;

bool validSpeed(double speed) {
    return speed >= 0 && speed <= maxSpeedFactor;  // false for NaN
}
tl::unexpected<Error> refuseSpeed(double speed) {
    return fail(ErrorCode::InvalidArgument, "play speed is {}, allowed is 0 (max) to {}", speed,
                maxSpeedFactor);
}

}  // namespace

PlayHead::PlayHead(const PlaySettings &settings, Clock &clock)
    : clock_(clock), settings_(settings), preroll_(settings.preroll) {
    status_.speed = settings.speed;
    status_.everyPlane = settings.everyPlane;
    status_.loop = settings.loop;
    status_.paused = settings.paused;
}

Result<void> PlayHead::load(std::uint64_t planes, double planeRateHz) {
    std::lock_guard lock(mutex_);
    const std::uint64_t end = settings_.rangeEnd == 0 ? planes : settings_.rangeEnd;
    if (settings_.rangeBegin >= end || end > planes)
        return fail(ErrorCode::InvalidArgument,
                    "play range is {} to {}, allowed is a part of 0 to {} that is not empty",
                    settings_.rangeBegin, end, planes);
    if (!validSpeed(status_.speed))
        return refuseSpeed(status_.speed);
    rateHz_ = planeRateHz;
    status_.planes = planes;
    status_.rangeBegin = settings_.rangeBegin;
    status_.rangeEnd = end;
    status_.position = cursor_ = settings_.rangeBegin;
    status_.reverse = false;
    epoch_ = 0;
    steps_ = 0;
    restartPace();
    return {};
}

double PlayHead::planesPerSecond() const {
    return rateHz_ * (status_.speed == maxSpeed ? 1 : status_.speed);
}

std::uint64_t PlayHead::planesIn(double seconds) const {
    return static_cast<std::uint64_t>(std::max(1.0, planesPerSecond() * seconds));
}

void PlayHead::restartPace() {
    pace_ = {clock_.now(), planesPerSecond()};
    passed_ = 0;
}

void PlayHead::jump(std::uint64_t plane, std::uint64_t preroll) {
    ++epoch_;
    status_.position = plane;
    cursor_ = plane - std::min(plane, preroll);
    steps_ = 0;
}

/// A seek backward that shows at least one plane.
void PlayHead::jumpBack(std::uint64_t planes) {
    const std::uint64_t lowest = status_.rangeBegin + 1;
    const std::uint64_t target = status_.position - std::min(status_.position, planes);
    jump(std::max(lowest, target), std::max<std::uint64_t>(1, preroll_));
}

PlayHead::Task PlayHead::give(std::uint64_t planes) const {
    return {Kind::Read, cursor_, planes, epoch_, {}};
}

PlayHead::Task PlayHead::wait(Clock::TimePoint until) const {
    return {Kind::Wait, cursor_, 0, epoch_, until};
}

PlayHead::Task PlayHead::givePreroll(std::uint32_t capacity) const {
    return give(std::min<std::uint64_t>(capacity, status_.position - cursor_));
}

/// At the end of the range: true when playing goes on at its beginning.
bool PlayHead::leaveEnd() {
    if (status_.loop)
        jump(status_.rangeBegin, 0);
    else if (settings_.holdAtEnd)
        status_.paused = true;
    return status_.loop;
}

PlayHead::Task PlayHead::next(std::uint32_t capacity, bool rush) {
    std::lock_guard lock(mutex_);
    if (inPreroll())
        return givePreroll(capacity);
    if (steps_ > 0 && !atEnd())
        return give(
            std::min({std::uint64_t{capacity}, steps_, status_.rangeEnd - status_.position}));
    steps_ = 0;
    if (status_.paused)
        return wait(Clock::TimePoint::max());
    if (status_.reverse)
        return nextReverse(capacity);
    if (atEnd() && !leaveEnd())
        return settings_.holdAtEnd ? wait(Clock::TimePoint::max())
                                   : Task{Kind::End, cursor_, 0, epoch_, {}};
    // All that is left: the block takes what it holds, and a gap of any length in one piece.
    if (status_.speed == maxSpeed)
        return give(status_.rangeEnd - status_.position);
    return nextPaced(capacity, rush);
}

PlayHead::Task PlayHead::nextPaced(std::uint32_t capacity, bool rush) {
    const std::uint64_t left = status_.rangeEnd - status_.position;
    const std::uint64_t full = std::min<std::uint64_t>(capacity, planesIn(taskSeconds));
    std::uint64_t due = std::max(pace_.planesAt(clock_.now()), passed_) - passed_;
    if (status_.everyPlane) {
        const std::uint64_t most = std::max(full, planesIn(lateSeconds));
        passed_ += due - std::min(due, most);
        due = std::min(due, most);
    } else if (due > std::max(2 * full, planesIn(skipSeconds))) {
        return {Kind::Skip, cursor_, std::min(due - full, left), epoch_, {}};
    }
    const std::uint64_t wanted = std::min(full, left);
    if (due >= wanted || (rush && due > 0))
        return give(std::min(due, wanted));
    return wait(pace_.timeOf(passed_ + wanted));
}

PlayHead::Task PlayHead::nextReverse(std::uint32_t capacity) {
    const std::uint64_t planes = planesIn(1 / displayRateHz);
    if (status_.position <= status_.rangeBegin + 1) {
        if (!status_.loop) {
            status_.reverse = false;
            status_.paused = true;
            return wait(Clock::TimePoint::max());
        }
        jump(status_.rangeEnd, 0);
    }
    if (status_.speed != maxSpeed) {
        const std::uint64_t due = pace_.planesAt(clock_.now());
        if (due < passed_ + planes)
            return wait(pace_.timeOf(passed_ + planes));
        passed_ = std::max(passed_, due - std::min(due, planesIn(lateSeconds))) + planes;
    }
    jumpBack(planes);
    return givePreroll(capacity);
}

void PlayHead::done(const Task &task, std::uint64_t end) {
    std::lock_guard lock(mutex_);
    if (task.epoch != epoch_)
        return;
    const std::uint64_t planes = end - task.from;
    if (inPreroll()) {
        cursor_ = end;
        if (!inPreroll() && !status_.reverse)
            restartPace();  // reading the preroll has taken time
        return;
    }
    cursor_ = status_.position = end;
    passed_ += planes;
    steps_ -= std::min(steps_, planes);
}

Playback::Status PlayHead::status() const {
    std::lock_guard lock(mutex_);
    return status_;
}

void PlayHead::setPaused(bool paused) {
    {
        std::lock_guard lock(mutex_);
        if (status_.paused && !paused && atEnd() && rateHz_ > 0 && !status_.reverse)
            jump(status_.rangeBegin, 0);
        status_.paused = paused;
        steps_ = 0;
        restartPace();
    }
    clock_.wake();
}

Result<void> PlayHead::setSpeed(double speed) {
    if (!validSpeed(speed))
        return refuseSpeed(speed);
    {
        std::lock_guard lock(mutex_);
        status_.speed = speed;
        restartPace();
    }
    clock_.wake();
    return {};
}

void PlayHead::setEveryPlane(bool everyPlane) {
    {
        std::lock_guard lock(mutex_);
        status_.everyPlane = everyPlane;
        restartPace();
    }
    clock_.wake();
}

void PlayHead::setLoop(bool loop) {
    {
        std::lock_guard lock(mutex_);
        status_.loop = loop;
    }
    clock_.wake();
}

void PlayHead::setReverse(bool reverse) {
    {
        std::lock_guard lock(mutex_);
        status_.reverse = reverse;
        restartPace();
    }
    clock_.wake();
}

void PlayHead::seek(std::uint64_t plane) {
    {
        std::lock_guard lock(mutex_);
        if (rateHz_ == 0)
            return;
        jump(std::clamp(plane, status_.rangeBegin, status_.rangeEnd), preroll_);
        restartPace();
    }
    clock_.wake();
}

void PlayHead::step(std::int64_t planes) {
    {
        std::lock_guard lock(mutex_);
        if (rateHz_ == 0 || planes == 0)
            return;
        status_.paused = true;
        if (planes > 0)
            steps_ += static_cast<std::uint64_t>(planes);
        else
            jumpBack(0 - static_cast<std::uint64_t>(planes));
    }
    clock_.wake();
}

Result<void> PlayHead::setRange(std::uint64_t begin, std::uint64_t end) {
    {
        std::lock_guard lock(mutex_);
        if (begin >= end || end > status_.planes)
            return fail(ErrorCode::InvalidArgument,
                        "play range is {} to {}, allowed is a part of 0 to {} that is not empty",
                        begin, end, status_.planes);
        status_.rangeBegin = begin;
        status_.rangeEnd = end;
        if (status_.position < begin || status_.position > end) {
            jump(begin, preroll_);
            restartPace();
        }
    }
    clock_.wake();
    return {};
}

void PlayHead::setPreroll(std::uint32_t planes) {
    std::lock_guard lock(mutex_);
    preroll_ = planes;
}

}  // namespace fovea
