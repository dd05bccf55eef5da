// SPDX-License-Identifier: Apache-2.0
// TFSTP on a graphics processor, with the CPU ready to take over.
#pragma once

#include "engine/cuda/backend.h"
#include "engine/cuda/pinned_copies.h"
#include "engine/recon/plasticity_reconstructor.h"

#include <array>

namespace fovea {

/// PlasticityReconstructor's twin: the same pictures, bit for bit. The synapses are followed there,
/// spike by spike with the CPU's factors; rates are read back from them by the CPU, whose logarithm
/// is not the device's.
///
/// When a call to the device fails, this picture and all later ones are the CPU's, and `backend`
/// is told. Threads: see Reconstructor.
class DevicePlasticity final : public Reconstructor {
public:
    /// The settings are valid; `backend` outlives this.
    DevicePlasticity(const ReconSettings &settings, PlaneShape shape,
                     std::unique_ptr<Device> device, Backend &backend);
    [[nodiscard]] std::string_view name() const override { return cpu_.name(); }
    [[nodiscard]] PlaneReach reach() const override { return cpu_.reach(); }

protected:
    void fill(const PlaneWindow &window, std::span<std::uint8_t> grey) override;

private:
    /// Planes on the device.
    struct Batch {
        DeviceArray<std::uint64_t> planes;
        DeviceEventPtr used;  ///< the kernel has read them
    };
    struct Twin {
        Twin(std::unique_ptr<Device> device, PlaneShape shape);
        DeviceWork work;
        PlaneUpload upload;
        HostDownload download;
        std::array<Batch, 2> batches;
        std::size_t next = 0;
        PinnedArray<float> pinnedKept;
        DeviceArray<float> kept, state;  ///< state: R of all pixels, then u
        DeviceArray<std::uint32_t> last;
    };
    [[nodiscard]] Result<void> make(const PlaneWindow &window, std::span<std::uint8_t> grey);
    void follow(PlanePointers planes, std::uint32_t first, std::uint32_t begun);
    void lose(const Result<void> &why);

    PlasticityReconstructor cpu_;
    Backend &backend_;
    std::unique_ptr<Twin> twin_;  ///< null: lost
};

}  // namespace fovea
