// SPDX-License-Identifier: Apache-2.0
// Batches end on the grid of frames, at gaps and with the calibration: never at a block's end.
#include "engine/detect/fast_attention.h"

#include "engine/detect/device_attention.h"

#include <algorithm>
#include <bit>

namespace fovea {

namespace {

std::uint32_t stepFor(double planeRateHz) {
    const double planes = std::clamp(planeRateHz / 1000, 1.0, double{BatchFilter::maxPlanes});
    return std::bit_floor(static_cast<std::uint32_t>(planes));
}

}  // namespace

FastAttention::FastAttention(const AttentionSettings &settings, PlaneShape shape,
                             double planeRateHz, TilePool *pool, Backend *backend)
    : settings_(settings), shape_(shape), pool_(pool), backend_(backend),
      step_(stepFor(planeRateHz)), kept_(step_, std::vector<std::uint64_t>(shape.wordStride())) {
    now_.pending.reserve(step_);
    if (std::unique_ptr<Device> device = backend != nullptr ? backend->device() : nullptr) {
        auto chain = std::make_unique<DeviceAttention>(settings, shape, std::move(device));
        if (const Result<void> made = chain->result())
            chain_ = std::move(chain);
        else
            backend->giveUp(made.error());
    }
    if (chain_ == nullptr)
        chain_ = std::make_unique<CpuAttention>(settings, shape, pool);
}

void FastAttention::reset() {
    chain_->reset();
    now_.pending.clear();
    now_.seen = 0;
    now_.fresh = 0;
    now_.started = false;
}

void FastAttention::finishBatch() {
    if (now_.pending.empty())
        return;
    const std::size_t planes = now_.pending.size();
    const bool fire = now_.seen + planes > static_cast<std::uint64_t>(settings_.calibrationPlanes);
    chain_->take(now_.pending, fire);
    now_.pending.clear();
    now_.seen += planes;
    if (fire)
        now_.fresh += planes;
}

void FastAttention::finishStep(std::uint64_t end, const DetectionHandler &emit) {
    if (now_.fresh == 0)
        return;
    chain_->finishStep(end, std::min(now_.fresh, AttentionChain::fieldPlanes), emit);
    now_.fresh = 0;
}

void FastAttention::takePlane(const std::uint64_t *plane, const DetectionHandler &emit) {
    now_.pending.push_back(plane);
    ++now_.next;
    const bool stepEnds = now_.next % step_ == 0;
    if (stepEnds ||
        now_.seen + now_.pending.size() == static_cast<std::uint64_t>(settings_.calibrationPlanes))
        finishBatch();
    if (stepEnds)
        finishStep(now_.next, emit);
}

void FastAttention::skipTo(std::uint64_t number, const DetectionHandler &emit) {
    if (number == now_.next)
        return;
    finishBatch();
    const std::uint64_t stepEnd = now_.next / step_ * step_ + step_;
    if (number >= stepEnd)
        finishStep(stepEnd, emit);
    chain_->skip(number - now_.next);
    now_.next = number;
}

// The block goes back to its pool; planes that wait for the rest of their batch stay here.
void FastAttention::keepPending() {
    for (std::size_t i = 0; i < now_.pending.size(); ++i) {
        if (now_.pending[i] != kept_[i].data())
            std::copy_n(now_.pending[i], shape_.wordStride(), kept_[i].data());
        now_.pending[i] = kept_[i].data();
    }
}

void FastAttention::takeBlock(const SpikeBlock &block, const DetectionHandler &emit) {
    if (now_.started && block.firstPlane() < now_.next)
        reset();
    if (!now_.started)
        now_.next = block.firstPlane();
    now_.started = true;
    for (std::uint32_t i = 0; i < block.planeCount(); ++i) {
        skipTo(block.planeNumber(i), emit);
        takePlane(block.plane(i), emit);
    }
    skipTo(block.endPlane(), emit);
}

Result<void> FastAttention::process(const SpikeBlock &block, const DetectionHandler &emit) {
    if (block.shape() != shape_)
        return fail(ErrorCode::InvalidArgument, "detector for {} planes was given {}",
                    toString(shape_), toString(block.shape()));
    if (block.empty())
        return {};
    before_ = now_;
    std::size_t emitted = 0;
    const DetectionHandler count = [&](const DetectionFrame &frame) {
        ++emitted;
        emit(frame);
    };
    takeBlock(block, count);
    if (const Result<void> done = chain_->finishBlock(count); !done) {
        backend_->giveUp(done.error());
        auto cpu = std::make_unique<CpuAttention>(settings_, shape_, pool_);
        cpu->setState(chain_->state());
        chain_ = std::move(cpu);
        now_ = before_;
        takeBlock(block, [&](const DetectionFrame &frame) {
            if (emitted > 0)
                --emitted;
            else
                emit(frame);
        });
    }
    keepPending();
    return {};
}

}  // namespace fovea
