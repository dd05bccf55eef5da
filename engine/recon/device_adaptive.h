// SPDX-License-Identifier: Apache-2.0
// The adaptive method on a graphics processor; plan, motion and measures of noise stay here.
#pragma once

#include "engine/recon/adaptive_plan.h"
#include "engine/recon/device_levels.h"

namespace fovea {

/// AdaptiveLevels' twin: the same levels, bit for bit. Everything that goes through pixels is done
/// there. Three times a picture a few numbers come down, and what follows from them is decided by
/// the CPU's code: means of 4x4 pixels for the motion, samples for the weights of pieces, patches
/// for the noise.
///
/// Threads: see Device.
class DeviceAdaptive final : public LevelTwin {
public:
    DeviceAdaptive(ReconMode mode, PlaneShape shape, std::unique_ptr<Device> device);
    [[nodiscard]] Result<void> result() const override { return work_.result(); }
    [[nodiscard]] Result<void> fill(const PlaneWindow &window,
                                    std::span<std::uint16_t> levels) override;

private:
    void makeTables();
    void measure();
    void estimate();
    void align();
    void weigh();
    void merge();
    [[nodiscard]] double noise();
    /// Brings `count` values down and waits for them; false: the work has failed.
    template <class T> bool fetch(const DeviceArray<T> &from, std::size_t count, T *to);

    PlaneShape shape_;
    AdaptivePlan plan_;
    MotionField motion_;
    std::size_t cells_;           ///< means of 4x4 pixels of a picture
    std::size_t columns_, rows_;  ///< of samples
    std::vector<float> means_;
    std::vector<Velocity> velocities_;
    std::vector<std::int32_t> sums_;
    std::vector<double> deviations_;
    std::array<MergeWeight, AdaptivePlan::mostPieces> weights_{};
    DeviceWork work_;
    PlaneUpload upload_;
    HostDownload download_;
    PinnedArray<BlockShift> pinnedShifts_;
    PinnedArray<std::int16_t> pinnedTable_;
    DeviceArray<BlockShift> shifts_;
    DeviceArray<std::int16_t> table_;  ///< of cubic interpolation
    DeviceArray<std::uint64_t> planes_;
    DeviceArray<std::int16_t> rates_, aligned_, reference_, merged_;
    DeviceArray<std::uint16_t> trust_, levels_;
    DeviceArray<float> deviceMeans_;
    DeviceArray<std::int32_t> deviceSums_;
};

}  // namespace fovea
