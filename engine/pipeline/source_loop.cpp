// SPDX-License-Identifier: Apache-2.0
// The source thread: opens, reads, counts, and comes back after a loss.
#include "engine/pipeline/backoff.h"
#include "engine/pipeline/session_run.h"

#include <algorithm>
#include <cmath>
#include <spdlog/spdlog.h>

namespace fovea {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds readTimeout{100};
constexpr milliseconds waitingLimit{200};  ///< of the second that stopping may take
constexpr std::size_t fileRingBlocks = 4;
// Shape and rate come from outside, and so do the sizes that follow from them.
constexpr std::size_t mostBlockBytes = std::size_t{64} << 20U;
constexpr double mostRingBytes = 4e9;

}  // namespace

void SessionRun::sourceLoop() {
    Result<void> done = withoutThrowing([this] { return readAll(); });
    if (!done && !(stopping_ && done.error().code == ErrorCode::Cancelled))
        report(&SessionRun::sourceError_, std::move(done.error()));
    source_->close();
    {
        const std::lock_guard lock(mutex_);
        opened_ = true;
        sourceDone_ = true;
    }
    changed_.notify_all();
    if (engineThread_.joinable())
        ring_->close();
    else
        finishSinks();
}

Result<void> SessionRun::readAll() {
    if (Result<void> opened = openSource(); !opened)
        return opened;
    for (Result<bool> more = true; *more && !stopping_;) {
        more = readOnce();
        if (!more)
            return failed(more);
    }
    countWaiting();
    return {};
}

/// Planes that are on this side of the link when somebody stops did come, too.
void SessionRun::countWaiting() {
    if (lossless_ || source_->state() != SourceState::Streaming || !source_->drain())
        return;
    const auto end = std::chrono::steady_clock::now() + waitingLimit;
    while (std::chrono::steady_clock::now() < end) {
        const Result<ReadOutcome> outcome = source_->read(*scratch_, milliseconds{10});
        if (!outcome || *outcome == ReadOutcome::End)
            return;
        if (*outcome == ReadOutcome::Idle || scratch_->empty())
            continue;
        account(*scratch_);
        ledger_.drop(DropReason::Stopped, scratch_->planeCount());
    }
}

Result<void> SessionRun::openSource() {
    Result<SourceInfo> info = source_->open();
    if (!info)
        return failed(info);
    if (Result<void> prepared = prepare(*info); !prepared)
        return prepared;
    if (Result<void> made = makeStages(*info); !made)
        return made;
    {
        const std::lock_guard lock(mutex_);
        info_ = std::move(*info);
        opened_ = true;
    }
    changed_.notify_all();
    engineThread_ = std::thread([this] { engineLoop(); });
    return {};
}

Result<void> SessionRun::prepare(const SourceInfo &info) {
    const EngineConfig sizes = config()->engine;
    lossless_ = !info.live;
    const double perMillisecond = info.planeRateHz / 1000;
    const std::size_t planeBytes = info.shape.wordStride() * sizeof(std::uint64_t);
    const std::size_t most = std::clamp<std::size_t>(mostBlockBytes / planeBytes, 1, 65536);
    const auto perBlock = static_cast<std::uint32_t>(std::clamp(
        std::round(sizes.blockMilliseconds * perMillisecond), 1.0, static_cast<double>(most)));
    const double ringBlocks =
        std::max(2.0, std::ceil(sizes.ringMilliseconds * perMillisecond / perBlock));
    const double ringBytes = ringBlocks * perBlock * static_cast<double>(planeBytes);
    if (!lossless_ && ringBytes > mostRingBytes)
        return fail(ErrorCode::Usage,
                    "engine.ring_ms: found {}, which takes {:.1f} GB at {} and {} planes/s; "
                    "allowed: up to {:.0f} GB",
                    sizes.ringMilliseconds, ringBytes / 1e9, toString(info.shape), info.planeRateHz,
                    mostRingBytes / 1e9);
    const std::size_t inRing = lossless_ ? fileRingBlocks : static_cast<std::size_t>(ringBlocks);
    ring_ = std::make_unique<BoundedQueue<SpikeBlockPtr>>(
        inRing, lossless_ ? QueuePolicy::Block : QueuePolicy::DropNewest);
    // Histories and outputs hold blocks, too.
    pool_ = BlockPool::create(info.shape, perBlock, 2 * inRing + 48);
    scratch_ = std::make_unique<SpikeBlock>(info.shape, perBlock);
    const std::lock_guard lock(infoSlot_->mutex);
    infoSlot_->info = info;
    return {};
}

