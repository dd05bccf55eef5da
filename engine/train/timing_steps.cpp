// SPDX-License-Identifier: Apache-2.0
// One neuron at a time through all steps, forward and back.
#include "engine/train/timing_steps.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

/// TSSL-BP of neurons that give spikes knows no synapse in its trace.
float traceTau(const TimingNeuron &neuron, TimingRule rule) {
    return neuron.givesSpikes && rule == TimingRule::Timing ? 1.0F : neuron.tauSynapse;
}

/// The way back for one neuron; values of step t are at [t * stride].
class Unroll {
public:
    Unroll(const TimingNeuron &neuron, const TimingTrace &trace, std::span<const float> gradient,
           std::size_t steps)
        : neuron_(neuron), trace_(trace), gradient_(gradient), steps_(steps),
          stride_(gradient.size() / steps), kernel_(steps) {
        const float scale = 1 / neuron.tauSynapse;
        for (std::size_t k = 0; k < steps; ++k)
            kernel_[k] = scale * std::pow(1 - scale, static_cast<float>(k));
    }

    void activation(std::size_t index, std::span<float> result) const {
        const float fade = 1 - 1 / neuron_.tauMembrane;
        float carry = 0;
        float synapse = 0;
        for (std::size_t t = steps_; t-- > 0;) {
            const std::size_t at = t * stride_ + index;
            const float u = trace_.potentials[at];
            float toSpike = gradient_[at];
            if (!neuron_.givesSpikes) {
                synapse += gradient_[at];
                toSpike = synapse / neuron_.tauSynapse;
                synapse *= 1 - 1 / neuron_.tauSynapse;
            }
            const float s = 1 / (1 + std::exp(-5 * (u - neuron_.threshold)));
            toSpike -= carry * (neuron_.soft ? neuron_.threshold : u);
            result[at] = toSpike * 5 * s * (1 - s) +
                         (neuron_.soft ? carry : carry * (1 - trace_.spikes[at]));
            carry = result[at] * fade;
        }
    }

    void timing(std::size_t index, std::span<float> result) const {
        const float theta = 1 / neuron_.tauMembrane;
        const float tau = traceTau(neuron_, TimingRule::Timing);
        float carry = 0;
        for (std::size_t t = steps_; t-- > 0;) {
            const std::size_t at = t * stride_ + index;
            const float u = trace_.potentials[at];
            const float spike = trace_.spikes[at];
            // A change that is 0 moves no spike by a finite time: cut at -8.
            const float moved = std::clamp(-1 / trace_.changes[at], -8.0F, 0.0F) * spike;
            float later = 0;
            for (std::size_t k = 0; t + k < steps_; ++k)
                later += kernel_[k] * gradient_[at + k * stride_];
            float slope = -moved * later;
            if (t + 1 < steps_)
                slope += -carry * u * theta * moved + carry * (1 - theta) * (1 - spike);
            carry = slope * spike + carry * (1 - spike) * (1 - theta);
            const float e = std::exp(std::clamp((neuron_.threshold - u) / 0.2F, -8.0F, 8.0F));
            const bool silent = trace_.synapses[at] < 1 / (4 * tau);
            result[at] = silent ? later * e / ((1 + e) * (1 + e) * 0.2F) : slope;
        }
    }

private:
    const TimingNeuron &neuron_;
    const TimingTrace &trace_;
    std::span<const float> gradient_;
    std::size_t steps_;
    std::size_t stride_;
    std::vector<float> kernel_;
};

}  // namespace

TimingTrace runTiming(const TimingNeuron &neuron, TimingRule rule, std::span<const float> input,
                      std::size_t steps) {
    TimingTrace trace;
    for (auto *values : {&trace.potentials, &trace.changes, &trace.spikes, &trace.synapses})
        values->resize(input.size());
    const std::size_t count = input.size() / steps;
    const float tau = traceTau(neuron, rule);
    for (std::size_t i = 0; i < count; ++i) {
        float m = 0;
        float y = 0;
        for (std::size_t t = 0; t < steps; ++t) {
            const std::size_t at = t * count + i;
            const float change = -m / neuron.tauMembrane + input[at];
            m += change;
            const bool fired =
                rule == TimingRule::Timing ? m > neuron.threshold : m >= neuron.threshold;
            const float spike = fired ? 1.0F : 0.0F;
            trace.potentials[at] = m;
            trace.changes[at] = change;
            trace.spikes[at] = spike;
            m = neuron.soft ? m - spike * neuron.threshold : m * (1 - spike);
            y += (spike - y) / tau;
            trace.synapses[at] = y;
        }
    }
    trace.output = neuron.givesSpikes ? trace.spikes : trace.synapses;
    return trace;
}

std::vector<float> unrollTiming(const TimingNeuron &neuron, TimingRule rule,
                                const TimingTrace &trace, std::span<const float> outputGradient,
                                std::size_t steps) {
    std::vector<float> result(outputGradient.size());
    const Unroll unroll(neuron, trace, outputGradient, steps);
    for (std::size_t i = 0; i < outputGradient.size() / steps; ++i)
        if (rule == TimingRule::Activation)
            unroll.activation(i, result);
        else
            unroll.timing(i, result);
    return result;
}

std::vector<float> synapticInput(std::span<const float> input, std::size_t steps, float tau) {
    std::vector<float> result(input.size());
    const std::size_t count = input.size() / steps;
    for (std::size_t i = 0; i < count; ++i) {
        float y = 0;
        for (std::size_t t = 0; t < steps; ++t) {
            y = y - y / tau + input[t * count + i];
            result[t * count + i] = y / tau;
        }
    }
    return result;
}

}  // namespace fovea
