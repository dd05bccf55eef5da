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

void SpikeBlock::removeLast() {
    assert(planeCount_ > 0 && (gaps_.empty() || gaps_.back().beforeIndex < planeCount_));
    --planeCount_;
}

void SpikeBlock::appendGap(std::uint64_t planes, DropReason reason) {
    if (planes == 0)
        return;
    if (!gaps_.empty() && gaps_.back().beforeIndex == planeCount_ && gaps_.back().reason == reason)
        gaps_.back().planes += planes;
    else
        gaps_.push_back({planeCount_, reason, planes});
}

void SpikeBlock::copyFrom(const SpikeBlock &other) {
    assert(other.shape_ == shape_ && other.planeCount_ <= capacity_);
    planeCount_ = other.planeCount_;
    epoch_ = other.epoch_;
    firstPlane_ = other.firstPlane_;
    planeRateHz_ = other.planeRateHz_;
    captureTime_ = other.captureTime_;
    gaps_ = other.gaps_;
    std::memcpy(words_.get(), other.words_.get(), shape_.wordStride() * planeCount_ * 8);
}

std::shared_ptr<BlockPool> BlockPool::create(PlaneShape shape, std::uint32_t planesPerBlock,
                                             std::size_t blocks) {
    std::shared_ptr<BlockPool> pool(new BlockPool);
    pool->size_ = blocks;
    pool->free_.reserve(blocks);
    for (std::size_t i = 0; i < blocks; ++i)
        pool->free_.push_back(std::make_unique<SpikeBlock>(shape, planesPerBlock));
    return pool;
}

std::shared_ptr<SpikeBlock> BlockPool::tryAcquire() {
    std::unique_ptr<SpikeBlock> block;
    {
        std::lock_guard lock(mutex_);
        if (free_.empty())
            return nullptr;
        block = std::move(free_.back());
        free_.pop_back();
    }
    return {block.release(), [pool = shared_from_this()](SpikeBlock *b) { pool->giveBack(b); }};
}

std::size_t BlockPool::available() const {
    std::lock_guard lock(mutex_);
    return free_.size();
}

void BlockPool::giveBack(SpikeBlock *block) {
    std::unique_ptr<SpikeBlock> owned(block);
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(owned));
}

}  // namespace fovea
