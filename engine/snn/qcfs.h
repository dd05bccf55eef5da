// SPDX-License-Identifier: Apache-2.0
// A converted network and its ANN twin: neurons for QCFS activations and back, and how far the two
// are apart.
#pragma once

#include "engine/snn/network.h"

namespace fovea {

/// NQ's training forward (Huang et al., TNNLS 2025): lambda * floor(clip(z / lambda, 0, 1) * levels
/// + 1/2) / levels - sigma * noise; sigma is not scaled by lambda.
[[nodiscard]] float noisyActivation(float z, float lambda, std::uint32_t levels, float sigma,
                                    float noise);

/// The ANN twin: an Activation of `levels` in place of every IF neuron, lambda its threshold.
/// Unsupported for other spiking neurons.
[[nodiscard]] Result<Network> withActivations(const Network &network, std::uint32_t levels);

/// The spiking twin: Neuron::qcfs(lambda) in place of every QCFS activation (Bu et al., ICLR 2022,
/// theorem 2: the expected error is 0). Unsupported for ReLU, whose threshold must be measured.
[[nodiscard]] Result<Network> withNeurons(const Network &network);

/// NQ's estimate of the residual error: for every spiking layer, in the network's order, the square
/// root of the mean over `batches` of the unbiased variance of (activation - mean spike output over
/// `steps`), each side with its own upstream. Every batch holds `batch` inputs.
[[nodiscard]] Result<std::vector<double>>
estimateResidualNoise(const Network &network, std::span<const std::vector<float>> batches,
                      std::size_t batch, std::uint32_t levels, std::size_t steps);

}  // namespace fovea
