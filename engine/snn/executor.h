// SPDX-License-Identifier: Apache-2.0
// What every backend that runs a network can do: steps, windows, calibration, monitors.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/snn/network.h"

#include <string_view>

namespace fovea {

/// A whole window, layer by layer.
struct WindowSettings {
    std::size_t steps = 1;
    std::size_t probe = 0;   ///< COS: steps of the calibration run, at most `steps`; 0: none
    std::size_t passes = 1;  ///< COS: rounds of calibration
    /// False: only the outputs are wanted. Potentials need not be written then, and none can be
    /// asked for until reset().
    bool keepState = true;
};

/// What one node did since reset().
struct NodeActivity {
    std::uint32_t node = 0;
    std::uint64_t values = 0;      ///< outputs, or neurons, a sample
    std::uint64_t steps = 0;       ///< steps x samples
    std::uint64_t spikes = 0;      ///< given out by neurons
    std::uint64_t additions = 0;   ///< synaptic operations: spikes times what each reaches
    std::uint64_t multiplies = 0;  ///< multiply-adds of analog inputs
    /// Spikes per neuron and step.
    [[nodiscard]] double rate() const;
};

/// 0.9 pJ an addition, 4.6 pJ a multiply-add (Horowitz, ISSCC 2014, 45 nm, 32-bit float), in
/// microjoules.
[[nodiscard]] double energyMicrojoules(std::span<const NodeActivity> activity);

/// State of a neuron layer, batch x neurons.
struct NeuronSnapshot {
    std::vector<float> potentials;
    std::vector<float> starts;       ///< before the first step
    std::vector<std::uint8_t> mask;  ///< 0: silenced by SRP
};

/// What weights are kept in. Spikes are exact in all of them.
enum class Precision : std::uint8_t {
    Fp32,  ///< as the network has them
    Bf16,  ///< 8 significant bits
    Int8,  ///< 8 bits and a factor for each output channel
};
/// "fp32", "bf16", "int8".
[[nodiscard]] std::string_view toString(Precision precision);
[[nodiscard]] Result<Precision> parsePrecision(std::string_view text);

/// Runs one network for a batch of samples. State persists from step to step until reset().
/// Signals are batch x elements, sample by sample, C order.
///
/// Threads: one at a time.
class Executor {
public:
    /// The network outlives the executor. `batch` is at least 1.
    Executor(const Network &network, std::size_t batch);
    virtual ~Executor() = default;
    Executor(const Executor &) = delete;
    Executor &operator=(const Executor &) = delete;

    /// The backend: "reference", "cpu" or "cuda".
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual Precision precision() const { return Precision::Fp32; }
    /// Why another backend goes on than the one that began; empty: none does.
    [[nodiscard]] virtual std::string_view reason() const { return {}; }
    [[nodiscard]] const Network &network() const { return network_; }
    [[nodiscard]] std::size_t batch() const { return batch_; }
    /// Values of one step's input.
    [[nodiscard]] std::size_t inputSize() const;
    [[nodiscard]] std::size_t outputSize(std::size_t which = 0) const;

    /// Forgets potentials, masks, delays and counters.
    void reset();
    /// One time step. InvalidArgument when the size is wrong or the network has no gain for the
    /// step.
    [[nodiscard]] Result<void> step(std::span<const float> input);
    /// One time step of spikes as the camera gives them: one plane of height x width bits a
    /// channel, for one sample after another. A lost plane (null) is an error: what stands for it
    /// is the caller's choice.
    [[nodiscard]] Result<void> stepPlanes(PlanePointers planes);
    /// Of the last step; valid until the next call.
    [[nodiscard]] virtual std::span<const float> output(std::size_t which = 0) const = 0;

    /// SRP between its stages, see NeuronPopulation::maskByResidual(). Unsupported unless every
    /// spiking layer is an IF with soft reset.
    [[nodiscard]] Result<void> maskByResidual();
    /// A window from the start, layer by layer: every layer sees all steps of the one before, which
    /// is what COS asks for. `inputs` holds `steps` inputs, or one that stands for all of them.
    /// Gives steps x outputSize(0) values. Unsupported for recurrent networks. Afterwards the
    /// state is that of the window's end, unless it was not to be kept.
    [[nodiscard]] Result<std::vector<float>> window(std::span<const float> inputs,
                                                    const WindowSettings &settings);
    /// The same for spikes: planes as stepPlanes() takes them, step by step.
    [[nodiscard]] Result<std::vector<float>> windowPlanes(PlanePointers planes,
                                                          const WindowSettings &settings);

    /// Of node `index`, which is a Neuron.
    [[nodiscard]] virtual NeuronSnapshot snapshot(std::size_t index) const = 0;
    /// One entry a node, in the network's order.
    [[nodiscard]] virtual std::vector<NodeActivity> activity() const = 0;

protected:
    virtual void doReset() = 0;
    virtual void doStep(std::span<const float> input) = 0;
    virtual void doMaskByResidual() = 0;
    virtual std::vector<float> doWindow(std::span<const float> inputs,
                                        const WindowSettings &settings) = 0;
    /// By default spikes are unpacked to numbers.
    virtual void doStepPlanes(PlanePointers planes);
    virtual std::vector<float> doWindowPlanes(PlanePointers planes, const WindowSettings &settings);

private:
    [[nodiscard]] Result<void> takeSteps(std::size_t steps);
    [[nodiscard]] Result<void> checkCalibrated(std::string_view method) const;
    [[nodiscard]] Result<void> checkPlanes(PlanePointers planes) const;
    /// `inputs` inputs came for a window.
    [[nodiscard]] Result<void> beginWindow(std::size_t inputs, const WindowSettings &settings);
    [[nodiscard]] std::span<const float> unpack(PlanePointers planes);

    const Network &network_;
    std::size_t batch_;
    std::size_t stepsDone_ = 0;
    std::vector<float> unpacked_;
};

}  // namespace fovea
