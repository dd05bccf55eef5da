// SPDX-License-Identifier: Apache-2.0
// Blocks of neurons that stay in the nearest cache through all steps.
#include "engine/train/neuron_steps.h"

#include "engine/train/vector_clones.h"

#include <array>

namespace fovea {

namespace {

constexpr std::size_t blockNeurons = 256;

struct Charge {
    float decay, gain, drive;
};

FOVEA_VECTOR_CLONES
void charge(Charge by, const float *input, float *potential, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        potential[i] = by.decay * potential[i] + by.gain * input[i] + by.drive;
}

FOVEA_VECTOR_CLONES
void fireSoft(float threshold, bool above, float size, float *potential, float *output,
              std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const bool fired = above ? potential[i] > threshold : potential[i] >= threshold;
        output[i] = fired ? size : 0.0F;
        potential[i] -= fired ? threshold : 0.0F;
    }
}

FOVEA_VECTOR_CLONES
void fireHard(float threshold, bool above, float size, float resetTo, float *potential,
              float *output, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const bool fired = above ? potential[i] > threshold : potential[i] >= threshold;
        output[i] = fired ? size : 0.0F;
        potential[i] = fired ? resetTo : potential[i];
    }
}

FOVEA_VECTOR_CLONES
void packSpikes(const float *output, std::uint64_t *words, std::size_t count) {
    for (std::size_t i = 0; i < count; i += 64) {
        std::uint64_t word = 0;
        const std::size_t bits = std::min<std::size_t>(64, count - i);
        for (std::size_t bit = 0; bit < bits; ++bit)
            word |= std::uint64_t{output[i + bit] != 0} << bit;
        words[i / 64] = word;
    }
}

/// 0 or 1 a spike.
FOVEA_VECTOR_CLONES
void unpackSpikes(const std::uint64_t *words, float *spikes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        spikes[i] = static_cast<float>((words[i / 64] >> (i % 64)) & 1U);
}

FOVEA_VECTOR_CLONES
void relative(float threshold, const float *potential, float *u, std::size_t count) {
    const float scale = 1 / threshold;
    for (std::size_t i = 0; i < count; ++i)
        u[i] = (potential[i] - threshold) * scale;
}

/// After the spikes are known.
FOVEA_VECTOR_CLONES
void resetBySpikes(bool soft, float threshold, float resetTo, const float *spikes, float *potential,
                   std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        potential[i] -= spikes[i] * (soft ? threshold : potential[i] - resetTo);
}

struct Back {
    bool soft, detach, thresholdOut;
    float threshold, resetTo;
};

/// One step back: `carry` is dL/dv after the step, becomes dL/dh.
FOVEA_VECTOR_CLONES
void stepBack(Back by, const float *outputGradient, const float *h, const float *slopes,
              const float *spikes, float *carry, float *thresholdSums, std::size_t count) {
    const float size = by.thresholdOut ? by.threshold : 1.0F;
    const float scale = 1 / by.threshold;
    const float through = by.detach ? 0.0F : 1.0F;
    const float out = by.thresholdOut ? 1.0F : 0.0F;
    for (std::size_t i = 0; i < count; ++i) {
        const float e = carry[i];
        const float taken = by.soft ? by.threshold : h[i] - by.resetTo;
        const float toSpike = outputGradient[i] * size - through * taken * e;
        const float slope = slopes[i] * scale;
        thresholdSums[i] += out * outputGradient[i] * spikes[i] - toSpike * slope * h[i] * scale -
                            (by.soft ? spikes[i] * e : 0.0F);
        carry[i] = e * (by.soft ? 1.0F : 1.0F - spikes[i]) + toSpike * slope;
    }
}

FOVEA_VECTOR_CLONES
void scaleInto(float factor, const float *from, float *to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        to[i] = factor * from[i];
}

FOVEA_VECTOR_CLONES
void addScaled(float factor, const float *from, float *to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        to[i] += factor * from[i];
}

double dot(const float *a, const float *b, std::size_t count) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i)
        sum += double{a[i]} * double{b[i]};
    return sum;
}

float gainOf(const TrainedNeuron &neuron, std::span<const float> gains, std::size_t step) {
    return gains.empty() ? neuron.gain : neuron.gain * gains[step];
}

/// The way back of one block.
class Block {
public:
    Block(const TrainedNeuron &neuron, const NeuronRun &run, std::span<const float> gains)
        : neuron_(neuron), run_(run), gains_(gains), potentials_(run.steps * blockNeurons),
          slopes_(run.steps * blockNeurons), spikes_(run.steps * blockNeurons) {}

