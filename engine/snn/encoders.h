// SPDX-License-Identifier: Apache-2.0
// From pictures and spike planes to what a network takes in a step.
#pragma once

#include "engine/core/plane_bits.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fovea {

/// How a value x in [0, 1] is told over steps t = 0..T-1 (Ding et al., "Neuromorphic computing
/// paradigms enhance robustness through spiking neural networks", Nature Communications 2025).
enum class Encoding {
    Constant,    ///< x itself in every step
    Rate,        ///< a spike with probability x, by seed, step and place only (Poisson)
    DenseFirst,  ///< spikes while t / T < x: all at the beginning
    DenseLast,   ///< spikes while t / T > 1 - x: all at the end
    FirstSpike,  ///< one spike at t = floor((1 - x) * T), none for x = 0 (time to first spike)
};

/// "constant", "rate", "dense-first", "dense-last", "first-spike".
[[nodiscard]] std::string_view toString(Encoding encoding);
[[nodiscard]] std::optional<Encoding> parseEncoding(std::string_view name);

/// Step `step` of `steps` of the values, computed in float as the equations above stand. `seed`
/// matters to Rate only. `output` has as many values as `values`.
void encode(Encoding encoding, std::span<const float> values, std::size_t step, std::size_t steps,
            std::uint64_t seed, std::span<float> output);

/// All steps of several encodings after one another along the channels, each brought to mean 0 and
/// deviation 1 over its values and steps (one that never changes becomes zeros): "fused". Gives
/// steps x encodings x values numbers.
[[nodiscard]] std::vector<float> encodeFused(std::span<const Encoding> encodings,
                                             std::span<const float> values, std::size_t steps,
                                             std::uint64_t seed);

/// Adds the spikes of planes to `counts`, one a pixel. Lost planes add nothing; returns how many
/// were there, so that the caller can scale or refuse.
std::size_t binPlanes(PlanePointers planes, PlaneShape shape, std::span<float> counts);

}  // namespace fovea
