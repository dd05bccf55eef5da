// SPDX-License-Identifier: Apache-2.0
// Numbers of the published neuron models.
#include "engine/snn/neuron.h"

#include <algorithm>
#include <cmath>

namespace fovea {

Parameter::Parameter(std::vector<float> values) : values_(std::move(values)) {
    if (!values_.empty() &&
        std::all_of(values_.begin(), values_.end(), [&](float v) { return v == values_[0]; }))
        values_ = std::vector<float>(1, values_[0]);
}

bool Parameter::fits(const SignalShape &shape) const {
    return uniform() || values_.size() == shape.elements() || values_.size() == shape.channels();
}

float Parameter::at(std::size_t index, const SignalShape &shape) const {
    if (uniform())
        return values_[0];
    return values_.size() == shape.elements() ? values_[index]
                                              : values_[index / shape.channelElements()];
}

std::vector<float> Parameter::expand(const SignalShape &shape) const {
    std::vector<float> all(shape.elements());
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = at(i, shape);
    return all;
}

Neuron Neuron::integrateAndFire(Parameter threshold, Reset reset) {
    Neuron neuron;
    neuron.threshold = std::move(threshold);
    neuron.reset = reset;
    return neuron;
}

Neuron Neuron::qcfs(Parameter lambda) {
    std::vector<float> half(lambda.values().begin(), lambda.values().end());
    for (float &value : half)
        value /= 2;
    Neuron neuron = integrateAndFire(lambda, Reset::Soft);
    neuron.initial = Parameter(std::move(half));
    neuron.amplitude = std::move(lambda);
    return neuron;
}

Neuron Neuron::leaky(float tau, bool decayInput, float rest) {
    Neuron neuron;
    neuron.decay = 1 - 1 / tau;
    neuron.gain = decayInput ? 1 / tau : 1.0F;
    neuron.drive = rest / tau;
    neuron.reset = Reset::Hard;
    neuron.resetTo = rest;
    neuron.initial = rest;
    return neuron;
}

Neuron Neuron::parametricLeaky(float w, bool decayInput, float rest) {
    return leaky(1 + std::exp(-w), decayInput, rest);
}

Neuron Neuron::decaying(float decay, std::vector<float> p) {
    Neuron neuron;
    neuron.decay = decay;
    neuron.stepGains = std::move(p);
    neuron.reset = Reset::Hard;
    return neuron;
}

Neuron Neuron::currentBased(float currentDecay, float decay) {
    Neuron neuron;
    neuron.synapse = Filter{currentDecay, 1};
    neuron.decay = decay;
    neuron.reset = Reset::Hard;
    return neuron;
}

Neuron Neuron::leakyIntegrator(Parameter decay, Parameter gain) {
    Neuron neuron;
    neuron.decay = std::move(decay);
    neuron.gain = std::move(gain);
    neuron.fire = Fire::Never;
    return neuron;
}

Neuron Neuron::integerLeaky(float tau, std::uint32_t maxSpikes) {
    Neuron neuron = leaky(tau, false);
    neuron.reset = Reset::Soft;
    neuron.maxSpikes = maxSpikes;
    return neuron;
}

namespace {

Result<void> checkParameter(std::string_view field, const Parameter &parameter,
                            const SignalShape &shape) {
    if (!parameter.fits(shape))
        return fail(ErrorCode::InvalidArgument,
                    "{}: {} numbers do not fit {}: one, one a channel or one a neuron", field,
                    parameter.values().size(), toString(shape));
    for (const float value : parameter.values())
        if (!std::isfinite(value))
            return fail(ErrorCode::InvalidArgument, "{}: {} is not a finite number", field, value);
    return {};
}

}  // namespace

Result<void> check(const Neuron &neuron, const SignalShape &shape) {
    std::vector<std::pair<std::string_view, const Parameter *>> fields = {
        {"decay", &neuron.decay},
        {"gain", &neuron.gain},
        {"drive", &neuron.drive},
        {"threshold", &neuron.threshold},
        {"reset potential", &neuron.resetTo},
        {"initial potential", &neuron.initial},
        {"amplitude", &neuron.amplitude}};
    if (neuron.synapse)
        fields.insert(fields.end(), {{"synapse decay", &neuron.synapse->decay},
                                     {"synapse gain", &neuron.synapse->gain}});
    if (neuron.trace)
        fields.insert(fields.end(),
                      {{"trace decay", &neuron.trace->decay}, {"trace gain", &neuron.trace->gain}});
    for (const auto &[field, parameter] : fields)
        if (auto checked = checkParameter(field, *parameter, shape); !checked)
            return checked;
    for (const float value : neuron.stepGains)
        if (!std::isfinite(value))
            return fail(ErrorCode::InvalidArgument, "gain per step: {} is not finite", value);
    if (neuron.maxSpikes < 1 || neuron.maxSpikes > 255)
        return fail(ErrorCode::InvalidArgument, "spikes a step are 1 to 255, not {}",
                    neuron.maxSpikes);
    const bool dividing = neuron.maxSpikes > 1 || neuron.reset == Reset::Soft;
    if (neuron.fire != Fire::Never && dividing)
        for (const float value : neuron.threshold.values())
            if (value <= 0)
                return fail(ErrorCode::InvalidArgument,
                            "threshold {}: a soft reset needs one above 0", value);
    return {};
}

std::string_view modelName(const Neuron &neuron) {
    if (neuron.maxSpikes > 1)
        return "integer LIF";
    const bool keeps = neuron.decay.all(1) && neuron.drive.all(0);
    if (neuron.fire == Fire::Never)
        return neuron.synapse ? "CubaLI" : keeps ? "I" : "LI";
    if (neuron.synapse)
        return "CubaLIF";
    if (!neuron.stepGains.empty())
        return "DLIF";
    if (neuron.decay.all(0) && neuron.gain.all(1) && neuron.drive.all(0) && !neuron.trace)
        return "Threshold";
    return keeps ? "IF" : "LIF";
}

}  // namespace fovea
