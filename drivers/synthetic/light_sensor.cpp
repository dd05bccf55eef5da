// SPDX-License-Identifier: Apache-2.0
// Gather, fire, keep the rest.
#include "drivers/synthetic/light_sensor.h"

#include "engine/core/random.h"

#include <algorithm>
#include <cmath>

namespace fovea::synthetic {

namespace {

/// Sum of four uniform numbers with mean 0 and deviation 1, as in Sensor.
double bell(Random &random) {
    double sum = -2;
    for (int i = 0; i < 4; ++i)
        sum += random.uniform();
    return sum * 1.7320508075688772;
}

}  // namespace

LightSensor::LightSensor(const SyntheticSettings &settings)
    : gain_(settings.shape.pixels()), dark_(gain_.size()), charge_(gain_.size()),
      noise_(gain_.size()) {
    if (settings.photonsPerSpike > 0)
        shot_ = static_cast<float>(std::sqrt(12 / settings.photonsPerSpike));
    Random random(mixBits(settings.seed));
    for (std::size_t p = 0; p < gain_.size(); ++p) {
        const double fault = random.uniform();
        const double threshold = 1 + settings.thresholdSpread * bell(random);
        const double gain = 1 + settings.gainSpread * bell(random);
        const double u = random.uniform();
        charge_[p] = static_cast<float>(random.uniform());
        noise_[p] = static_cast<std::uint32_t>(random() >> 32) | 1U;
        if (fault < settings.hotShare)
            hot_.push_back(static_cast<std::uint32_t>(p));
        else if (1 - fault <= settings.deadShare)
            continue;  // gathers nothing
        gain_[p] = static_cast<float>(gain / threshold);
        dark_[p] = static_cast<float>(settings.darkCurrent * 3 * u * u / threshold);
    }
}

void LightSensor::expose(std::span<const float> light, std::span<float> spikes) {
    for (std::size_t p = 0; p < charge_.size(); ++p) {
        std::uint32_t x = noise_[p];
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        noise_[p] = x;
        // In [-1/2, 1/2): sqrt(12) times that has deviation 1.
        const float draw = static_cast<float>(static_cast<std::int32_t>(x)) * 0x1p-32F;
        const float full = light[p] * gain_[p];
        const float more = full + dark_[p] + shot_ * std::sqrt(full) * draw;
        const float charge = charge_[p] + std::max(more, 0.0F);
        const float spike = charge >= 1 ? 1.0F : 0.0F;
        spikes[p] = spike;
        charge_[p] = charge - spike;
    }
    for (const std::uint32_t pixel : hot_)
        spikes[pixel] = 1;
}

}  // namespace fovea::synthetic
