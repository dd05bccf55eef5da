// SPDX-License-Identifier: Apache-2.0
// The reference: a layer of neurons with its state, one number at a time.
#pragma once

#include "engine/snn/neuron.h"

namespace fovea {

/// State of all neurons of one layer for a batch of samples, and what COS and SRP do to it.
/// Spans hold batch x neurons values, sample by sample.
///
/// Threads: one at a time.
class NeuronPopulation {
public:
    /// `neuron` passed check() for `shape`.
    NeuronPopulation(const Neuron &neuron, const SignalShape &shape, std::size_t batch);

    /// Before the first step: potentials as the model says, no mask.
    void reset();
    /// One time step; see Neuron for the equations. The spikes of masked neurons are not given out.
    void step(std::span<const float> input, std::span<float> output);

    /// SRP (Hao et al., AAAI 2023), between its stages: neurons whose potential is not above
    /// 1e-3 * threshold give out nothing from now on, and all begin anew.
    void maskByResidual();
    [[nodiscard]] static bool givesAfterResidual(float potential, float threshold) {
        return potential > 1e-3F * threshold;
    }
    /// COS (Hao et al., ICLR 2023): runs the first `probe` steps of `inputs` (step by step,
    /// batch x neurons each) from the start, shifts the start of neurons that ended below 0
    /// or at the threshold and above by just enough for one spike less or more, and goes back to
    /// that start. Pass k of `passes` shifts those whose first residual asks for a k-th spike.
    void calibrate(std::span<const float> inputs, std::size_t probe, std::size_t passes);

    [[nodiscard]] std::size_t size() const { return potentials_.size(); }
    [[nodiscard]] std::span<const float> potentials() const { return potentials_; }
    /// Potentials before the first step, as calibrate() left them.
    [[nodiscard]] std::span<const float> starts() const { return starts_; }
    /// 1: gives out its spikes.
    [[nodiscard]] std::span<const std::uint8_t> mask() const { return mask_; }
    /// Given out since reset(), integer spikes by their number.
    [[nodiscard]] std::uint64_t spikes() const { return spikes_; }

private:
    /// What a neuron is made of, expanded to one number each.
    struct Numbers {
        std::vector<float> synapseDecay, synapseGain, decay, gain, drive, threshold, resetTo,
            initial, amplitude, traceDecay, traceGain;
    };
    struct Probe;

    void begin();
    /// Charge, fire, reset of neuron `i` of the batch; the number of spikes.
    float advance(std::size_t i, float input, float &charged);
    [[nodiscard]] float spikesAt(float charged, float threshold) const;
    void runProbe(std::span<const float> inputs, std::size_t steps, Probe &probe);

    Neuron neuron_;
    Numbers numbers_;
    std::size_t neurons_;
    std::size_t step_ = 0;
    std::vector<float> potentials_, starts_, currents_, traces_;
    std::vector<std::uint8_t> mask_;
    std::uint64_t spikes_ = 0;
};

}  // namespace fovea
