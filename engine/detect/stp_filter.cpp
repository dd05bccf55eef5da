// SPDX-License-Identifier: Apache-2.0
// Exact and simple: spiking pixels first, then the gradient of all.
#include "engine/detect/stp_filter.h"

#include "engine/core/plane_bits.h"
#include "engine/core/short_term_plasticity.h"
#include "engine/detect/stp_rule.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fovea {

namespace {

/// What is kept of a deviation through an interval.
float kept(std::uint64_t planes, float timeUnit, float timeConstant) {
    const float dt = static_cast<float>(planes) / timeUnit;
    return std::exp(-dt / timeConstant);
}

}  // namespace

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
    const std::uint64_t interval = time_ + 1 - last_[pixel];
    takeSpike(R_[pixel], u_[pixel], {s.u0, s.D, s.F, s.f}, kept(interval, s.timeUnit, s.D),
              kept(interval, s.timeUnit, s.F));
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
        const float d = takeChange(R_[p], oldest[p], gradient_[p]);
        if (testBit(plane, p) && passesStp(d, gradient_[p], settings_.threshold))
            setBit(passed, p);
    }
    std::copy(R_.begin(), R_.end(), history_[calls_ % length].begin());
    ++calls_;
    ++time_;
}

StpFilter::Factors StpFilter::factorsOf(const StpSettings &settings) {
    Factors factors;
    for (std::uint64_t n = 0; n == 0 || factors.R.back() != 0 || factors.u.back() != 0; ++n) {
        factors.R.push_back(kept(n, settings.timeUnit, settings.D));
        factors.u.push_back(kept(n, settings.timeUnit, settings.F));
    }
    return factors;
}

void StpFilter::setState(std::span<const float> R, std::span<const float> u,
                         std::span<const float> gradient, std::span<const std::uint32_t> silent) {
    R_.assign(R.begin(), R.end());
    u_.assign(u.begin(), u.end());
    gradient_.assign(gradient.begin(), gradient.end());
    time_ = std::uint64_t{1} << 40;  // only differences matter
    for (std::size_t p = 0; p < last_.size(); ++p)
        last_[p] = time_ - silent[p];
    for (std::vector<float> &old : history_)
        old = R_;
}

}  // namespace fovea
