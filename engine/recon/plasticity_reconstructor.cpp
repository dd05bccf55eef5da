// SPDX-License-Identifier: Apache-2.0
// TFSTP spike by spike; exponentials by interval come from tables.
#include "engine/recon/plasticity_reconstructor.h"

#include "engine/recon/grey_level.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace fovea {

namespace {

/// Spreads the values so that all are equally frequent (OpenCV's equalizeHist, rounding included).
void equaliseHistogram(std::span<std::uint8_t> grey) {
    std::array<std::size_t, 256> counts{};
    for (const std::uint8_t value : grey)
        ++counts[value];
    std::size_t darkest = 0;
    while (counts[darkest] == 0)
        ++darkest;
    if (counts[darkest] == grey.size())
        return;
    const float scale = 255.0F / static_cast<float>(grey.size() - counts[darkest]);
    std::array<std::uint8_t, 256> table{};
    std::size_t sum = 0;
    for (std::size_t value = darkest + 1; value < counts.size(); ++value) {
        sum += counts[value];
        const float rounded = std::nearbyint(static_cast<float>(sum) * scale);
        table[value] = static_cast<std::uint8_t>(std::min(rounded, 255.0F));
    }
    for (std::uint8_t &value : grey)
        value = table[value];
}

}  // namespace

PlasticityReconstructor::PlasticityReconstructor(const ReconSettings &settings, PlaneShape shape)
    : Reconstructor(shape), settings_(settings), R_(shape.pixels()), u_(shape.pixels()),
      level_(shape.pixels()), last_(shape.pixels()) {
    for (int n = 0; n < 1200; ++n) {  // exp(-120) is no float anymore
        keptR_.push_back(std::exp(-static_cast<float>(n) / rule.D));
        keptU_.push_back(std::exp(-static_cast<float>(n) / rule.F));
    }
    for (int value = 0; value < 256; ++value)
        grey_.push_back(greyLevel(static_cast<float>(value), settings_));
}

void PlasticityReconstructor::takePlane(const std::uint64_t *plane, std::uint32_t now) {
    for (std::size_t word = 0; word < shape().words(); ++word)
        for (std::uint64_t bits = plane[word]; bits != 0; bits &= bits - 1) {
            const std::size_t pixel = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
            const std::uint32_t last = last_[pixel];
            last_[pixel] = now;
            if (last == 0)
                continue;
            const auto interval = std::min<std::size_t>(now - last, keptR_.size() - 1);
            takeSpike(R_[pixel], u_[pixel], rule, keptR_[interval], keptU_[interval]);
        }
}

std::uint32_t PlasticityReconstructor::beginning(const PlaneWindow &window) const {
    return window.keyPlane == window.key && settings_.form == TfstpForm::Online ? 1 : 0;
}

void PlasticityReconstructor::follow(const PlaneWindow &window) {
    std::fill(R_.begin(), R_.end(), 1.0F);
    std::fill(u_.begin(), u_.end(), rule.u0);
    std::fill(last_.begin(), last_.end(), beginning(window));
    bool lost = false;
    for (std::size_t i = 0; i <= window.key; ++i) {
        const std::uint64_t *plane = window.planes[i];
        if (plane == nullptr && !lost)
            std::fill(last_.begin(), last_.end(), 0U);
        else if (plane != nullptr)
            takePlane(plane, static_cast<std::uint32_t>(i) + 2);
        lost = plane == nullptr;
    }
}

float PlasticityReconstructor::level(std::size_t pixel) const {
    const float u = u_[pixel];
    const float R = R_[pixel];
    const PlasticityRule &r = rule;
    const float rateU = -1 / (r.F * std::log((u - r.u0) / (r.F - r.u0 + u * (1 - r.f))));
    const float rateR = -1 / (r.D * std::log((1 - R) / (1 - R * (1 - u))));
    return rateU + rateR;
}

void PlasticityReconstructor::show(std::span<std::uint8_t> grey) {
    for (std::size_t pixel = 0; pixel < level_.size(); ++pixel)
        level_[pixel] = level(pixel);
    const auto [lowest, highest] = std::minmax_element(level_.begin(), level_.end());
    const float low = *lowest;
    const float span = *highest - low;
    for (std::size_t pixel = 0; pixel < level_.size(); ++pixel)
        grey[pixel] = span > 0 ? static_cast<std::uint8_t>((level_[pixel] - low) / span * 255)
                               : std::uint8_t{0};
    equaliseHistogram(grey);
    for (std::uint8_t &value : grey)
        value = grey_[value];
}

void PlasticityReconstructor::show(std::span<const float> R, std::span<const float> u,
                                   std::span<std::uint8_t> grey) {
    std::copy(R.begin(), R.end(), R_.begin());
    std::copy(u.begin(), u.end(), u_.begin());
    show(grey);
}

void PlasticityReconstructor::fill(const PlaneWindow &window, std::span<std::uint8_t> grey) {
    follow(window);
    show(grey);
}

}  // namespace fovea
