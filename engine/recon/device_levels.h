// SPDX-License-Identifier: Apache-2.0
// Levels that a graphics processor makes, with the CPU ready to take over.
#pragma once

#include "engine/cuda/backend.h"
#include "engine/cuda/pinned_copies.h"
#include "engine/recon/level_source.h"

namespace fovea {

/// A method on a device. Threads: see Device.
class LevelTwin {
public:
    LevelTwin() = default;
    LevelTwin(const LevelTwin &) = delete;
    LevelTwin &operator=(const LevelTwin &) = delete;
    virtual ~LevelTwin() = default;

    /// Of making it: memory that is not there.
    [[nodiscard]] virtual Result<void> result() const = 0;
    /// As LevelSource::fill(), the same levels. After an error `levels` are unspecified and the
    /// twin is of no use any more.
    [[nodiscard]] virtual Result<void> fill(const PlaneWindow &window,
                                            std::span<std::uint16_t> levels) = 0;
};

/// The twin's levels as long as its device works, the CPU's from the picture on at which it fails;
/// `backend` is told then. Threads: see LevelSource.
class DeviceLevels final : public LevelSource {
public:
    /// `backend` outlives this.
    DeviceLevels(std::unique_ptr<LevelSource> cpu, std::unique_ptr<LevelTwin> twin,
                 Backend &backend);
    [[nodiscard]] PlaneReach reach() const override { return cpu_->reach(); }
    void fill(const PlaneWindow &window, std::span<std::uint16_t> levels) override;

private:
    void lose(const Result<void> &why);

    const std::unique_ptr<LevelSource> cpu_;
    std::unique_ptr<LevelTwin> twin_;  ///< null: lost
    Backend &backend_;
};

/// StabilityLevels' twin: planes up, each pixel's history walked by its thread, levels down.
class DeviceStability final : public LevelTwin {
public:
    DeviceStability(ReconMode mode, PlaneShape shape, std::unique_ptr<Device> device);
    [[nodiscard]] Result<void> result() const override { return work_.result(); }
    [[nodiscard]] Result<void> fill(const PlaneWindow &window,
                                    std::span<std::uint16_t> levels) override;

private:
    ReconMode mode_;
    PlaneReach reach_;
    PlaneShape shape_;
    DeviceWork work_;
    PlaneUpload upload_;
    HostDownload download_;
    DeviceArray<std::uint64_t> planes_;
    DeviceArray<std::uint16_t> levels_;
};

}  // namespace fovea