    void forward(const float *input, const std::uint64_t *spikes, std::size_t first,
                 std::size_t count) {
        std::array<float, blockNeurons> v;
        v.fill(neuron_.start * neuron_.threshold);
        for (std::size_t t = 0; t < run_.steps; ++t) {
            float *const h = potentials_.data() + t * blockNeurons;
            float *const s = spikes_.data() + t * blockNeurons;
            charge({neuron_.decay, gainOf(neuron_, gains_, t), neuron_.drive},
                   input + t * run_.inputStride + first, v.data(), count);
            std::copy_n(v.data(), count, h);
            unpackSpikes(spikes + t * run_.wordsPerStep() + first / 64, s, count);
            relative(neuron_.threshold, h, slopes_.data() + t * blockNeurons, count);
            resetBySpikes(!neuron_.resetTo, neuron_.threshold, neuron_.resetTo.value_or(0), s,
                          v.data(), count);
        }
        for (std::size_t t = 0; t < run_.steps; ++t)
            surrogateGradients(neuron_.surrogate,
                               std::span(slopes_).subspan(t * blockNeurons, count));
    }

    void backward(const float *input, const float *outputGradient, std::size_t first,
                  std::size_t count, float *inputGradient, NeuronGradients &gradients) {
        const bool one = run_.inputStride == 0;
        std::array<float, blockNeurons> carry{};
        std::array<float, blockNeurons> sums{};
        if (one)
            std::fill_n(inputGradient + first, count, 0.0F);
        for (std::size_t t = run_.steps; t-- > 0;) {
            stepBack({!neuron_.resetTo, neuron_.detachReset, neuron_.thresholdOut,
                      neuron_.threshold, neuron_.resetTo.value_or(0)},
                     outputGradient + t * run_.neurons + first,
                     potentials_.data() + t * blockNeurons, slopes_.data() + t * blockNeurons,
                     spikes_.data() + t * blockNeurons, carry.data(), sums.data(), count);
            const float gain = gainOf(neuron_, gains_, t);
            if (one)
                addScaled(gain, carry.data(), inputGradient + first, count);
            else
                scaleInto(gain, carry.data(), inputGradient + t * run_.neurons + first, count);
            if (!gains_.empty())
                gradients.gains[t] +=
                    double{neuron_.gain} *
                    dot(carry.data(), input + t * run_.inputStride + first, count);
            scaleInto(neuron_.decay, carry.data(), carry.data(), count);
        }
        // What is left in `carry` is dL/dv before the first step, which is start * threshold.
        for (std::size_t i = 0; i < count; ++i)
            gradients.threshold += double{sums[i]} + double{neuron_.start} * double{carry[i]};
    }

private:
    const TrainedNeuron &neuron_;
    const NeuronRun &run_;
    std::span<const float> gains_;
    std::vector<float> potentials_, slopes_, spikes_;
};

}  // namespace

void runNeurons(const TrainedNeuron &neuron, const NeuronRun &run, std::span<const float> gains,
                const float *input, std::size_t begin, std::size_t end, float *output,
                std::uint64_t *spikes) {
    const float size = neuron.thresholdOut ? neuron.threshold : 1.0F;
    for (std::size_t first = begin; first < end; first += blockNeurons) {
        const std::size_t count = std::min(blockNeurons, end - first);
        std::array<float, blockNeurons> v;
        v.fill(neuron.start * neuron.threshold);
        for (std::size_t t = 0; t < run.steps; ++t) {
            float *const out = output + t * run.neurons + first;
            charge({neuron.decay, gainOf(neuron, gains, t), neuron.drive},
                   input + t * run.inputStride + first, v.data(), count);
            if (neuron.resetTo)
                fireHard(neuron.threshold, neuron.above, size, *neuron.resetTo, v.data(), out,
                         count);
            else
                fireSoft(neuron.threshold, neuron.above, size, v.data(), out, count);
            packSpikes(out, spikes + t * run.wordsPerStep() + first / 64, count);
        }
    }
}

void NeuronGradients::add(const NeuronGradients &other) {
    threshold += other.threshold;
    for (std::size_t t = 0; t < gains.size(); ++t)
        gains[t] += other.gains[t];
}

void unrollNeurons(const TrainedNeuron &neuron, const NeuronRun &run, std::span<const float> gains,
                   const float *input, const std::uint64_t *spikes, const float *outputGradient,
                   std::size_t begin, std::size_t end, float *inputGradient,
                   NeuronGradients &gradients) {
    gradients.gains.resize(gains.size());
    Block block(neuron, run, gains);
    for (std::size_t first = begin; first < end; first += blockNeurons) {
        const std::size_t count = std::min(blockNeurons, end - first);
        block.forward(input, spikes, first, count);
        block.backward(input, outputGradient, first, count, inputGradient, gradients);
    }
}

}  // namespace fovea
