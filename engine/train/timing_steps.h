// SPDX-License-Identifier: Apache-2.0
// Neurons with a first-order synapse and the two ways back through them: activation (BPTT) and
// timing (TSSL-BP), as in Ding et al., Nature Communications 2025.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// m += -m / tauMembrane + x; s = [m >= threshold] ([m > threshold] for TSSL-BP); reset to 0, or by
/// the threshold when `soft`; y += (s - y) / tauSynapse. Gives y, or s when `givesSpikes`.
struct TimingNeuron {
    float tauMembrane = 5;
    float tauSynapse = 3;
    float threshold = 1;
    bool soft = false;
    bool givesSpikes = false;
};
enum class TimingRule : std::uint8_t {
    Activation,  ///< backpropagation through time, sigmoid of slope 5 for a spike
    Timing,      ///< TSSL-BP: by how much a spike moves when its input changes
};

/// What a run leaves behind, steps x neurons each.
struct TimingTrace {
    std::vector<float> potentials;  ///< before the reset
    std::vector<float> changes;     ///< of the potential in the step
    std::vector<float> spikes;
    std::vector<float> synapses;
    std::vector<float> output;
};

[[nodiscard]] TimingTrace runTiming(const TimingNeuron &neuron, TimingRule rule,
                                    std::span<const float> input, std::size_t steps);

/// dL/dinput, steps x neurons.
[[nodiscard]] std::vector<float> unrollTiming(const TimingNeuron &neuron, TimingRule rule,
                                              const TimingTrace &trace,
                                              std::span<const float> outputGradient,
                                              std::size_t steps);

/// The input as its synapse passes it on: y = y - y / tau + x, y / tau.
[[nodiscard]] std::vector<float> synapticInput(std::span<const float> input, std::size_t steps,
                                               float tau);

}  // namespace fovea
