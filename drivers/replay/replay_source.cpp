// SPDX-License-Identifier: Apache-2.0
// Reads what the play head asks for, and waits when it says so.
#include "drivers/replay/replay_source.h"

#include <algorithm>
#include <utility>

namespace fovea {

ReplaySource::ReplaySource(ReplaySettings settings, Clock &clock)
    : settings_(std::move(settings)), clock_(clock), head_(settings_.play, clock) {}

Result<SourceInfo> ReplaySource::doOpen() {
    SpikeFileOptions options = settings_.file;
    options.stop = opening_.get_token();
    Result<SpikeFile> file = SpikeFile::open(settings_.path, options);
    if (!file)
        return failed(file);
    const SpikeFileInfo &found = file->info();
    if (auto loaded = head_.load(found.planes, found.rateHz); !loaded)
        return fail(loaded.error().code, "{}: {}", settings_.path.string(), loaded.error().message);
    SourceInfo info;
    info.shape = found.shape;
    info.planeRateHz = found.rateHz;
    info.rateAssumed = found.rateAssumed;
    info.planes = found.planes;
    info.name = settings_.path.filename().string();
    info.serial = found.descriptor ? found.descriptor->serial : std::string();
    info.warnings = found.warnings;
    file_ = std::move(*file);
    ended_ = false;
    interrupted_ = false;
    return info;
}

void ReplaySource::interrupt() {
    interrupted_ = true;
    if (state() == SourceState::Opening)
        opening_.request_stop();
    clock_.wake();
}

Result<ReadOutcome> ReplaySource::doRead(SpikeBlock &block, std::chrono::milliseconds timeout) {
    if (block.shape() != file_->info().shape || block.capacity() == 0)
        return fail(ErrorCode::InvalidArgument,
                    "{}: the block is for {} planes of {}, planes are {}", settings_.path.string(),
                    block.capacity(), toString(block.shape()), toString(file_->info().shape));
    const Clock::TimePoint deadline = clock_.now() + timeout;
    for (;;) {
        const std::uint64_t wakes = clock_.wakes();
        const bool late = clock_.now() >= deadline;
        const bool interrupted = interrupted_.exchange(false);
        if (ended_) {
            block.begin(0, file_->info().rateHz);
            return ReadOutcome::End;
        }
        const PlayHead::Task task = head_.next(block.capacity(), late);
        if (task.kind != PlayHead::Kind::Wait && !interrupted)
            return perform(task, block);
        if (late || interrupted) {
            block.begin(task.from, file_->info().rateHz, task.epoch);
            return ReadOutcome::Idle;
        }
        clock_.waitUntil(std::min(deadline, task.until), wakes);
    }
}

Result<ReadOutcome> ReplaySource::perform(const PlayHead::Task &task, SpikeBlock &block) {
    block.begin(task.from, file_->info().rateHz, task.epoch);
    if (task.kind == PlayHead::Kind::End)
        return ReadOutcome::End;
    if (task.kind == PlayHead::Kind::Skip) {
        skip(task, block);
    } else if (auto ok = readPlanes(task, block); !ok) {
        ended_ = true;
        return failed(ok);
    }
    block.setCaptureTime(clock_.now());
    head_.done(task, block.endPlane());
    return ReadOutcome::Planes;
}

/// The planes before one that cannot be read count, too; the error comes again at that one.
Result<void> ReplaySource::readPlanes(const PlayHead::Task &task, SpikeBlock &block) const {
    const auto read = [&](std::uint64_t planes) {
        return file_->read(task.from, task.from + planes, block, task.epoch);
    };
    auto done = read(task.planes);
    std::uint64_t good = 0;
    for (std::uint64_t bad = done ? 1 : task.planes; bad - good > 1;) {
        const std::uint64_t some = good + (bad - good) / 2;
        (read(some) ? good : bad) = some;
    }
    return good > 0 ? read(good) : done;
}

/// Planes that the recording has lost stay lost for its own reason.
void ReplaySource::skip(const PlayHead::Task &task, SpikeBlock &block) const {
    const std::uint64_t end = task.from + task.planes;
    std::uint64_t plane = task.from;
    std::uint64_t lostBefore = 0;
    for (const RecordingGap &gap : file_->info().gaps) {
        const std::uint64_t first = gap.before + lostBefore;
        lostBefore += gap.planes;
        const std::uint64_t last = std::min(end, first + gap.planes);
        if (last <= plane || first >= end)
            continue;
        block.appendGap(std::max(first, plane) - plane, DropReason::Skipped);
        plane = std::max(first, plane);
        block.appendGap(last - plane, gap.reason);
        plane = last;
    }
    block.appendGap(end - plane, DropReason::Skipped);
}

}  // namespace fovea
