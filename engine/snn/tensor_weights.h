// SPDX-License-Identifier: Apache-2.0
// Weights as tensor cores want them: rounded, in tiles, each lane's words side by side.
#pragma once

#include "engine/snn/executor.h"

namespace fovea {

/// Weights of a layer for packed spikes; see TensorLayer.
struct TensorWeights {
    std::vector<std::uint32_t> words;
    std::vector<float> scales;  ///< of an output's integers; empty: bf16
    std::uint32_t tapBlocks = 0;
};

/// Channels of a block.
[[nodiscard]] std::uint32_t tensorBlock(Precision precision);

/// `weights[(channel * taps + tap) * outputs + output]`; a spike of channel c counts sizes[c], or
/// sizes[0] when there is one. `precision` is bf16 (rounded to nearest, halves to even) or int8
/// (-127 to 127 steps; a step is the largest weight of the output over 127, or a power of two on
/// which all its weights lie, so that dyadic weights stay exact). Channels are filled up to
/// `pitch`, a multiple of tensorBlock().
[[nodiscard]] TensorWeights packTensorWeights(std::span<const float> weights, std::size_t outputs,
                                              std::size_t taps, std::size_t pitch,
                                              std::span<const float> sizes, Precision precision);

/// The nearest bf16 number's bits.
[[nodiscard]] std::uint16_t toBf16(float value);

}  // namespace fovea
