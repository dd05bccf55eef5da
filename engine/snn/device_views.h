// SPDX-License-Identifier: Apache-2.0
// What kernels of networks see: signals packed by time, neurons, and where results go.
#pragma once

#include "engine/cuda/both.h"

#include <cmath>

namespace fovea::snn_bodies {

/// Steps of one pass: the bits of a byte.
constexpr std::uint32_t passSteps = 8;

/// One number for all (strides 0), for each channel or for each neuron.
struct ParameterView {
    const float *values;
    std::uint32_t channelStride, placeStride;

    [[nodiscard]] FOVEA_BOTH float at(std::uint32_t channel, std::uint32_t place) const {
        return values[std::uint64_t{channel} * channelStride + std::uint64_t{place} * placeStride];
    }
};

/// What a node gives in a pass. Packed, a value is a byte: bit t says that it fired in step t, and
/// `sizes` how much a spike counts. A value's place is its index within its channel.
struct SignalView {
    const float *numbers;      ///< null: packed
    const std::uint8_t *bits;  ///< null: numbers
    ParameterView sizes;
    std::uint64_t stepStride;  ///< of numbers; 0: all steps are alike
    std::uint64_t passStride;  ///< of bits, from pass to pass
    std::uint64_t sampleStride;
    std::uint32_t places;  ///< of a channel
    std::uint32_t channelStride, placeStride;

    [[nodiscard]] FOVEA_BOTH std::uint64_t offset(std::uint32_t sample, std::uint32_t channel,
                                                  std::uint32_t place) const {
        return sample * sampleStride + std::uint64_t{channel} * channelStride +
               std::uint64_t{place} * placeStride;
    }
    /// The same signal in a later pass.
    [[nodiscard]] FOVEA_BOTH SignalView later(std::uint32_t passes) const {
        SignalView view = *this;
        if (bits != nullptr)
            view.bits += passes * passStride;
        else
            view.numbers += std::uint64_t{passes} * passSteps * stepStride;
        return view;
    }
    /// Value `element` in C order of all steps.
    template <int most>
    FOVEA_BOTH void read(std::uint32_t sample, std::uint32_t element, std::uint32_t steps,
                         float (&values)[most]) const {
        const std::uint32_t channel = element / places;
        const std::uint64_t at = offset(sample, channel, element % places);
        if (bits != nullptr) {
            const float size = sizes.at(channel, 0);
            const std::uint32_t fired = bits[at];
            for (int t = 0; t < most; ++t)
                values[t] = ((fired >> t) & 1U) != 0 ? size : 0.0F;
            return;
        }
        for (int t = 0; t < most; ++t)
            values[t] = static_cast<std::uint32_t>(t) < steps
                            ? numbers[static_cast<std::uint64_t>(t) * stepStride + at]
                            : 0.0F;
    }
    [[nodiscard]] FOVEA_BOTH std::uint8_t readBits(std::uint32_t sample,
                                                   std::uint32_t element) const {
        return bits[offset(sample, element / places, element % places)];
    }
};

enum class FireRule : std::uint8_t { AtThreshold, AboveThreshold, Never };

/// A layer of neurons: see Neuron for the equations. State lies channels last, sample by sample.
struct NeuronView {
    ParameterView synapseDecay, synapseGain, decay, gain, drive, threshold, resetTo, amplitude,
        traceDecay, traceGain;
    const float *stepGains;  ///< null: ones
    float *potentials;       ///< null: no neurons
    float *currents;         ///< null: no synapse
    float *traces;           ///< null: no trace
    float *starts;
    std::uint8_t *mask;
    std::uint64_t *counts;  ///< spikes given out; null: what is packed is counted elsewhere
    std::uint32_t maxSpikes;
    FireRule fire;
    bool hard;
};

/// One neuron in registers.
struct NeuronLane {
    float synapseDecay, synapseGain, decay, gain, drive, threshold, resetTo;
    float potential, current;

