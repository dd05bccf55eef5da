// SPDX-License-Identifier: Apache-2.0
// The one neuron of the engine; every published model that we run is a choice of its numbers.
#pragma once

#include "engine/snn/signal_shape.h"

#include <optional>
#include <vector>

namespace fovea {

/// One number for all neurons of a layer, one for each channel, or one for each neuron.
class Parameter {
public:
    Parameter(float value = 0) : values_{value} {}
    /// Equal values become one number.
    explicit Parameter(std::vector<float> values);

    [[nodiscard]] bool uniform() const { return values_.size() == 1; }
    [[nodiscard]] std::span<const float> values() const { return values_; }
    /// It has as many numbers as `shape` has neurons or channels, or one.
    [[nodiscard]] bool fits(const SignalShape &shape) const;
    /// The number of neuron `index`; `shape` is one that it fits.
    [[nodiscard]] float at(std::size_t index, const SignalShape &shape) const;
    /// Every number, one for each neuron.
    [[nodiscard]] std::vector<float> expand(const SignalShape &shape) const;
    [[nodiscard]] bool all(float value) const { return uniform() && values_[0] == value; }

    friend bool operator==(const Parameter &, const Parameter &) = default;

private:
    std::vector<float> values_;
};

/// y[t] = decay * y[t-1] + gain * x[t], y = 0 before the first step.
struct Filter {
    Parameter decay;
    Parameter gain = 1;
    friend bool operator==(const Filter &, const Filter &) = default;
};

enum class Fire {
    AtThreshold,     ///< potential >= threshold (SpikingJelly, QCFS, MPPD)
    AboveThreshold,  ///< potential > threshold (NIR)
    Never,           ///< the potential itself is the output (LI, I)
};
enum class Reset {
    Soft,  ///< the threshold is taken away, once a spike
    Hard,  ///< the potential becomes `resetTo`
};

/// A layer of neurons, all alike but for their numbers. In step t, with input x:
///
///     i = synapse(x)                                  or x without a synapse
///     h = decay * v + gain * (stepGains[t] * i) + drive
///     s = [h >= threshold]                            or [h > threshold]; see `fire`
///     v = h - s * threshold                           or h - s * (h - resetTo); see `reset`
///     output = amplitude * s                          or v when it never fires, or trace(s)
///
/// With `maxSpikes` S > 1 s is clamp(round(h / threshold), 0, S), halves to even (integer LIF).
/// Sources: IF, LIF, PLIF, CUBALIF, ILIF as in SpikingJelly's documentation; QCFS (Bu et al., ICLR
/// 2022, eq. 3-6): IF with initial = threshold / 2 and amplitude = threshold; MPPD's LIF and DLIF
/// (Ding et al., ICML 2024): decay, stepGains p[t], hard reset to 0; NIR's models by forward Euler.
struct Neuron {
    std::optional<Filter> synapse;
    Parameter decay = 1;
    Parameter gain = 1;
    Parameter drive = 0;
    /// DLIF's p[t]: all ones when empty, else the number of steps a network can run.
    std::vector<float> stepGains;
    Parameter threshold = 1;
    Fire fire = Fire::AtThreshold;
    Reset reset = Reset::Soft;
    Parameter resetTo = 0;
    Parameter initial = 0;  ///< potential before the first step
    std::uint32_t maxSpikes = 1;
    Parameter amplitude = 1;
    std::optional<Filter> trace;

    /// h = v + x
    [[nodiscard]] static Neuron integrateAndFire(Parameter threshold, Reset reset);
    /// The twin of a QCFS activation of step lambda.
    [[nodiscard]] static Neuron qcfs(Parameter lambda);
    /// `decayInput`: h = v + (x - (v - rest)) / tau, else h = v - (v - rest) / tau + x. tau > 1 or,
    /// without input decay, >= 1; initial and reset potential are `rest`.
    [[nodiscard]] static Neuron leaky(float tau, bool decayInput, float rest = 0);
    /// leaky() with 1 / tau = sigmoid(w) (PLIF).
    [[nodiscard]] static Neuron parametricLeaky(float w, bool decayInput, float rest = 0);
    /// h = decay * v + p[t] * x, hard reset to 0 (MPPD; DLIF when p is not empty).
    [[nodiscard]] static Neuron decaying(float decay, std::vector<float> p = {});
    /// i = currentDecay * i + x, h = decay * v + i.
    [[nodiscard]] static Neuron currentBased(float currentDecay, float decay);
    /// h = decay * v + gain * x, which is the output.
    [[nodiscard]] static Neuron leakyIntegrator(Parameter decay, Parameter gain);
    /// leaky() without input decay, soft reset, up to `maxSpikes` spikes a step.
    [[nodiscard]] static Neuron integerLeaky(float tau, std::uint32_t maxSpikes);

    friend bool operator==(const Neuron &, const Neuron &) = default;
};

/// Every number finite and of the right count, thresholds of spiking neurons that reset by
/// subtraction above 0, spikes a step 1 to 255; else InvalidArgument, naming the field.
[[nodiscard]] Result<void> check(const Neuron &neuron, const SignalShape &shape);

/// "IF", "LIF", "DLIF", "CubaLIF", "LI", "CubaLI", "I", "Threshold", "integer LIF": what the
/// numbers make of it.
[[nodiscard]] std::string_view modelName(const Neuron &neuron);

}  // namespace fovea
