// SPDX-License-Identifier: Apache-2.0
// The "attention" method: STP filter, LIF layer, neural field, boxes fitted to what fired.
#pragma once

#include "engine/cuda/backend.h"
#include "engine/detect/attention_field.h"
#include "engine/detect/box_fitter.h"
#include "engine/detect/detector.h"
#include "engine/detect/device_exact.h"
#include "engine/detect/lif_layer.h"
#include "engine/detect/stp_filter.h"

#include <vector>

namespace fovea {

/// See Detector. The chain of SpikeCV's SNNTracker up to its boxes, one step a plane; not
/// real-time. Attention finds the place; with `fitBoxes` the box is that of the neurons that fired
/// there in the last few planes.
///
/// The chain runs on the CPU or, where `backend` has a device, there (see DeviceExact for how near
/// that is); when it fails, the CPU does the block again and goes on.
///
/// Threads: an instance belongs to one thread.
class AttentionDetector final : public Detector {
public:
    /// `backend`, if any, outlives this.
    AttentionDetector(const AttentionSettings &settings, PlaneShape shape,
                      Backend *backend = nullptr);

    [[nodiscard]] std::string_view name() const override { return "attention"; }
    [[nodiscard]] std::uint32_t step() const override { return 1; }
    [[nodiscard]] std::uint32_t warmUpPlanes() const override {
        return static_cast<std::uint32_t>(settings_.calibrationPlanes);
    }
    void reset() override;
    [[nodiscard]] Result<void> process(const SpikeBlock &block,
                                       const DetectionHandler &emit) override;

private:
    /// How far the stream is.
    struct Progress {
        std::uint64_t next = 0;
        std::uint64_t seen = 0;
        bool started = false;
    };
    void takePlane(const std::uint64_t *plane, std::uint64_t number, const DetectionHandler &emit);
    void takeBlock(const SpikeBlock &block, const DetectionHandler &emit);
    void takeOnDevice(const SpikeBlock &block, const DetectionHandler &emit);
    void begin(const SpikeBlock &block);
    void goOnFrom(const ExactState &state);

    AttentionSettings settings_;
    PlaneShape shape_;
    Backend *backend_;
    std::unique_ptr<DeviceExact> device_;  ///< null: the CPU computes
    StpFilter filter_;
    LifLayer layer_;
    AttentionField field_;
    BoxFitter fitter_;
    std::vector<std::uint64_t> passed_;
    Progress now_;
};

}  // namespace fovea
