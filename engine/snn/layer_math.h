// SPDX-License-Identifier: Apache-2.0
// The reference: what each layer without state computes, written as its definition says.
#pragma once

#include "engine/snn/layers.h"

namespace fovea {

/// The activation of `levels` (0: ReLU) and `lambda`, see Activation.
[[nodiscard]] float activate(float z, float lambda, std::uint32_t levels);

/// One sample. `input` (shape `from`) to `output` (shape `to`, as outputShape() gave it), both in C
/// order. Sums run in C order of the weights, from the bias on, in float without fused
/// multiply-add: this is what every other executor is held against. Add, Output and Flatten copy.
/// Not for Input, Concat, Delay and Neuron.
void computeLayer(const Layer &layer, const SignalShape &from, const SignalShape &to,
                  std::span<const float> input, std::span<float> output);

}  // namespace fovea
