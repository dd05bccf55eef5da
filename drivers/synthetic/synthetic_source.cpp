// SPDX-License-Identifier: Apache-2.0
// Pace, loss and life cycle of the synthetic camera.
#include "drivers/synthetic/synthetic_source.h"

#include "drivers/synthetic/scene.h"
#include "drivers/synthetic/sensor.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace fovea {

namespace {
constexpr double blockSeconds = 0.01;
}

SyntheticSource::SyntheticSource(const SyntheticSettings &settings, Clock &clock)
    : settings_(settings), clock_(clock) {
    if (settings_.check())
        scene_ = std::make_unique<const synthetic::Scene>(settings_);
}

SyntheticSource::~SyntheticSource() = default;

const GroundTruth *SyntheticSource::truth() const {
    return scene_.get();
}

Result<SourceInfo> SyntheticSource::doOpen() {
    if (auto ok = settings_.check(); !ok)
        return failed(ok);
    sensor_ = std::make_unique<synthetic::Sensor>(*scene_, settings_);
    given_ = 0;
    end_ = settings_.planes.value_or(std::numeric_limits<std::uint64_t>::max());
    interrupted_ = false;
    pace_ = {clock_.now(), settings_.planeRateHz};
    SourceInfo info;
    info.shape = settings_.shape;
    info.planeRateHz = settings_.planeRateHz;
    info.planes = settings_.planes;
    info.name = "Synthetic camera";
    info.live = settings_.paced;
    return info;
}

void SyntheticSource::interrupt() {
    interrupted_ = true;
    clock_.wake();
}

void SyntheticSource::doDrain() {
    end_ = settings_.paced ? std::min(end_, std::max(given_, due())) : given_;
}

void SyntheticSource::doClose() {
    sensor_.reset();
}

std::uint64_t SyntheticSource::due() const {
    return std::min(end_, pace_.planesAt(clock_.now()));
}

/// Planes that can be given now; 0 = none came in time, or interrupted.
std::uint64_t SyntheticSource::waitForPlanes(std::uint64_t wanted,
                                             std::chrono::milliseconds timeout) {
    const Clock::TimePoint deadline = clock_.now() + timeout;
    for (;;) {
        const std::uint64_t wakes = clock_.wakes();
        if (interrupted_.exchange(false))
            return 0;
        const std::uint64_t ready = std::max(due(), given_) - given_;
        if (ready >= wanted || clock_.now() >= deadline)
            return ready;
        clock_.waitUntil(std::min(deadline, pace_.timeOf(given_ + wanted)), wakes);
    }
}

Result<ReadOutcome> SyntheticSource::doRead(SpikeBlock &block, std::chrono::milliseconds timeout) {
    if (block.shape() != settings_.shape || block.capacity() == 0)
        return fail(ErrorCode::InvalidArgument,
                    "synthetic source: the block is for {} planes of {}, planes are {}",
                    block.capacity(), toString(block.shape()), toString(settings_.shape));
    block.begin(settings_.firstPlane + given_, settings_.planeRateHz);
    if (given_ >= end_)
        return ReadOutcome::End;
    std::uint64_t wanted = std::min<std::uint64_t>(block.capacity(), end_ - given_);
    if (!settings_.paced) {
        fill(block, wanted);
        block.setCaptureTime(clock_.now());
        return ReadOutcome::Planes;
    }
    const auto tenMs = static_cast<std::uint64_t>(settings_.planeRateHz * blockSeconds);
    wanted = std::min(wanted, std::max<std::uint64_t>(1, tenMs));
    std::uint64_t ready = waitForPlanes(wanted, timeout);
    if (ready == 0)
        return ReadOutcome::Idle;
    const auto kept = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(settings_.planeRateHz * bufferSeconds));
    if (ready > kept) {
        block.appendGap(ready - kept, DropReason::Buffer);
        given_ += ready - kept;
        ready = kept;
    }
    fill(block, std::min(wanted, ready));
    block.setCaptureTime(pace_.timeOf(given_));
    return ReadOutcome::Planes;
}

void SyntheticSource::fill(SpikeBlock &block, std::uint64_t count) {
    std::vector<std::uint64_t *> planes;
    planes.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count; ++i)
        planes.push_back(block.append());
    sensor_->expose(settings_.firstPlane + given_, planes);
    given_ += count;
}

}  // namespace fovea
