// SPDX-License-Identifier: Apache-2.0
// Raw, TFP and TFI on a graphics processor, with the CPU ready to take over.
#pragma once

#include "engine/cuda/backend.h"
#include "engine/cuda/pinned_copies.h"
#include "engine/recon/picture_bodies.h"
#include "engine/recon/reconstructor.h"

#include <functional>
#include <vector>

namespace fovea {

/// The twin of RateReconstructor and IntervalReconstructor: the same pictures, bit for bit. Planes
/// go up packed; counting, searching and the grey tables are done there; pictures come down while
/// the next ones are made.
///
/// When a call to the device fails, this picture and all later ones are the CPU's, and `backend`
/// is told. Threads: see Reconstructor.
class DeviceReconstructor final : public Reconstructor {
public:
    /// The settings are valid, the method is raw, TFP or TFI, `cpu` is made of them; `backend`
    /// outlives this.
    DeviceReconstructor(const ReconSettings &settings, std::unique_ptr<Reconstructor> cpu,
                        std::unique_ptr<Device> device, Backend &backend);

    [[nodiscard]] std::string_view name() const override { return cpu_->name(); }
    [[nodiscard]] PlaneReach reach() const override { return cpu_->reach(); }
    [[nodiscard]] std::size_t runLength(std::size_t hop) const override;

protected:
    void fill(const PlaneWindow &window, std::span<std::uint8_t> grey) override;
    void fillRun(const PictureRun &run, GreyPictures &pictures, TilePool &pool) override;

private:
    using Target = std::function<std::span<std::uint8_t>(std::size_t picture)>;
    /// Everything on the device.
    struct Twin {
        explicit Twin(std::unique_ptr<Device> device, PlaneShape shape);
        DeviceWork work;
        PlaneUpload upload;
        HostDownload download;
        PinnedArray<std::uint32_t> pinnedWords;  ///< tableOf, or searches
        PinnedArray<std::uint8_t> pinnedTables;
        DeviceArray<std::uint32_t> words;
        DeviceArray<std::uint8_t> tables;
        DeviceArray<std::uint64_t> planes;
        DeviceArray<std::uint8_t> grey;
        std::size_t planeRoom = 0, greyRoom = 0;
    };

    [[nodiscard]] Result<void> make(const PictureRun &run, const Target &target);
    void reserve(std::size_t planes, std::size_t pictures);
    /// The run's planes from the first that a window wants, null where there is none.
    void collect(const PictureRun &run);
    void fillTables(const PictureRun &run);
    void fillSearches(const PictureRun &run);
    [[nodiscard]] picture_bodies::IntervalSearch searchOf(const PictureRun &run,
                                                          std::size_t picture) const;
    [[nodiscard]] picture_bodies::PictureRoom room(const PictureRun &run, std::size_t first,
                                                   std::size_t count) const;
    void launch(const PictureRun &run, std::size_t first, std::size_t count);
    template <int levels>
    void launchRate(const PictureRun &run, std::size_t first, std::size_t count);
    void lose(const Result<void> &why);

    const ReconSettings settings_;
    const PlaneReach reach_;
    const std::unique_ptr<Reconstructor> cpu_;
    Backend &backend_;
    std::unique_ptr<Twin> twin_;  ///< null: lost
    std::vector<const std::uint64_t *> planes_;
};

}  // namespace fovea
