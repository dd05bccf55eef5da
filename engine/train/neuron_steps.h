// SPDX-License-Identifier: Apache-2.0
// All steps of a layer of neurons at once, forward and back: the inner loops of training.
#pragma once

#include "engine/train/surrogate.h"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fovea {

/// A neuron as it is trained. In step t, with u = (h - threshold) / threshold:
///
///     h = decay * v + gain * p[t] * x[t] + drive
///     s = [h >= threshold]                      ([h > threshold] with `above`)
///     v = h - s * threshold                     or h - s * (h - resetTo) with a hard reset
///     output = s, or threshold * s with `thresholdOut` (QCFS)
///
/// v before the first step is `start` * threshold. ds/dh = surrogate(u) / threshold. The gradient
/// flows through the reset unless `detachReset`.
struct TrainedNeuron {
    float decay = 1;
    float gain = 1;
    float drive = 0;
    float threshold = 1;
    float start = 0;
    bool above = false;
    bool thresholdOut = false;
    std::optional<float> resetTo;  ///< absent: the threshold is taken away
    bool detachReset = false;
    Surrogate surrogate;
};

/// The sides of a run: x[t] begins at x + t * inputStride (0: one input that stands for all steps).
struct NeuronRun {
    std::size_t steps = 1;
    std::size_t neurons = 0;
    std::size_t inputStride = 0;
    [[nodiscard]] std::size_t wordsPerStep() const { return (neurons + 63) / 64; }
};

/// Neurons [begin, end), begin a multiple of 64: fills `output` (steps x neurons) and a bit a spike
/// in `spikes` (steps x wordsPerStep()). `gains`: p[t], or none.
///
/// Threads: any number, on ranges of their own.
void runNeurons(const TrainedNeuron &neuron, const NeuronRun &run, std::span<const float> gains,
                const float *input, std::size_t begin, std::size_t end, float *output,
                std::uint64_t *spikes);

/// Gradients that belong to the whole layer; those of ranges are added.
struct NeuronGradients {
    double threshold = 0;
    std::vector<double> gains;  ///< one a step, or none
    void add(const NeuronGradients &other);
};

/// The way back over the same range: fills `inputGradient`, steps x neurons (summed over the steps
/// where one input stood for all: then neurons only). Potentials are computed anew from the input
/// and the saved spikes.
void unrollNeurons(const TrainedNeuron &neuron, const NeuronRun &run, std::span<const float> gains,
                   const float *input, const std::uint64_t *spikes, const float *outputGradient,
                   std::size_t begin, std::size_t end, float *inputGradient,
                   NeuronGradients &gradients);

}  // namespace fovea