Result<bool> SessionRun::readOnce() {
    std::shared_ptr<SpikeBlock> block = pool_->tryAcquire();
    if (!block && lossless_)
        return pauseFor(milliseconds{1});
    SpikeBlock &target = block ? *block : *scratch_;
    Result<ReadOutcome> outcome = source_->read(target, readTimeout);
    if (!outcome && outcome.error().code == ErrorCode::DeviceLost)
        return reopenSource(std::move(outcome.error()));
    if (!outcome)
        return failed(outcome);
    if (*outcome == ReadOutcome::End)
        return false;
    if (*outcome == ReadOutcome::Idle || target.empty())
        return true;
    account(target);
    const std::uint32_t planes = target.planeCount();
    if (!block) {
        ledger_.drop(DropReason::Buffer, planes);
        return true;
    }
    inFlight_ += planes;
    if (!ring_->push(std::move(block)))
        leave(ring_->closed() ? DropReason::Engine : DropReason::Ring, planes);
    return true;
}

/// Planes that were on their way are so no more, and lost.
void SessionRun::leave(DropReason reason, std::uint64_t planes) {
    ledger_.drop(reason, planes);
    inFlight_ -= planes;
}

void SessionRun::account(const SpikeBlock &block) {
    const std::uint64_t spanned = block.spanned();
    ledger_.receive(spanned);
    // Whatever lost a plane before it came here: for us it never came. What a live driver had no
    // room for did come.
    for (const Gap &gap : block.gaps()) {
        const bool known =
            gap.reason == DropReason::Skipped || (!lossless_ && gap.reason == DropReason::Buffer);
        ledger_.drop(known ? gap.reason : DropReason::Link, gap.planes);
    }
    const TimePoint now = clock_.now();
    sourceMeter_.add(static_cast<double>(spanned), now);
    lastPlaneTime_ = now.time_since_epoch().count();
}

Result<bool> SessionRun::reopenSource(Error loss) {
    const TimePoint lost = clock_.now();
    const bool waits = config()->source.reconnect;
    SourceInfo before;
    {
        const std::lock_guard lock(mutex_);
        before = *info_;
        ++losses_;
        lossReason_ = loss.message;
    }
    loss.message = "source lost: " + loss.message + (waits ? "; waiting for it to come back" : "");
    if (!waits)
        return tl::make_unexpected(std::move(loss));
    report(&SessionRun::sourceError_, std::move(loss));
    Backoff backoff(static_cast<std::uint64_t>(lost.time_since_epoch().count()));
    while (pauseFor(backoff.next())) {
        Result<bool> there = tryReopen(before);
        if (there && !*there)
            continue;
        if (there)
            noteReturn(lost);
        return there;
    }
    return false;
}

Result<bool> SessionRun::tryReopen(const SourceInfo &before) {
    Result<SourceInfo> info = source_->open();
    if (!info) {
        report(&SessionRun::sourceError_, std::move(info.error()));
        return false;
    }
    if (info->shape != before.shape || info->planeRateHz != before.planeRateHz)
        return fail(
            ErrorCode::DeviceLost, "the source came back as {} at {} planes/s, it was {} at {}",
            toString(info->shape), info->planeRateHz, toString(before.shape), before.planeRateHz);
    return true;
}

void SessionRun::noteReturn(TimePoint lost) {
    {
        const std::lock_guard lock(mutex_);
        ++reconnects_;
    }
    report(&SessionRun::sourceError_, std::nullopt);
    spdlog::warn("the source is back after {:.1f} s",
                 std::chrono::duration<double>(clock_.now() - lost).count());
}

bool SessionRun::pauseFor(std::chrono::nanoseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [&] { return stopping_.load(); });
    return !stopping_;
}

}  // namespace fovea
