// SPDX-License-Identifier: Apache-2.0
// Storage of blocks and the pool that takes them back.
#include "engine/core/spike_block.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace fovea {

namespace {
constexpr std::size_t alignment = 64;
}

void SpikeBlock::AlignedDelete::operator()(std::uint64_t *words) const {
    ::operator delete[](words, std::align_val_t{alignment});
}

SpikeBlock::SpikeBlock(PlaneShape shape, std::uint32_t capacity)
    : shape_(shape), capacity_(capacity) {
    const std::size_t words = std::max<std::size_t>(1, shape.wordStride() * capacity);
    words_.reset(new (std::align_val_t{alignment}) std::uint64_t[words]);
    gaps_.reserve(16);
}

std::uint64_t SpikeBlock::spanned() const {
    std::uint64_t planes = planeCount_;
    for (const Gap &gap : gaps_)
        planes += gap.planes;
    return planes;
}

std::uint64_t SpikeBlock::planeNumber(std::uint32_t index) const {
    std::uint64_t number = firstPlane_ + index;
    for (const Gap &gap : gaps_) {
        if (gap.beforeIndex > index)
            break;
        number += gap.planes;
    }
    return number;
}

void SpikeBlock::begin(std::uint64_t firstPlane, double planeRateHz, std::uint32_t epoch) {
    firstPlane_ = firstPlane;
    planeRateHz_ = planeRateHz;
    epoch_ = epoch;
    planeCount_ = 0;
    captureTime_ = {};
    gaps_.clear();
}

std::uint64_t *SpikeBlock::append() {
    assert(!full());
    return plane(planeCount_++);
}

void SpikeBlock::appendGap(std::uint64_t planes, DropReason reason) {
    if (planes == 0)
        return;
    if (!gaps_.empty() && gaps_.back().beforeIndex == planeCount_ && gaps_.back().reason == reason)
        gaps_.back().planes += planes;
    else
        gaps_.push_back({planeCount_, reason, planes});
}

void SpikeBlock::append(const SpikeBlock &next) {
    assert(next.shape_ == shape_ && next.planeCount_ <= capacity_ - planeCount_);
    assert(next.firstPlane_ == endPlane());
    const std::uint32_t before = planeCount_;
    for (const Gap &gap : next.gaps_) {
        planeCount_ = before + gap.beforeIndex;
        appendGap(gap.planes, gap.reason);
    }
    planeCount_ = before + next.planeCount_;
    captureTime_ = next.captureTime_;
    std::memcpy(plane(before), next.words_.get(), shape_.wordStride() * next.planeCount_ * 8);
}

void SpikeBlock::copyFrom(const SpikeBlock &other) {
    begin(other.firstPlane_, other.planeRateHz_, other.epoch_);
    append(other);
}

std::shared_ptr<BlockPool> BlockPool::create(PlaneShape shape, std::uint32_t planesPerBlock,
                                             std::size_t blocks) {
    return std::shared_ptr<BlockPool>(new BlockPool(shape, planesPerBlock, blocks));
}

std::shared_ptr<SpikeBlock> BlockPool::tryAcquire() {
    std::unique_ptr<SpikeBlock> block;
    {
        std::lock_guard lock(mutex_);
        if (!free_.empty()) {
            block = std::move(free_.back());
            free_.pop_back();
        } else if (unborn_ > 0) {
            block = std::make_unique<SpikeBlock>(shape_, planesPerBlock_);
            --unborn_;
        } else {
            return nullptr;
        }
    }
    return {block.release(), [pool = shared_from_this()](SpikeBlock *b) { pool->giveBack(b); }};
}

void BlockPool::giveBack(SpikeBlock *block) {
    std::unique_ptr<SpikeBlock> owned(block);
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(owned));
}

}  // namespace fovea
