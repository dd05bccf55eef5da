// SPDX-License-Identifier: Apache-2.0
// Constant-velocity Kalman filter of one coordinate.
#pragma once

#include <cmath>

namespace fovea {

/// State: position (pixels) and velocity (pixels a plane). Model: Kalman 1960 with white
/// acceleration of spectral density `accelerationNoise` (px^2 / plane^3).
///
/// Threads: a plain value.
class KalmanAxis {
public:
    KalmanAxis() = default;
    KalmanAxis(float position, float positionVariance, float velocityVariance)
        : position_(position), pp_(positionVariance), vv_(velocityVariance) {}

    [[nodiscard]] float position() const { return position_; }
    [[nodiscard]] float velocity() const { return velocity_; }
    /// Where it will be after `planes` planes.
    [[nodiscard]] float at(float planes) const { return position_ + velocity_ * planes; }

    /// Another point of the same thing is followed from now on.
    void shift(float by) { position_ += by; }

    void predict(float planes, float accelerationNoise) {
        position_ += velocity_ * planes;
        const float q = accelerationNoise * planes;
        pp_ += planes * (2 * pv_ + planes * vv_) + q * planes * planes / 3;
        pv_ += planes * vv_ + q * planes / 2;
        vv_ += q;
    }

    /// Takes a measured position. One surprise beyond three standard deviations, or some smaller
    /// ones in a row to the same side, mean a manoeuvre (a bounce): the velocity is then trusted
    /// less.
    void correct(float measured, float measuredVariance, float planesSince) {
        constexpr float manoeuvre = 3;
        const float surprise = measured - position_;
        float total = pp_ + measuredVariance;
        drift_ = 0.75F * drift_ + surprise / std::sqrt(total);
        const bool bounced = surprise * surprise > manoeuvre * manoeuvre * total ||
                             std::abs(drift_) > 1.5F * manoeuvre;
        if (bounced && planesSince > 0) {
            const float extra = surprise * surprise / (manoeuvre * manoeuvre);
            pp_ += extra;
            vv_ += extra / (planesSince * planesSince * 16);
            pv_ += extra / (planesSince * 4);
            total += extra;
        }
        const float gainP = pp_ / total;
        const float gainV = pv_ / total;
        position_ += gainP * surprise;
        velocity_ += gainV * surprise;
        vv_ -= gainV * pv_;
        pv_ *= 1 - gainP;
        pp_ *= 1 - gainP;
    }

private:
    float position_ = 0;
    float velocity_ = 0;
    float pp_ = 1;
    float pv_ = 0;
    float vv_ = 1;
    float drift_ = 0;  ///< fading sum of surprises, in standard deviations
};

}  // namespace fovea
