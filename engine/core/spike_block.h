// SPDX-License-Identifier: Apache-2.0
// The only currency: some consecutive binary planes, bit-packed, numbered, with their gaps.
#pragma once

#include "engine/core/counters.h"
#include "engine/core/error.h"
#include "engine/core/plane_bits.h"
#include "engine/core/plane_shape.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace fovea {

/// Planes that are missing just before stored plane `beforeIndex` of a block
/// (`beforeIndex == planeCount()`: after the last one).
struct Gap {
    std::uint32_t beforeIndex = 0;
    DropReason reason = DropReason::Link;
    std::uint64_t planes = 0;

    friend bool operator==(const Gap &, const Gap &) = default;
};

/// Consecutive planes in display orientation (row 0 is the top row).
///
/// A block spans the plane numbers [firstPlane(), endPlane()); those of its gaps have no data.
/// Threads: filled by one thread, then shared as const.
class SpikeBlock {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Allocates room for `capacity` planes, 64-byte aligned.
    SpikeBlock(PlaneShape shape, std::uint32_t capacity);

    [[nodiscard]] PlaneShape shape() const { return shape_; }
    [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
    [[nodiscard]] std::uint32_t planeCount() const { return planeCount_; }
    [[nodiscard]] bool empty() const { return planeCount_ == 0 && gaps_.empty(); }
    [[nodiscard]] double planeRateHz() const { return planeRateHz_; }
    /// When the last plane was due or arrived (monotonic clock).
    [[nodiscard]] TimePoint captureTime() const { return captureTime_; }
    /// Grows by one whenever plane numbers jump because a person seeked or the file looped.
    [[nodiscard]] std::uint32_t epoch() const { return epoch_; }

    [[nodiscard]] std::uint64_t firstPlane() const { return firstPlane_; }
    [[nodiscard]] std::uint64_t endPlane() const { return firstPlane_ + spanned(); }
    /// Stored planes plus planes in gaps.
    [[nodiscard]] std::uint64_t spanned() const;
    [[nodiscard]] std::span<const Gap> gaps() const { return gaps_; }
    /// 64-bit number of stored plane `index`.
    [[nodiscard]] std::uint64_t planeNumber(std::uint32_t index) const;

    [[nodiscard]] const std::uint64_t *plane(std::uint32_t index) const {
        return words_.get() + index * shape_.wordStride();
    }
    [[nodiscard]] std::uint64_t *plane(std::uint32_t index) {
        return words_.get() + index * shape_.wordStride();
    }

    /// Empties the block and gives it its place in time.
    void begin(std::uint64_t firstPlane, double planeRateHz, std::uint32_t epoch = 0);
    /// Next plane to fill (its words are unspecified until written); the block must not be full.
    [[nodiscard]] std::uint64_t *append();
    /// Records `planes` missing planes after what is stored so far.
    void appendGap(std::uint64_t planes, DropReason reason);
    void setCaptureTime(TimePoint time) { captureTime_ = time; }
    [[nodiscard]] bool full() const { return planeCount_ == capacity_; }
    /// Adds the planes and gaps of `next`, which must have this shape, fit in, and begin where this
    /// block ends. The capture time becomes that of `next`.
    void append(const SpikeBlock &next);
    /// Same planes, numbers, gaps, times as `other`, which must have this shape and fit in.
    void copyFrom(const SpikeBlock &other);

private:
    struct AlignedDelete {
        void operator()(std::uint64_t *words) const;
    };
    PlaneShape shape_;
    std::uint32_t capacity_ = 0;
    std::uint32_t planeCount_ = 0;
    std::uint32_t epoch_ = 0;
    std::uint64_t firstPlane_ = 0;
    double planeRateHz_ = 0;
    TimePoint captureTime_{};
    std::vector<Gap> gaps_;
    std::unique_ptr<std::uint64_t, AlignedDelete> words_;
};

using SpikeBlockPtr = std::shared_ptr<const SpikeBlock>;

/// A bounded number of blocks that come back by themselves when their last owner lets go.
///
/// Threads: any.
class BlockPool : public std::enable_shared_from_this<BlockPool> {
public:
    [[nodiscard]] static std::shared_ptr<BlockPool>
    create(PlaneShape shape, std::uint32_t planesPerBlock, std::size_t blocks);
    /// Null when all blocks are in use. A block is allocated when it is needed for the first time,
    /// so the pool takes the memory that its use takes.
    [[nodiscard]] std::shared_ptr<SpikeBlock> tryAcquire();

private:
    BlockPool(PlaneShape shape, std::uint32_t planesPerBlock, std::size_t blocks)
        : shape_(shape), planesPerBlock_(planesPerBlock), unborn_(blocks) {}
    void giveBack(SpikeBlock *block);

    const PlaneShape shape_;
    const std::uint32_t planesPerBlock_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<SpikeBlock>> free_;
    std::size_t unborn_;  ///< blocks that may still be allocated
};

}  // namespace fovea
