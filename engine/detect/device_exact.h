// SPDX-License-Identifier: Apache-2.0
// The exact attention chain on a graphics processor; components and boxes stay with the CPU.
#pragma once

#include "engine/cuda/pinned_copies.h"
#include "engine/detect/device_frames.h"

#include <array>
#include <vector>

namespace fovea {

/// Everything that the exact chain carries from plane to plane; one value a pixel, row by row.
struct ExactState {
    std::vector<float> R, u, gradient;  ///< of the STP filter
    std::vector<std::uint32_t> silent;  ///< planes since the last spike; where it is long ago, less
    std::vector<float> potential;       ///< of the LIF layer
    std::vector<float> field;
    std::vector<std::uint32_t> history;  ///< bit i: the neuron fired i planes ago
};

/// StpFilter, LifLayer, AttentionField and AttentionBoxes as AttentionDetector drives them, a frame
/// at every plane. What passes and fires is the same, bit for bit. The field is summed in double
/// precision in another order than OpenCV's: its potential is within 1e-5 of the CPU's (relative
/// above 1), and boxes are the same unless a potential lies that near to their threshold.
///
/// Batches of planes go up packed through two buffers; the state comes down once a block, so that
/// the CPU can go on from there. Frames are waited for when their buffers are wanted again or the
/// block ends. Threads: see Device.
class DeviceExact {
public:
    static constexpr std::size_t maxPlanes = 16;  ///< of a batch

    DeviceExact(const AttentionSettings &settings, PlaneShape shape,
                std::unique_ptr<Device> device);

    void reset();
    /// maxPlanes planes or fewer, none null, the first one with number `first`; with `fire` all of
    /// the chain takes them and their frames are emitted now or later, without it only the filter.
    void take(PlanePointers planes, std::uint64_t first, bool fire, const DetectionHandler &emit);
    /// Time passes for the filter.
    void skip(std::uint64_t planes);
    /// Emits what is still under way. After an error this is of no use any more, but state() is
    /// what it was after the last finishBlock() or reset() without an error.
    [[nodiscard]] Result<void> finishBlock(const DetectionHandler &emit);
    [[nodiscard]] ExactState state() const;
    /// Of making it: memory that is not there.
    [[nodiscard]] Result<void> result() const { return work_.result(); }

private:
    /// Planes of a batch on the device.
    struct Batch {
        DeviceArray<std::uint64_t> planes;
        DeviceEventPtr used;  ///< the filter has read them
    };
    /// The state as it was at the end of a block.
    struct Checkpoint {
        std::array<PinnedArray<float>, 5> values;
        std::array<PinnedArray<std::uint32_t>, 2> counts;
    };
    void makeTables();
    [[nodiscard]] std::array<const float *, 5> values() const;
    void launchField(std::uint32_t ago);
    void finishPlane(std::uint64_t plane, std::uint32_t ago, const DetectionHandler &emit);

    AttentionSettings settings_;
    PlaneShape shape_;
    DeviceWork work_;
    PlaneUpload upload_;
    std::array<Batch, 2> batches_;
    DeviceFrames frames_;
    std::array<Checkpoint, 2> checkpoints_;
    bool begun_ = false;    ///< there was a block since the last reset()
    std::size_t good_ = 0;  ///< the valid checkpoint
    std::size_t batch_ = 0;
    std::uint32_t factors_ = 0;
    DeviceArray<float> R_, u_, gradient_, potential_, field_;
    DeviceArray<std::uint32_t> silent_, history_, passed_;
    DeviceArray<double> in_, smooth_, box_, sums_, energy_, scale_;
    PinnedArray<float> pinnedKept_;
    DeviceArray<float> kept_;
    PinnedArray<double> pinnedWeight_;
    DeviceArray<double> weight_;
    double corner_ = 0;
    DeviceArray<std::uint8_t> above_;
};

}  // namespace fovea
