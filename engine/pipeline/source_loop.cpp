// SPDX-License-Identifier: Apache-2.0
// The source thread: opens, reads, counts, and comes back after a loss.
#include "engine/pipeline/session_run.h"

#include <algorithm>
#include <cmath>
#include <spdlog/spdlog.h>

namespace fovea {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds readTimeout{100};
constexpr milliseconds firstRetry{250};
constexpr milliseconds lastRetry{5000};
constexpr std::size_t fileRingBlocks = 4;

}  // namespace

void SessionRun::sourceLoop() {
    if (openSource()) {
        while (!stopping_ && readOnce()) {
        }
        source_->close();
    }
    {
        const std::lock_guard lock(mutex_);
        opened_ = true;
        sourceDone_ = true;
    }
    changed_.notify_all();
    if (ring_)
        ring_->close();
    else
        finishSinks();
}

bool SessionRun::openSource() {
    Result<SourceInfo> info = source_->open();
    if (!info) {
        giveUp(std::move(info.error()));
        return false;
    }
    prepare(*info);
    if (!makeStages()) {
        ring_.reset();
        source_->close();
        return false;
    }
    {
        const std::lock_guard lock(mutex_);
        info_ = std::move(*info);
        opened_ = true;
    }
    changed_.notify_all();
    engineThread_ = std::thread([this] { engineLoop(); });
    return true;
}

void SessionRun::prepare(const SourceInfo &info) {
    const std::shared_ptr<const Config> config = [&] {
        const std::lock_guard lock(mutex_);
        return config_;
    }();
    lossless_ = !info.live;
    const double perMillisecond = info.planeRateHz / 1000;
    const auto perBlock = static_cast<std::uint32_t>(
        std::clamp(std::round(config->engine.blockMilliseconds * perMillisecond), 1.0, 65536.0));
    const auto ringBlocks = static_cast<std::size_t>(
        std::max(2.0, std::ceil(config->engine.ringMilliseconds * perMillisecond / perBlock)));
    const std::size_t inRing = lossless_ ? std::min(fileRingBlocks, ringBlocks) : ringBlocks;
    ring_ = std::make_unique<BoundedQueue<SpikeBlockPtr>>(
        inRing, lossless_ ? QueuePolicy::Block : QueuePolicy::DropNewest);
    // Histories and outputs hold blocks too. Memory of a block is touched only when it is filled.
    pool_ = BlockPool::create(info.shape, perBlock, 2 * inRing + 48);
    scratch_ = std::make_unique<SpikeBlock>(info.shape, perBlock);
    const std::lock_guard lock(infoSlot_->mutex);
    infoSlot_->info = info;
}

bool SessionRun::readOnce() {
    std::shared_ptr<SpikeBlock> block = pool_->tryAcquire();
    if (!block && lossless_)
        return pauseFor(milliseconds{1});
    SpikeBlock &target = block ? *block : *scratch_;
    Result<ReadOutcome> outcome = source_->read(target, readTimeout);
    if (!outcome) {
        if (outcome.error().code == ErrorCode::DeviceLost) {
            spdlog::warn("source lost: {}", outcome.error().message);
            return reopenSource();
        }
        giveUp(std::move(outcome.error()));
        return false;
    }
    if (*outcome == ReadOutcome::End)
        return false;
    if (*outcome == ReadOutcome::Idle || target.empty())
        return true;
    account(target);
    const std::uint32_t planes = target.planeCount();
    if (!block)
        ledger_.drop(DropReason::Buffer, planes);
    else if (!ring_->push(std::move(block)))
        ledger_.drop(ring_->closed() ? DropReason::Stopped : DropReason::Ring, planes);
    return true;
}

void SessionRun::account(const SpikeBlock &block) {
    const std::uint64_t spanned = block.spanned();
    ledger_.receive(spanned);
    for (const Gap &gap : block.gaps())
        ledger_.drop(gap.reason, gap.planes);
    const TimePoint now = clock_.now();
    sourceMeter_.add(static_cast<double>(spanned), now);
    lastPlaneTime_ = now.time_since_epoch().count();
}

bool SessionRun::reopenSource() {
    milliseconds wait = firstRetry;
    const std::optional<SourceInfo> before = [&] {
        const std::lock_guard lock(mutex_);
        return info_;
    }();
    while (pauseFor(wait)) {
        Result<SourceInfo> info = source_->open();
        if (info && info->shape == before->shape && info->planeRateHz == before->planeRateHz) {
            ++reconnects_;
            const std::lock_guard lock(mutex_);
            error_.reset();
            return true;
        }
        if (info) {
            source_->close();
            giveUp({ErrorCode::DeviceLost,
                    fmt::format("the source came back as {} at {} planes/s, it was {} at {}",
                                toString(info->shape), info->planeRateHz, toString(before->shape),
                                before->planeRateHz)});
            return false;
        }
        {
            const std::lock_guard lock(mutex_);
            error_ = std::move(info.error());
        }
        wait = std::min(wait * 2, lastRetry);
    }
    return false;
}

void SessionRun::giveUp(Error error) {
    spdlog::error("{}", error.message);
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
}

bool SessionRun::pauseFor(std::chrono::nanoseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [&] { return stopping_.load(); });
    return !stopping_;
}

}  // namespace fovea
