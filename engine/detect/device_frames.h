// SPDX-License-Identifier: Apache-2.0
// Masks of a detection chain on their way from the device, and the boxes they become.
#pragma once

#include "engine/cuda/device_work.h"
#include "engine/detect/box_fitter.h"
#include "engine/detect/detector.h"

#include <vector>

namespace fovea {

/// A few frames under way. A frame is two masks in which a bit is a pixel: where boxes are, and
/// what fired lately. Kernels write them, they come down while the device works ahead, and become
/// boxes when their buffers are wanted again or all is finished.
///
/// Threads: see Device.
class DeviceFrames {
public:
    /// `work` must outlive it.
    DeviceFrames(DeviceWork &work, PlaneShape shape, std::size_t count, bool fitBoxes);

    /// The number of the frame that is filled next; what was in it is emitted.
    [[nodiscard]] std::size_t next(const DetectionHandler &emit);
    /// Where kernels write a frame's masks: boxes, and recentOffset() further what fired lately.
    [[nodiscard]] std::uint32_t *masks(std::size_t frame) { return frames_[frame].masks.get(); }
    [[nodiscard]] std::size_t recentOffset() const { return 2 * shape_.wordStride(); }
    /// The kernels are launched: the masks come down, for `plane`.
    void send(std::size_t frame, std::uint64_t plane);
    /// Emits all that is under way, oldest first.
    void finish(const DetectionHandler &emit);
    /// Forgets it.
    void drop();

private:
    struct Frame {
        DeviceArray<std::uint32_t> masks;
        PinnedArray<std::uint64_t> pinned;
        DeviceEventPtr down;
        std::uint64_t plane = 0;
        bool open = false;
    };
    void hand(Frame &frame, const DetectionHandler &emit);

    DeviceWork &work_;
    PlaneShape shape_;
    bool fitBoxes_;
    std::vector<Frame> frames_;
    std::size_t next_ = 0;
    AttentionBoxes boxes_;
    BoxFitter fitter_;
    std::uint64_t *recent_;  ///< the one plane of the fitter that is used: what fired lately
};

}  // namespace fovea
