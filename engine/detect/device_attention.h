// SPDX-License-Identifier: Apache-2.0
// The fast attention chain on a graphics processor; components and boxes stay with the CPU.
#pragma once

#include "engine/cuda/pinned_copies.h"
#include "engine/detect/attention_chain.h"
#include "engine/detect/device_frames.h"

#include <array>

namespace fovea {

/// CpuAttention's twin: the same frames, bit for bit. Batches of planes go up packed through two
/// buffers; all state stays on the device and comes down once a block, so that the CPU can go on
/// from there. Frames are waited for when their buffers are wanted again or the block ends; until
/// then the device works ahead.
class DeviceAttention final : public AttentionChain {
public:
    DeviceAttention(const AttentionSettings &settings, PlaneShape shape,
                    std::unique_ptr<Device> device);

    void reset() override;
    void take(PlanePointers planes, bool fire) override;
    void skip(std::uint64_t planes) override;
    void finishStep(std::uint64_t end, std::size_t planes, const DetectionHandler &emit) override;
    [[nodiscard]] Result<void> finishBlock(const DetectionHandler &emit) override;
    [[nodiscard]] AttentionState state() const override;
    /// Of making it: memory that is not there.
    [[nodiscard]] Result<void> result() const { return work_.result(); }

private:
    static constexpr std::size_t framesAhead = 4;
    /// Planes of a batch on the device.
    struct Batch {
        DeviceArray<std::uint64_t> planes;
        DeviceEventPtr used;  ///< the filter has read them
    };
    /// The state as it was at the end of a block.
    struct Checkpoint {
        std::array<PinnedArray<float>, 6> values;
        PinnedArray<std::uint32_t> history;
    };
    void makeTables();
    [[nodiscard]] std::array<float *, 6> values() const;
    void launchStep(std::size_t frame, std::size_t planes);
    void launchUpdate(std::uint32_t ago, std::uint32_t planes);

    AttentionSettings settings_;
    PlaneShape shape_;
    StpSettings stp_;
    LifSettings lif_;
    DeviceWork work_;
    PlaneUpload upload_;
    std::array<Batch, 2> batches_;
    DeviceFrames frames_;
    std::array<DeviceGraphPtr, framesAhead>
        graphs_;  ///< a frame each: a step with fieldPlanes planes
    std::array<Checkpoint, 2> checkpoints_;
    bool warm_ = false;     ///< all kernels of a step are loaded: a graph can be made of them
    bool begun_ = false;    ///< there was a block since the last reset()
    std::size_t good_ = 0;  ///< the valid checkpoint
    std::size_t batch_ = 0;
    DeviceArray<float> deficit_, drive_, gradient_, before_, potential_, field_;
    DeviceArray<std::uint32_t> passed_, history_;
    DeviceArray<float> in_, smooth_, box_, sums_, energy_, scale_;
    DeviceArray<float> tables_;  ///< StpRule's factors, then the field's weights
    PinnedArray<float> pinnedTables_;
    DeviceArray<std::uint8_t> above_;
    float firstDeficit_ = 0, firstDrive_ = 0, byGauss_ = 0, byBox_ = 0;
};

}  // namespace fovea
