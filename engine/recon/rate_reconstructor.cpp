// SPDX-License-Identifier: Apache-2.0
// TFP by counting; the grey values of all counts are computed once.
#include "engine/recon/rate_reconstructor.h"

#include "engine/recon/grey_level.h"
#include "engine/recon/spike_kernels.h"

namespace fovea {

RateReconstructor::RateReconstructor(const ReconSettings &settings, PlaneShape shape)
    : Reconstructor(shape), settings_(settings) {
    const PlaneReach reach = reachOf(settings);
    const std::size_t most = std::size_t{reach.before} + 1 + reach.after;
    present_.reserve(most);
    table_.resize(greyTableSize(most));
    fillTable(most);
}

void RateReconstructor::fillTable(std::size_t planes) {
    for (std::size_t count = 0; count <= planes; ++count) {
        // Two steps in single precision, as the peers compute it: exact multiples may fall below.
        const float rate = static_cast<float>(count) / static_cast<float>(planes);
        table_[count] = greyLevel(rate * 255.0F, settings_);
    }
    tablePlanes_ = planes;
}

void RateReconstructor::fill(const PlaneWindow &window, std::span<std::uint8_t> grey) {
    const PlaneReach reach = reachOf(settings_);
    const std::size_t first = window.key - std::min<std::size_t>(window.key, reach.before);
    const std::size_t last = std::min(window.planes.size(), window.key + 1 + reach.after);
    present_.clear();
    for (const std::uint64_t *plane : window.planes.subspan(first, last - first))
        if (plane != nullptr)
            present_.push_back(plane);
    if (present_.empty()) {
        std::fill(grey.begin(), grey.end(), std::uint8_t{0});
        return;
    }
    if (present_.size() != tablePlanes_)
        fillTable(present_.size());
    countsToGrey(present_, shape(), table_, grey);
}

}  // namespace fovea