    FOVEA_BOTH NeuronLane(const NeuronView &view, std::uint32_t channel, std::uint32_t place)
        : synapseDecay(0), synapseGain(1), decay(view.decay.at(channel, place)),
          gain(view.gain.at(channel, place)), drive(view.drive.at(channel, place)),
          threshold(view.threshold.at(channel, place)), resetTo(view.resetTo.at(channel, place)),
          potential(0), current(0) {
        if (view.currents != nullptr) {
            synapseDecay = view.synapseDecay.at(channel, place);
            synapseGain = view.synapseGain.at(channel, place);
        }
    }
    /// Charge, fire, reset: the number of spikes, and what the potential was before them.
    FOVEA_BOTH float advance(const NeuronView &view, float input, std::uint32_t step,
                             float &charged) {
        if (view.currents != nullptr) {
            current = synapseDecay * current + synapseGain * input;
            input = current;
        }
        if (view.stepGains != nullptr)
            input = view.stepGains[step] * input;
        charged = decay * potential + gain * input + drive;
        const float spikes = spikesAt(view, charged);
        if (spikes == 0)
            potential = charged;
        else if (view.hard)
            potential = resetTo;
        else
            potential = charged - spikes * threshold;
        return spikes;
    }

private:
    [[nodiscard]] FOVEA_BOTH float spikesAt(const NeuronView &view, float charged) const {
        if (view.fire == FireRule::Never)
            return 0;
        if (view.maxSpikes > 1) {
            const float wanted = nearbyintf(charged / threshold);
            return lesser(greater(wanted, 0.0F), static_cast<float>(view.maxSpikes));
        }
        const bool fires =
            view.fire == FireRule::AtThreshold ? charged >= threshold : charged > threshold;
        return fires ? 1.0F : 0.0F;
    }
};

struct Position {
    std::uint32_t sample, channel, place;
};

/// What becomes of the values that a thread has computed for one place: they charge a neuron, or
/// they are the result; numbers or bits are stored, channels last.
struct Finish {
    NeuronView neuron;
    float *numbers;      ///< null: packed
    std::uint8_t *bits;  ///< null: numbers
    std::uint64_t stepStride;
    std::uint32_t channels, places;
    std::uint32_t pitch;          ///< bytes or numbers from place to place
    std::uint32_t channelOffset;  ///< of what a thread calls channel 0 (Concat)
    std::uint32_t threadChannels;
    std::uint32_t steps;
    const std::uint32_t *clock;  ///< steps since the start of the sample
    std::uint32_t pass;          ///< steps that this pass is later than the clock

    [[nodiscard]] FOVEA_BOTH Position position(std::uint64_t thread) const {
        const auto number = static_cast<std::uint32_t>(thread);
        const std::uint32_t rest = number / threadChannels;
        return {rest / places, number % threadChannels, rest % places};
    }
    [[nodiscard]] FOVEA_BOTH std::uint32_t element(const Position &at) const {
        return at.channel * places + at.place;
    }
    /// Where the thread's byte or number goes.
    [[nodiscard]] FOVEA_BOTH std::uint64_t target(const Position &at) const {
        return (std::uint64_t{at.sample} * places + at.place) * pitch + at.channel + channelOffset;
    }
    template <int most> FOVEA_BOTH void store(const Position &at, float (&values)[most]) const {
        if (neuron.potentials != nullptr)
            charge(at, values);
        const std::uint64_t to = target(at);
        if (bits != nullptr) {
            std::uint32_t fired = 0;
            for (int t = 0; t < most; ++t)
                if (static_cast<std::uint32_t>(t) < steps && values[t] != 0)
                    fired |= 1U << t;
            bits[to] = static_cast<std::uint8_t>(fired);
            return;
        }
        for (int t = 0; t < most; ++t)
            if (static_cast<std::uint32_t>(t) < steps)
                numbers[static_cast<std::uint64_t>(t) * stepStride + to] = values[t];
    }

private:
    /// Values become what the neuron gives; packed ones only say whether it fired.
    template <int most> FOVEA_BOTH void charge(const Position &at, float (&values)[most]) const {
        const std::uint64_t state =
            (std::uint64_t{at.sample} * places + at.place) * channels + at.channel;
        NeuronLane lane(neuron, at.channel, at.place);
        lane.potential = neuron.potentials[state];
        if (neuron.currents != nullptr)
            lane.current = neuron.currents[state];
        const std::uint32_t first = neuron.stepGains != nullptr ? *clock + pass : 0;
        const float open = static_cast<float>(neuron.mask[state]);
        const float amplitude = bits != nullptr ? 1.0F : neuron.amplitude.at(at.channel, at.place);
        std::uint64_t count = 0;
        for (int t = 0; t < most; ++t)
            if (static_cast<std::uint32_t>(t) < steps) {
                float charged = 0;
                const float spikes = lane.advance(neuron, values[t],
                                                  first + static_cast<std::uint32_t>(t), charged) *
                                     open;
                count += static_cast<std::uint64_t>(spikes);
                values[t] = neuron.fire == FireRule::Never ? charged : amplitude * spikes;
            }
        neuron.potentials[state] = lane.potential;
        if (neuron.currents != nullptr)
            neuron.currents[state] = lane.current;
        if (neuron.counts != nullptr)
            neuron.counts[state] += count;
        if (neuron.traces != nullptr)
            trace(at, state, values);
    }
    template <int most>
    FOVEA_BOTH void trace(const Position &at, std::uint64_t state, float (&values)[most]) const {
        const float decay = neuron.traceDecay.at(at.channel, at.place);
        const float gain = neuron.traceGain.at(at.channel, at.place);
        float trace = neuron.traces[state];
        for (int t = 0; t < most; ++t)
            if (static_cast<std::uint32_t>(t) < steps) {
                trace = decay * trace + gain * values[t];
                values[t] = trace;
            }
        neuron.traces[state] = trace;
    }
};

}  // namespace fovea::snn_bodies
