// SPDX-License-Identifier: Apache-2.0
// Inner loops of the CPU executor: adding rows of weights, stepping neurons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea::cpu_kernels {

/// Channels are padded to a multiple of this.
inline constexpr std::size_t lanes = 16;
/// Outputs that one call of addRows() sums, at most.
inline constexpr std::size_t blockOutputs = 128;

/// Rows of `width` weights (a multiple of `lanes`, at most `blockOutputs`), one below the other.
struct Rows {
    const float *weights;
    std::size_t width;
    bool far;  ///< they are not in a cache: fetched ahead
};
/// sums[o] = start[o] (0 without) + the numbers of column o in the rows `list`, in its order.
void addRows(const Rows &rows, std::span<const std::uint32_t> list, const float *start,
             float *sums);
/// The same with row i times factors[i].
void addScaledRows(const Rows &rows, std::span<const std::uint32_t> list, const float *factors,
                   const float *start, float *sums);

/// One number for each channel of a pixel; `pixelStride` 0: all pixels have the same.
struct Numbers {
    const float *values = nullptr;
    std::size_t pixelStride = 0;
};
/// See Neuron.
struct NeuronRule {
    Numbers decay, gain, drive, threshold, resetTo;
    Numbers start;                     ///< potentials before the first step
    const float *stepGains = nullptr;  ///< of the steps to come, or none
    bool atThreshold = true;           ///< else above it
    bool soft = true;
    bool integrates = false;  ///< decay 1, gain 1, drive 0, no gains: an IF neuron
};
/// What the neurons of some neighbouring pixels are given, and where their spikes go.
struct NeuronRun {
    const float *sums = nullptr;             ///< or
    const std::int32_t *integers = nullptr;  ///< sums of int8 weights
    std::size_t pixelStride = 0, stepStride = 0;
    const float *scale = nullptr;  ///< the current is bias + scale * sum; null: it is the sum
    const float *bias = nullptr;
    std::size_t pixels = 0, steps = 0, channels = 0;
    float *potentials = nullptr;
    std::size_t potentialStride = 0;
    bool fresh = false;                  ///< potentials are not read: they are at the start
    bool keep = true;                    ///< potentials are written
    bool stream = false;                 ///< past the caches, on cache lines
    const std::uint8_t *mask = nullptr;  ///< laid out as potentials; 0: gives out nothing
    std::uint8_t *bits = nullptr;        ///< of the first channel
    std::size_t bitPixelStride = 0, bitStepStride = 0;  ///< in bytes
};
/// Runs `steps` steps. Writes bits in pieces of 16 channels; those beyond `channels` are 0.
void runNeurons(const NeuronRule &rule, const NeuronRun &run);

[[nodiscard]] std::uint64_t countBits(const std::uint64_t *words, std::size_t count);

/// Operations (two a multiply-add) of fp32 multiply-adds in registers, for peaks.
double spin(std::size_t rounds);

}  // namespace fovea::cpu_kernels
