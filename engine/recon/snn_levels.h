// SPDX-License-Identifier: Apache-2.0
// The method "snn": pictures that a spiking network makes.
#pragma once

#include "engine/recon/level_source.h"
#include "engine/snn/network_runner.h"

namespace fovea {

/// Runs a network whose output is a picture on the planes up to the shown one, or `stream_lag`
/// planes more; what its values mean is said in the model's metadata: level = gain * value +
/// offset, 0 black, 1 white.
///
/// A window in which a plane is missing gives black, as nothing is bridged. A network that keeps
/// its state goes on from the last picture where every plane since then is in the window; else, and
/// after a lost plane, it begins anew, with the window's planes to settle.
/// Tiles overlap at their borders: the later one is shown.
///
/// Threads: see LevelSource.
class SnnLevels final : public LevelSource {
public:
    /// Errors of NetworkRunner::make(); Unsupported when the model gives something else.
    [[nodiscard]] static Result<std::unique_ptr<LevelSource>> make(const ModelUse &use,
                                                                   PlaneShape shape);
    /// What the model wants, none when it cannot be run.
    [[nodiscard]] static PlaneReach reachOf(const ModelUse &use);

    [[nodiscard]] PlaneReach reach() const override {
        const std::uint32_t lag = runner_->model().form.lag;
        return {runner_->plan().window - 1 - lag, lag};
    }
    void fill(const PlaneWindow &window, std::span<std::uint16_t> levels) override;
    [[nodiscard]] NetworkReportPtr network() const override;

private:
    SnnLevels(std::unique_ptr<NetworkRunner> runner, PlaneShape shape);
    [[nodiscard]] bool decide(const PlaneWindow &window);
    [[nodiscard]] bool follow(const PlaneWindow &window);
    void take(std::size_t slot, const std::uint64_t *plane);
    void draw(std::span<std::uint16_t> levels) const;
    void drawTile(std::size_t tile, std::span<std::uint16_t> levels) const;

    std::unique_ptr<NetworkRunner> runner_;
    std::vector<std::uint64_t> taken_;
    std::vector<const std::uint64_t *> pointers_;
    std::uint64_t next_ = 0;  ///< plane that the kept state wants
    bool running_ = false;
    std::uint64_t end_ = 0;
    std::uint64_t skipped_ = 0, restarts_ = 0;
};

}  // namespace fovea
