// SPDX-License-Identifier: Apache-2.0
// The rule of a synapse that tires and facilitates, shared by detection and reconstruction.
#pragma once

namespace fovea {

/// Time constants D and F in the unit of the intervals.
struct PlasticityRule {
    float u0 = 0.1F;
    float D = 0.02F;
    float F = 1.7F;
    float f = 0.11F;
};

/// What a spike does to resources R and utilisation u, given how much of their way back they kept
/// since the last one: exp(-interval / D), exp(-interval / F) (Tsodyks, Pawelzik and Markram 1998,
/// equations 3 and 4, in SpikeCV's form):
///   R <- 1 - (1 - R (1 - u)) exp(-interval / D),  u <- u0 + (u + f (1 - u) - u0) exp(-interval /
///   F)
/// Constant expressions may run in kernels, too.
constexpr void takeSpike(float &R, float &u, const PlasticityRule &rule, float keptR, float keptU) {
    R = 1 - (1 - R * (1 - u)) * keptR;
    u = rule.u0 + (u + rule.f * (1 - u) - rule.u0) * keptU;
}

}  // namespace fovea
