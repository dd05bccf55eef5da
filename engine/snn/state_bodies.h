// SPDX-License-Identifier: Apache-2.0
// Kernel bodies beside the layers: start, masks, calibration, planes, counting.
#pragma once

#include "engine/snn/snn_bodies.h"

namespace fovea::snn_bodies {

/// The start of a layer of neurons. Threads: neurons x samples.
struct StartBody {
    static constexpr const char *name() { return "the start of neurons"; }

    NeuronView neuron;
    ParameterView initial;
    std::uint32_t channels, places;
    bool anew;  ///< forgets masks, shifts and counts; else only steps

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const auto number = static_cast<std::uint32_t>(thread);
        if (anew) {
            neuron.starts[thread] = initial.at(number % channels, number / channels % places);
            neuron.mask[thread] = 1;
            if (neuron.counts != nullptr)
                neuron.counts[thread] = 0;
        }
        neuron.potentials[thread] = neuron.starts[thread];
        if (neuron.currents != nullptr)
            neuron.currents[thread] = 0;
        if (neuron.traces != nullptr)
            neuron.traces[thread] = 0;
    }
};

/// SRP: silences neurons that ended at 1e-3 * threshold or below. Threads: neurons x samples.
struct MaskBody {
    static constexpr const char *name() { return "a mask"; }

    NeuronView neuron;
    std::uint32_t channels, places;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const auto number = static_cast<std::uint32_t>(thread);
        const float threshold = neuron.threshold.at(number % channels, number / channels % places);
        neuron.mask[thread] = neuron.potentials[thread] > 1e-3F * threshold ? 1 : 0;
    }
};

/// COS: see NeuronPopulation::calibrate(). Threads: neurons x samples.
struct CalibrateBody {
    static constexpr const char *name() { return "a calibration"; }

    SumOp in;  ///< of pass 0
    Finish finish;
    std::uint32_t probe, passes;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const Position at = finish.position(thread);
        const NeuronView &neuron = finish.neuron;
        const float theta = neuron.threshold.at(at.channel, at.place);
        float residual = 0;
        float spikes = 0;
        for (std::uint32_t k = 0; k < passes; ++k) {
            // As published: a neuron that was never silent begins so high that it never will be.
            Seen seen{0, 1000 * theta, -1000 * theta, 0};
            run(at, neuron.starts[thread], seen);
            if (k == 0) {
                residual = seen.residual;
                spikes = seen.count;
            }
            const auto before = static_cast<float>(k);
            if (residual < -before * theta && spikes > before && seen.count > 0)
                neuron.starts[thread] -= greater(theta, seen.leastFiring - 0.999F * theta);
            else if (residual >= (before + 1) * theta)
                neuron.starts[thread] += greater(theta, 1.001F * theta - seen.mostSilent);
        }
    }

private:
    struct Seen {
        float count, leastFiring, mostSilent, residual;
    };
    FOVEA_BOTH void run(const Position &at, float start, Seen &seen) const {
        NeuronLane lane(finish.neuron, at.channel, at.place);
        lane.potential = start;
        for (std::uint32_t pass = 0; pass * passSteps < probe; ++pass) {
            SumOp op = in;
            for (std::uint32_t s = 0; s < op.sources; ++s)
                op.in[s] = in.in[s].later(pass);
            Finish part = finish;
            part.steps = lesser(passSteps, probe - pass * passSteps);
            float values[passSteps];
            op.values(at, part, values);
            for (std::uint32_t t = 0; t < part.steps; ++t) {
                float charged = 0;
                const float fired =
                    lane.advance(finish.neuron, values[t], pass * passSteps + t, charged);
                seen.count += fired;
                if (fired > 0)
                    seen.leastFiring = lesser(seen.leastFiring, charged);
                else
                    seen.mostSilent = greater(seen.mostSilent, charged);
            }
        }
        seen.residual = lane.potential;
    }
};

/// A step of packed planes as the camera gives them, one a channel and sample, becomes bytes.
/// Threads: channels x places x samples.
struct PlaneBody {
    static constexpr const char *name() { return "planes of spikes"; }

    const std::uint64_t *planes;
    std::uint64_t planeWords;
    Finish finish;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const Position at = finish.position(thread);
        const std::uint64_t *plane =
            planes + (std::uint64_t{at.sample} * finish.channels + at.channel) * planeWords;
        finish.bits[finish.target(at)] =
            static_cast<std::uint8_t>((plane[at.place / 64] >> (at.place % 64)) & 1U);
    }
};

/// Adds up what every value that is not 0 reaches: thread i takes every `threads`th value from i
/// on and has a sum of its own.
struct CountBody {
    static constexpr const char *name() { return "counting"; }

    SignalView in;
    const std::uint32_t *reached;  ///< by a spike at a place; null: 1
    std::uint32_t reachedPlaces;
    std::uint32_t channels, places, samples;
    std::uint32_t steps, threads;
    std::uint64_t *sums;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const std::uint32_t all = channels * places * samples;
        std::uint64_t sum = 0;
        for (auto i = static_cast<std::uint32_t>(thread); i < all; i += threads) {
            const std::uint32_t place = i / channels % places;
            const std::uint64_t at = in.offset(i / channels / places, i % channels, place);
            const std::uint32_t spikes = in.bits != nullptr ? countBits(in.bits[at]) : count(at);
            sum +=
                std::uint64_t{spikes} * (reached != nullptr ? reached[place % reachedPlaces] : 1);
        }
        sums[thread] += sum;
    }

private:
    [[nodiscard]] FOVEA_BOTH std::uint32_t count(std::uint64_t at) const {
        std::uint32_t seen = 0;
        for (std::uint32_t t = 0; t < steps; ++t)
            seen += in.numbers[t * in.stepStride + at] != 0 ? 1 : 0;
        return seen;
    }
};

/// Steps pass. One thread.
struct ClockBody {
    static constexpr const char *name() { return "the clock"; }

    std::uint32_t *clock;
    std::uint32_t steps;

    FOVEA_BOTH void operator()(std::uint64_t) const { *clock += steps; }
};

}  // namespace fovea::snn_bodies
