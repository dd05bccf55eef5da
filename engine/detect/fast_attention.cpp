// SPDX-License-Identifier: Apache-2.0
// Batches end on the grid of frames, at gaps and with the calibration: never at a block's end.
#include "engine/detect/fast_attention.h"

#include <algorithm>
#include <array>
#include <bit>

namespace fovea {

namespace {

std::uint32_t stepFor(double planeRateHz) {
    const double planes = std::clamp(planeRateHz / 1000, 1.0, double{BatchFilter::maxPlanes});
    return std::bit_floor(static_cast<std::uint32_t>(planes));
}

}  // namespace

FastAttention::FastAttention(const AttentionSettings &settings, PlaneShape shape,
                             double planeRateHz, TilePool *pool)
    : settings_(settings), shape_(shape), step_(stepFor(planeRateHz)), filter_({}, {}, shape, pool),
      field_(settings.attentionSize, shape, pool), fitter_(shape),
      kept_(step_, std::vector<std::uint64_t>(shape.wordStride())) {
    pending_.reserve(step_);
}

void FastAttention::reset() {
    filter_.reset();
    field_.reset();
    fitter_.reset();
    pending_.clear();
    seen_ = 0;
    fresh_ = 0;
    started_ = false;
}

void FastAttention::finishBatch() {
    if (pending_.empty())
        return;
    filter_.filter(pending_);
    const std::size_t planes = pending_.size();
    pending_.clear();
    seen_ += planes;
    if (seen_ <= static_cast<std::uint64_t>(settings_.calibrationPlanes))
        return;
    filter_.fire();
    fresh_ += planes;
    std::array<std::uint64_t *, BoxFitter::memoryPlanes> newest{};
    const std::size_t count = std::min(planes, newest.size());
    for (std::size_t i = 0; i < count; ++i)
        newest[i] = fitter_.push();
    filter_.fired(planes - count, std::span(newest).first(count));
}

void FastAttention::finishStep(std::uint64_t end, const DetectionHandler &emit) {
    if (fresh_ == 0)
        return;
    std::array<const std::uint64_t *, fieldPlanes> planes{};
    const std::size_t count = std::min(fresh_, planes.size());
    for (std::size_t i = 0; i < count; ++i)
        planes[i] = fitter_.fired(count - 1 - i);
    for (std::size_t i = 0; i < count; i += planesPerUpdate)
        field_.update(std::span(planes).subspan(i, std::min(planesPerUpdate, count - i)));
    fresh_ = 0;
    emit({end - 1, BoxFitter::age, fitter_.detections(field_.boxes(), settings_.fitBoxes), {}});
}

void FastAttention::takePlane(const std::uint64_t *plane, const DetectionHandler &emit) {
    pending_.push_back(plane);
    ++next_;
    const bool stepEnds = next_ % step_ == 0;
    if (stepEnds ||
        seen_ + pending_.size() == static_cast<std::uint64_t>(settings_.calibrationPlanes))
        finishBatch();
    if (stepEnds)
        finishStep(next_, emit);
}

void FastAttention::skipTo(std::uint64_t number, const DetectionHandler &emit) {
    if (number == next_)
        return;
    finishBatch();
    const std::uint64_t stepEnd = next_ / step_ * step_ + step_;
    if (number >= stepEnd)
        finishStep(stepEnd, emit);
    filter_.skip(number - next_);
    next_ = number;
}

// The block goes back to its pool; planes that wait for the rest of their batch stay here.
void FastAttention::keepPending() {
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        if (pending_[i] != kept_[i].data())
            std::copy_n(pending_[i], shape_.wordStride(), kept_[i].data());
        pending_[i] = kept_[i].data();
    }
}

Result<void> FastAttention::process(const SpikeBlock &block, const DetectionHandler &emit) {
    if (block.shape() != shape_)
        return fail(ErrorCode::InvalidArgument, "detector for {} planes was given {}",
                    toString(shape_), toString(block.shape()));
    if (block.empty())
        return {};
    if (started_ && block.firstPlane() < next_)
        reset();
    if (!started_)
        next_ = block.firstPlane();
    started_ = true;
    for (std::uint32_t i = 0; i < block.planeCount(); ++i) {
        skipTo(block.planeNumber(i), emit);
        takePlane(block.plane(i), emit);
    }
    skipTo(block.endPlane(), emit);
    keepPending();
    return {};
}

}  // namespace fovea
