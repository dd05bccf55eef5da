// SPDX-License-Identifier: Apache-2.0
// The chain plane by plane, and the fit of boxes.
#include "engine/detect/attention_detector.h"

namespace fovea {

AttentionDetector::AttentionDetector(const AttentionSettings &settings, PlaneShape shape)
    : settings_(settings), shape_(shape), filter_({}, shape), layer_({}, shape),
      field_(settings.attentionSize, shape), fitter_(shape), passed_(shape.wordStride()) {}

void AttentionDetector::reset() {
    filter_.reset();
    layer_.reset();
    field_.reset();
    fitter_.reset();
    started_ = false;
    seen_ = 0;
}

void AttentionDetector::takePlane(const std::uint64_t *plane, std::uint64_t number,
                                  const DetectionHandler &emit) {
    filter_.update(plane, passed_.data());
    if (seen_++ < static_cast<std::uint64_t>(settings_.calibrationPlanes))
        return;
    std::uint64_t *fired = fitter_.push();
    layer_.update(passed_.data(), fired);
    field_.update(fired);
    emit({number, BoxFitter::age, fitter_.detections(field_.boxes(), settings_.fitBoxes), {}});
}

Result<void> AttentionDetector::process(const SpikeBlock &block, const DetectionHandler &emit) {
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
        const std::uint64_t number = block.planeNumber(i);
        filter_.skip(number - next_);
        takePlane(block.plane(i), number, emit);
        next_ = number + 1;
    }
    filter_.skip(block.endPlane() - next_);
    next_ = block.endPlane();
    return {};
}

}  // namespace fovea
