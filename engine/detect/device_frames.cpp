// SPDX-License-Identifier: Apache-2.0
// Buffers that take turns.
#include "engine/detect/device_frames.h"

#include <algorithm>

namespace fovea {

DeviceFrames::DeviceFrames(DeviceWork &work, PlaneShape shape, std::size_t count, bool fitBoxes)
    : work_(work), shape_(shape), fitBoxes_(fitBoxes), frames_(count), fitter_(shape),
      recent_(fitter_.push()) {
    const std::size_t words = shape.wordStride();
    for (Frame &frame : frames_) {
        frame.masks = work_.onDevice<std::uint32_t>(4 * words);
        frame.pinned = work_.pinned<std::uint64_t>(2 * words);
        frame.down = work_.event();
    }
}

std::size_t DeviceFrames::next(const DetectionHandler &emit) {
    const std::size_t frame = next_++ % frames_.size();
    hand(frames_[frame], emit);
    return frame;
}

void DeviceFrames::send(std::size_t number, std::uint64_t plane) {
    Frame &frame = frames_[number];
    work_.follow(DeviceStream::Download, DeviceStream::Compute);
    work_.copy(DeviceStream::Download, frame.pinned.get(),
               reinterpret_cast<const std::uint64_t *>(frame.masks.get()), 2 * shape_.wordStride());
    work_.record(DeviceStream::Download, frame.down);
    frame.plane = plane;
    frame.open = true;
}

void DeviceFrames::finish(const DetectionHandler &emit) {
    for (std::size_t i = 0; i < frames_.size(); ++i)
        hand(frames_[(next_ + i) % frames_.size()], emit);
}

void DeviceFrames::drop() {
    for (Frame &frame : frames_)
        frame.open = false;
}

void DeviceFrames::hand(Frame &frame, const DetectionHandler &emit) {
    if (!frame.open)
        return;
    frame.open = false;
    if (!work_.finish(frame.down))
        return;
    const std::uint64_t *masks = frame.pinned.get();
    const auto boxes =
        boxes_.label(masks, static_cast<int>(shape_.width), static_cast<int>(shape_.height));
    std::copy_n(masks + shape_.wordStride(), shape_.wordStride(), recent_);
    emit({frame.plane, BoxFitter::age, fitter_.detections(boxes, fitBoxes_), {}});
}

}  // namespace fovea
