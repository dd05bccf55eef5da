// SPDX-License-Identifier: Apache-2.0
// Blocks to the network, decisions to frames.
#include "engine/detect/snn_detector.h"

#include "engine/detect/snn_boxes.h"

namespace fovea {

Result<std::unique_ptr<Detector>> SnnDetector::make(const ModelUse &use, PlaneShape shape,
                                                    TilePool *pool) {
    auto runner = NetworkRunner::make(use, shape, pool);
    if (!runner)
        return failed(runner);
    const Model &model = (*runner)->model();
    if (model.form.output == StreamOutput::Picture)
        return fail(ErrorCode::Unsupported,
                    "{}: gives pictures, not classes or boxes: use it as picture method 'snn'",
                    model.name);
    return std::unique_ptr<Detector>(new SnnDetector(std::move(*runner), shape));
}

SnnDetector::SnnDetector(std::unique_ptr<NetworkRunner> runner, PlaneShape shape)
    : shape_(shape), stream_(std::move(runner)) {}

void SnnDetector::reset() {
    stream_.restart();
    started_ = false;
}

Result<void> SnnDetector::process(const SpikeBlock &block, const DetectionHandler &emit) {
    if (block.shape() != shape_)
        return fail(ErrorCode::InvalidArgument, "detector: block of {}, expected {}",
                    toString(block.shape()), toString(shape_));
    if (started_ && block.firstPlane() < next_)
        reset();
    started_ = true;
    next_ = block.endPlane();
    const auto take = [&](std::uint64_t begin, std::uint64_t end) { tell(begin, end, emit); };
    for (std::uint32_t i = 0; i < block.planeCount(); ++i)
        if (auto pushed = stream_.push(block.planeNumber(i), block.plane(i), take); !pushed)
            return pushed;
    stream_.loseUpTo(block.endPlane());
    return {};
}

void SnnDetector::tell(std::uint64_t begin, std::uint64_t end, const DetectionHandler &emit) {
    const NetworkRunner &runner = stream_.runner();
    const Model &model = runner.model();
    auto report = std::make_shared<NetworkReport>();
    stream_.fill(*report);
    detections_.clear();
    if (model.form.output == StreamOutput::Boxes) {
        decodeBoxes(model.form, runner.fit(), model.network().outputShape(), runner.outputs(),
                    detections_);
    } else if (runner.fit().tiles().size() > 1) {
        decodeTiles(model.form, runner.fit(), runner.outputs(), detections_);
    } else {
        report->scores = softmax(runner.outputs());
        report->best = largest(report->scores);
    }
    DetectionFrame frame;
    frame.plane = end - 1;
    // What the window shows is where things were in its middle.
    frame.age = static_cast<float>(end - 1 - begin) / 2;
    frame.detections = detections_;
    frame.network = std::move(report);
    emit(frame);
}

}  // namespace fovea
