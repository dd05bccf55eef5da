// SPDX-License-Identifier: Apache-2.0
// All injectors of one setting, applied to a stream of blocks.
#pragma once

#include "engine/core/spike_block.h"
#include "engine/cuda/backend.h"
#include "engine/noise/injectors.h"
#include "engine/noise/noise_settings.h"

#include <memory>
#include <string>
#include <vector>

namespace fovea {

class DeviceNoise;

/// Disturbs blocks in place: spikes of planes first, then planes are lost and become gaps with
/// DropReason::Injected. What happens to a plane depends on the settings, the seed and the plane's
/// number only: not on block sizes, nor on which planes were seen before. The one exception is
/// jitter, which carries late spikes into the next plane: none come into the first plane after a
/// gap, a jump or reset().
///
/// Threads: one at a time.
class NoiseChain {
public:
    /// Errors as validate(); ErrorCode::InvalidArgument for an impossible shape.
    /// The injectors of planes run where `backend`, if any, says; it outlives the chain.
    [[nodiscard]] static Result<std::unique_ptr<NoiseChain>>
    create(NoiseSettings settings, PlaneShape shape, Backend *backend = nullptr);
    ~NoiseChain();

    /// Returns how many planes were lost (they are gaps now). The block has the chain's shape.
    std::uint64_t apply(SpikeBlock &block);
    /// Forgets the planes before.
    void reset();
    /// False when blocks stay as they are, bit for bit.
    [[nodiscard]] bool active() const { return !injectors_.empty() || losesPlanes(); }
    [[nodiscard]] const NoiseSettings &settings() const { return settings_; }
    /// See noiseTag().
    [[nodiscard]] std::string tag() const { return noiseTag(settings_); }

private:
    NoiseChain(NoiseSettings settings, PlaneShape shape, Backend *backend);
    void disturb(SpikeBlock &block);
    [[nodiscard]] bool losesPlanes() const { return drop_ > 0 || burst_ > 0; }
    [[nodiscard]] bool isLost(std::uint64_t plane) const;
    std::uint64_t losePlanes(SpikeBlock &block);

    NoiseSettings settings_;
    Backend *backend_;
    std::vector<std::unique_ptr<PlaneInjector>> injectors_;
    std::unique_ptr<DeviceNoise> device_;  ///< does the injectors' work, where there is one
    std::vector<PlanePlace> places_;
    double drop_ = 0;
    double burst_ = 0;
    std::vector<Gap> oldGaps_;
};

}  // namespace fovea
