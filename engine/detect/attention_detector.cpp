// SPDX-License-Identifier: Apache-2.0
// The chain plane by plane, on the CPU or on a device.
#include "engine/detect/attention_detector.h"

#include <algorithm>

namespace fovea {

AttentionDetector::AttentionDetector(const AttentionSettings &settings, PlaneShape shape,
                                     Backend *backend)
    : settings_(settings), shape_(shape), backend_(backend), filter_({}, shape), layer_({}, shape),
      field_(settings.attentionSize, shape), fitter_(shape), passed_(shape.wordStride()) {
    std::unique_ptr<Device> device = backend != nullptr ? backend->device() : nullptr;
    if (device == nullptr)
        return;
    device_ = std::make_unique<DeviceExact>(settings, shape, std::move(device));
    if (const Result<void> made = device_->result(); !made) {
        backend->giveUp(made.error());
        device_.reset();
    }
}

void AttentionDetector::reset() {
    if (device_ != nullptr) {
        device_->reset();
    } else {
        filter_.reset();
        layer_.reset();
        field_.reset();
        fitter_.reset();
    }
    now_.started = false;
    now_.seen = 0;
}

void AttentionDetector::takePlane(const std::uint64_t *plane, std::uint64_t number,
                                  const DetectionHandler &emit) {
    filter_.update(plane, passed_.data());
    if (now_.seen++ < static_cast<std::uint64_t>(settings_.calibrationPlanes))
        return;
    std::uint64_t *fired = fitter_.push();
    layer_.update(passed_.data(), fired);
    field_.update(fired);
    emit({number, BoxFitter::age, fitter_.detections(field_.boxes(), settings_.fitBoxes), {}});
}

void AttentionDetector::begin(const SpikeBlock &block) {
    if (now_.started && block.firstPlane() < now_.next)
        reset();
    if (!now_.started)
        now_.next = block.firstPlane();
    now_.started = true;
}

void AttentionDetector::takeBlock(const SpikeBlock &block, const DetectionHandler &emit) {
    begin(block);
    for (std::uint32_t i = 0; i < block.planeCount(); ++i) {
        const std::uint64_t number = block.planeNumber(i);
        filter_.skip(number - now_.next);
        takePlane(block.plane(i), number, emit);
        now_.next = number + 1;
    }
    filter_.skip(block.endPlane() - now_.next);
    now_.next = block.endPlane();
}

/// Batches end at lost planes, with the calibration and where they are full.
void AttentionDetector::takeOnDevice(const SpikeBlock &block, const DetectionHandler &emit) {
    begin(block);
    const auto calibration = static_cast<std::uint64_t>(settings_.calibrationPlanes);
    std::vector<const std::uint64_t *> batch;
    const auto flush = [&] {
        if (!batch.empty())
            device_->take(batch, now_.next - batch.size(), now_.seen > calibration, emit);
        batch.clear();
    };
    for (std::uint32_t i = 0; i < block.planeCount(); ++i) {
        const std::uint64_t number = block.planeNumber(i);
        if (number != now_.next) {
            flush();
            device_->skip(number - now_.next);
        }
        batch.push_back(block.plane(i));
        now_.next = number + 1;
        ++now_.seen;
        if (batch.size() == DeviceExact::maxPlanes || now_.seen == calibration)
            flush();
    }
    flush();
    device_->skip(block.endPlane() - now_.next);
    now_.next = block.endPlane();
}

void AttentionDetector::goOnFrom(const ExactState &state) {
    filter_.setState(state.R, state.u, state.gradient, state.silent);
    layer_.setPotential(state.potential);
    field_.setPotential(state.field);
    for (std::size_t ago = BoxFitter::memoryPlanes; ago-- > 0;) {
        std::uint64_t *plane = fitter_.push();
        std::fill_n(plane, shape_.wordStride(), std::uint64_t{0});
        for (std::size_t p = 0; p < shape_.pixels(); ++p)
            if (((state.history[p] >> ago) & 1U) != 0)
                setBit(plane, p);
    }
}

Result<void> AttentionDetector::process(const SpikeBlock &block, const DetectionHandler &emit) {
    if (block.shape() != shape_)
        return fail(ErrorCode::InvalidArgument, "detector for {} planes was given {}",
                    toString(shape_), toString(block.shape()));
    if (block.empty())
        return {};
    if (device_ == nullptr) {
        takeBlock(block, emit);
        return {};
    }
    const Progress before = now_;
    std::size_t emitted = 0;
    const DetectionHandler count = [&](const DetectionFrame &frame) {
        ++emitted;
        emit(frame);
    };
    takeOnDevice(block, count);
    if (const Result<void> done = device_->finishBlock(count); !done) {
        backend_->giveUp(done.error());
        goOnFrom(device_->state());
        device_.reset();
        now_ = before;
        takeBlock(block, [&](const DetectionFrame &frame) {
            if (emitted > 0)
                --emitted;
            else
                emit(frame);
        });
    }
    return {};
}

}  // namespace fovea
