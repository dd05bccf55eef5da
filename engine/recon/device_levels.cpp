// SPDX-License-Identifier: Apache-2.0
// Falling back, and the stability method.
#include "engine/recon/device_levels.h"

#include "engine/recon/level_bodies.h"
#include "engine/recon/stability_levels.h"

#include <algorithm>
#include <cstring>

namespace fovea {

DeviceLevels::DeviceLevels(std::unique_ptr<LevelSource> cpu, std::unique_ptr<LevelTwin> twin,
                           Backend &backend)
    : LevelSource(cpu->shape()), cpu_(std::move(cpu)), twin_(std::move(twin)), backend_(backend) {
    if (const Result<void> made = twin_->result(); !made)
        lose(made);
}

void DeviceLevels::lose(const Result<void> &why) {
    backend_.giveUp(why.error());
    twin_.reset();
}

void DeviceLevels::fill(const PlaneWindow &window, std::span<std::uint16_t> levels) {
    if (twin_ != nullptr) {
        const Result<void> made = twin_->fill(window, levels);
        if (made)
            return;
        lose(made);
    }
    cpu_->fill(window, levels);
}

DeviceStability::DeviceStability(ReconMode mode, PlaneShape shape, std::unique_ptr<Device> device)
    : mode_(mode), reach_(StabilityLevels::reachOf(mode)), shape_(shape), work_(std::move(device)),
      upload_(work_, shape), download_(work_, shape.pixels() * sizeof(std::uint16_t)) {
    const std::size_t most = std::size_t{reach_.before} + 1 + reach_.after;
    planes_ = work_.onDevice<std::uint64_t>(most * shape.wordStride());
    levels_ = work_.onDevice<std::uint16_t>(shape.pixels());
}

Result<void> DeviceStability::fill(const PlaneWindow &window, std::span<std::uint16_t> levels) {
    const auto [back, ahead] = StabilityLevels::planesAround(window, reach_);
    if (back == 0) {
        std::fill(levels.begin(), levels.end(), std::uint16_t{0});
        return {};
    }
    upload_.upload(window.planes.subspan(window.key + 1 - back, back + ahead), planes_.get());
    work_.follow(DeviceStream::Compute, DeviceStream::Upload);
    const level_bodies::PackedPlanes planes{reinterpret_cast<const std::uint32_t *>(planes_.get()),
                                            static_cast<std::uint32_t>(2 * shape_.wordStride())};
    work_.launch(level_bodies::StabilityBody{planes, levels_.get(), back, ahead,
                                             mode_ == ReconMode::Centred},
                 shape_.pixels());
    download_.download(reinterpret_cast<const std::uint8_t *>(levels_.get()), levels.size_bytes(),
                       [levels](const std::uint8_t *bytes) {
                           std::memcpy(levels.data(), bytes, levels.size_bytes());
                       });
    download_.finish();
    return work_.result();
}

}  // namespace fovea
