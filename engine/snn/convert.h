// SPDX-License-Identifier: Apache-2.0
// An ANN becomes a spiking network: folding, average pools, thresholds, and how well it went.
#pragma once

#include "engine/snn/network.h"

namespace fovea {

/// Scale layers (batch normalisations, biases) multiplied into the convolution or linear layer
/// before them, or into the linear layer behind them; what stands alone on pictures becomes a 1x1
/// convolution of each channel. The sums are the same but for rounding.
[[nodiscard]] Result<Network> foldScales(const Network &network);

/// Average pools in place of max pools; `names` of those that were exchanged. Spikes have no
/// maximum that a later step could not change, so this is what conversion asks for, and it changes
/// what the network computes.
[[nodiscard]] Result<Network> withAveragePools(const Network &network,
                                               std::vector<std::string> &names);

/// QCFS activations of `levels` in place of ReLUs. The lambda of each is the `percentile` (0 to
/// 100) of its positive values over `samples`, one input after another, and at most the ReLU's
/// ceiling. InvalidArgument without samples, Unsupported when a layer never gives a positive value.
[[nodiscard]] Result<Network> withMeasuredThresholds(const Network &network,
                                                     std::span<const float> samples,
                                                     double percentile, std::uint32_t levels);

/// Activations that are ReLUs, by name: what needs withMeasuredThresholds().
[[nodiscard]] std::vector<std::string> reluLayers(const Network &network);

/// One layer of an ANN beside its spiking twin.
struct LayerComparison {
    std::string name;
    std::size_t neurons = 0;
    double threshold = 0;   ///< mean over the neurons; 0 for the output
    double ann = 0;         ///< mean value
    double spiking = 0;     ///< mean over steps of what the neurons give
    double difference = 0;  ///< mean of |ann - spiking|, each with its own upstream
    double clipped = 0;     ///< share of neurons at the top level
};

/// Runs both on constant inputs for `steps`: every activation in order, then the output.
/// InvalidArgument when they are not twins (withNeurons()).
[[nodiscard]] Result<std::vector<LayerComparison>> compareTwins(const Network &ann,
                                                                const Network &spiking,
                                                                std::span<const float> samples,
                                                                std::size_t steps);

}  // namespace fovea
