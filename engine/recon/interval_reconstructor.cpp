// SPDX-License-Identifier: Apache-2.0
// TFI by searching 512 pixels at a time for their spikes before and after the shown plane.
#include "engine/recon/interval_reconstructor.h"

#include "engine/recon/grey_level.h"
#include "engine/recon/spike_kernels.h"

namespace fovea {

PlaneReach IntervalReconstructor::reachOf(TfiConvention convention, std::uint32_t reach) {
    constexpr auto most = static_cast<std::uint32_t>(maxSearchedPlanes);
    if (convention == TfiConvention::Stack)
        return {most, most - 1};  // [t - 255, t - 1] and [t, t + 254]: longer ones are black
    reach = std::min(reach, most);
    return {reach - 1, reach};  // [t - m + 1, t] and [t + 1, t + m]
}

IntervalReconstructor::IntervalReconstructor(const ReconSettings &settings, PlaneShape shape)
    : Reconstructor(shape), settings_(settings) {
    backward_.reserve(maxSearchedPlanes);
    table_.resize(greyTableSize(255));
    for (std::size_t interval = 1; interval < 256; ++interval)
        table_[interval] = greyLevel(255.0F / static_cast<float>(interval), settings_);
    if (settings_.convention == TfiConvention::Single)
        table_[0] = greyLevel(255.0F / static_cast<float>(2 * settings_.reach), settings_);
}

void IntervalReconstructor::fill(const PlaneWindow &window, std::span<std::uint8_t> grey) {
    // Planes [0, split) are searched backward, the others forward.
    const bool single = settings_.convention == TfiConvention::Single;
    const std::size_t split = window.key + (single ? 1 : 0);
    const PlaneReach wanted = reach();
    std::size_t before = std::min<std::size_t>(split, wanted.before + (single ? 1 : 0));
    if (single)
        before = static_cast<std::size_t>(std::min<std::uint64_t>(before, window.keyPlane));
    backward_.clear();
    for (std::size_t i = 0; i < before; ++i)
        backward_.push_back(window.planes[split - 1 - i]);
    const std::size_t after =
        std::min<std::size_t>(window.planes.size() - split, wanted.after + (single ? 0 : 1));
    intervalsToGrey(backward_, window.planes.subspan(split, after), shape(), table_, grey);
}

}  // namespace fovea
