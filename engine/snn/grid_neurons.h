// SPDX-License-Identifier: Apache-2.0
// Neurons laid out as SpikeGrid's channels, which read sums and write bits.
#pragma once

#include "engine/snn/cpu_kernels.h"
#include "engine/snn/executor.h"
#include "engine/snn/spike_grid.h"

namespace fovea {

/// Sums of some channels of some neighbouring places of a sample, for all steps of a run.
struct SumBlock {
    const float *sums = nullptr;             ///< or
    const std::int32_t *integers = nullptr;  ///< of int8 weights
    std::size_t pixelStride = 0;
    std::size_t stepStride = 0;  ///< 0: all steps are alike
    std::size_t sample = 0, pixel = 0, pixels = 1;
    std::size_t channel = 0;  ///< the first one, a multiple of 16
    std::size_t channels = 0;
    const float *scale = nullptr;  ///< of the first channel; the current is bias + scale * sum
    const float *bias = nullptr;   ///< null: the sum is the current
};
/// Takes the blocks of a layer, each once, from any thread.
class SumSink {
public:
    virtual ~SumSink() = default;
    virtual void take(const SumBlock &block) = 0;
};

/// Currents in the order [step][sample][place][channel], channels padded to 16.
struct CurrentGrid {
    Grid grid;
    std::size_t batch = 1;
    std::size_t steps = 1;
    AlignedVector<float> values;

    /// What was there is lost; memory is only asked for when more is needed than ever.
    void reshape(const Grid &size, std::size_t samples, std::size_t count);
    /// The one step there is, `count` times.
    void repeat(std::size_t count);
    [[nodiscard]] std::size_t pixels() const { return grid.height * grid.width; }
    [[nodiscard]] std::size_t channels() const;
    [[nodiscard]] float *at(std::size_t step, std::size_t sample, std::size_t pixel);
    [[nodiscard]] const float *at(std::size_t step, std::size_t sample, std::size_t pixel) const;
    /// From and to one step of a signal, batch x elements.
    void take(std::size_t step, std::span<const float> signal);
    void give(std::size_t step, std::span<float> signal) const;
};
/// Writes blocks down as currents.
class CurrentSink final : public SumSink {
public:
    explicit CurrentSink(CurrentGrid &to) : to_(to) {}
    void take(const SumBlock &block) override;

private:
    CurrentGrid &to_;
};

/// A layer of neurons of one spike a step without synapse or trace: all others are for
/// NeuronPopulation, which this equals number by number.
///
/// Threads: one at a time, but for take().
class GridNeurons final : public SumSink {
public:
    [[nodiscard]] static bool can(const Neuron &neuron);
    GridNeurons(const Neuron &neuron, const SignalShape &shape, std::size_t batch);
    GridNeurons(const GridNeurons &) = delete;
    GridNeurons &operator=(const GridNeurons &) = delete;

    void reset();
    /// A run of `steps` steps begins; its spikes go to `out`, which has room for them. Without
    /// `keepState` the potentials at its end are not written: reset() comes next.
    void begin(SpikeGrid &out, bool keepState = true);
    void take(const SumBlock &block) override;
    /// The run is over.
    void end();
    /// A whole run from currents.
    void run(const CurrentGrid &currents, SpikeGrid &out, bool keepState = true);

    void maskByResidual();
    /// COS, see NeuronPopulation::calibrate().
    void calibrate(const CurrentGrid &currents, std::size_t probe, std::size_t passes);
    [[nodiscard]] NeuronSnapshot snapshot() const;

private:
    [[nodiscard]] cpu_kernels::Numbers numbers(const Parameter &parameter);
    [[nodiscard]] float startOf(std::size_t sample, std::size_t pixel, std::size_t channel) const;
    [[nodiscard]] std::size_t sampleSize() const { return pixels_ * padded_; }

    Neuron neuron_;
    SignalShape shape_;
    Grid grid_;
    std::size_t batch_, pixels_, padded_;
    std::vector<AlignedVector<float>> tables_;  ///< what the rule refers to
    cpu_kernels::NeuronRule rule_;
    AlignedVector<float> potentials_;  ///< [sample][place][channel]
    std::vector<float> starts_;        ///< the same; empty: the rule's
    std::vector<std::uint8_t> mask_;   ///< the same; empty: all give out
    bool keep_ = true;                 ///< of this run
    bool fresh_ = true;                ///< potentials are still at the start
    std::size_t steps_ = 0;            ///< since the start
    SpikeGrid *out_ = nullptr;
};

}  // namespace fovea
