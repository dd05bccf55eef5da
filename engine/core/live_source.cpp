// SPDX-License-Identifier: Apache-2.0
// Finds frames and rate, fills blocks, says what was lost.
#include "engine/core/live_source.h"

#include "engine/core/plane_rate.h"

namespace fovea {

namespace {

constexpr std::chrono::milliseconds lookTime{20};

}  // namespace

void LiveSource::interrupt() {
    interrupted_ = true;
    clock_.wake();
    const std::lock_guard lock(mutex_);
    wakeLink();
}

bool LiveSource::nextFrame(std::chrono::nanoseconds limit) {
    if (!frame_)
        frame_ = frames().next(limit);
    return frame_.has_value();
}

std::string LiveSource::noFrames() {
    return fmt::format(
        "{}: {} bytes came, but no frames of {} ({} bytes each) are in them; is that "
        "the camera's size? (source.shape, --shape)",
        label(), frames().bytesSinceFrame(), toString(shape_), frameBytes());
}

/// The next frame while opening; counting begins with it.
Result<void> LiveSource::findFrame() {
    const Clock::TimePoint deadline = clock_.now() + settings_.framePatience;
    frame_.reset();
    frames().beginCounting();
    while (!nextFrame(lookTime)) {
        if (interrupted_)
            return fail(ErrorCode::Cancelled, "{}: stopped while opening", label());
        if (const auto reason = lossReason())
            return fail(ErrorCode::NoDevice, "{}: {}", label(), *reason);
        if (clock_.now() < deadline)
            continue;
        if (frames().bytesSinceFrame() == 0)
            return fail(ErrorCode::NoDevice,
                        "{}: the camera sends nothing; check its power, plug it in again", label());
        return fail(ErrorCode::NoDevice, "{}", noFrames());
    }
    return {};
}

/// Planes a second as they arrive, from frames that are then forgotten.
Result<double> LiveSource::findRate() {
    if (settings_.planeRateHz)
        return *settings_.planeRateHz;
    const Clock::TimePoint start = frames().arrived();
    const std::uint64_t first = frame_->number;
    while (frames().arrived() - start < settings_.rateWindow)
        if (auto found = findFrame(); !found)
            return failed(found);
    const double seconds = std::chrono::duration<double>(frames().arrived() - start).count();
    return roundPlaneRate(static_cast<double>(frame_->number - first) / seconds, rateHz_);
}

Result<SourceInfo> LiveSource::openStream() {
    Result<SourceInfo> info = openLink();
    if (!info)
        return info;
    if (auto first = findFrame(); !first)
        return failed(first);
    const Result<double> rate = findRate();
    if (!rate)
        return tl::make_unexpected(rate.error());
    if (rateHz_ > 0)
        ++epoch_;
    rateHz_ = *rate;
    firstPlane_ = nextPlane_;
    firstArrival_ = frames().arrived();
    info->shape = shape_;
    info->planeRateHz = rateHz_;
    info->live = true;
    return info;
}

Result<SourceInfo> LiveSource::doOpen() {
    interrupted_ = false;
    releaseLink();  // what is left of a camera that was lost
    Result<SourceInfo> info = openStream();
    if (!info) {
        releaseLink();
        return info;
    }
    const std::lock_guard lock(mutex_);
    ++readCounts().opens;
    return info;
}

/// Gives the frame that was found; false when it must begin another block.
bool LiveSource::put(SpikeBlock &block) {
    if (frame_->restarted) {
        if (!block.empty())
            return false;
        block.begin(nextPlane_, rateHz_, ++epoch_);
    }
    block.appendGap(frame_->lostOnLink, DropReason::Link);
    block.appendGap(frame_->lostOnHost, DropReason::Buffer);
    unpack(frame_->bytes, block.append());
    block.setCaptureTime(frames().arrived());
    nextPlane_ += frame_->lostOnLink + frame_->lostOnHost + 1;
    frame_.reset();
    return true;
}

Result<ReadOutcome> LiveSource::doRead(SpikeBlock &block, std::chrono::milliseconds timeout) {
    if (block.shape() != shape_ || block.capacity() == 0)
        return fail(ErrorCode::InvalidArgument,
                    "{}: the block is for {} planes of {}, planes are {}", label(),
                    block.capacity(), toString(block.shape()), toString(shape_));
    const Clock::TimePoint deadline = clock_.now() + timeout;
    block.begin(nextPlane_, rateHz_, epoch_);
    while (!block.full() && !interrupted_.exchange(false)) {
        const auto left = std::max(deadline - clock_.now(), Clock::TimePoint::duration{0});
        if (!nextFrame(left) || !put(block))
            break;
    }
    publish();
    if (!block.empty())
        return ReadOutcome::Planes;
    interrupted_ = false;
    const bool draining = state() == SourceState::Draining;
    if (frames().ended()) {
        const auto reason = lossReason();
        if (reason && !draining)
            return fail(ErrorCode::DeviceLost, "{}: {}", label(), *reason);
        return ReadOutcome::End;
    }
    if (!draining && frames().timeSinceFrame() > settings_.framePatience)
        return fail(ErrorCode::DeviceLost, "{}", noFrames());
    return ReadOutcome::Idle;
}

void LiveSource::publish() {
    const double seconds =
        std::chrono::duration<double>(frames().arrived() - firstArrival_).count();
    const std::lock_guard lock(mutex_);
    readCounts().measuredRateHz =
        seconds > 0 ? static_cast<double>(nextPlane_ - firstPlane_) / seconds : 0;
}

void LiveSource::doClose() {
    releaseLink();
    forgetDevice();
    frame_.reset();
    nextPlane_ = 0;
    epoch_ = 0;
    rateHz_ = 0;
}

}  // namespace fovea
