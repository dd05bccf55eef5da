// SPDX-License-Identifier: Apache-2.0
// Exact and simple: spiking pixels first, then the gradient of all.
#include "engine/detect/stp_filter.h"

#include "engine/core/plane_bits.h"
#include "engine/core/short_term_plasticity.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fovea {

StpFilter::StpFilter(const StpSettings &settings, PlaneShape shape)
    : settings_(settings), shape_(shape) {
    settings_.diffTime = std::max(1, settings_.diffTime);
    history_.resize(static_cast<std::size_t>(settings_.diffTime));
    reset();
}

void StpFilter::reset() {
    const std::size_t pixels = shape_.pixels();
    time_ = 0;
    calls_ = 0;
    R_.assign(pixels, 1.0F);
    u_.assign(pixels, settings_.u0);
    gradient_.assign(pixels, 0.0F);
    last_.assign(pixels, 0);
    for (std::vector<float> &old : history_)
        old.assign(pixels, 1.0F);
}

void StpFilter::fire(std::size_t pixel) {
    const StpSettings &s = settings_;
    const float dt = static_cast<float>(time_ + 1 - last_[pixel]) / s.timeUnit;
    takeSpike(R_[pixel], u_[pixel], {s.u0, s.D, s.F, s.f}, std::exp(-dt / s.D),
              std::exp(-dt / s.F));
    last_[pixel] = time_ + 1;
}

void StpFilter::update(const std::uint64_t *plane, std::uint64_t *passed) {
    for (std::size_t w = 0; w < shape_.words(); ++w)
        for (std::uint64_t bits = plane[w]; bits != 0; bits &= bits - 1)
            fire(w * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
    std::fill_n(passed, shape_.wordStride(), std::uint64_t{0});
    // The oldest kept R is at the front as long as the history is not full.
    const std::size_t length = history_.size();
    std::vector<float> &oldest = history_[calls_ < length ? 0 : calls_ % length];
    for (std::size_t p = 0; p < R_.size(); ++p) {
        const float d = std::abs(R_[p] - oldest[p]);
        gradient_[p] = 0.5F * gradient_[p] + 0.5F * (d / R_[p]);
        if (d > 0 && testBit(plane, p) && d >= settings_.threshold / (std::sqrt(gradient_[p]) + 1))
            setBit(passed, p);
    }
    std::copy(R_.begin(), R_.end(), history_[calls_ % length].begin());
    ++calls_;
    ++time_;
}

}  // namespace fovea
