// SPDX-License-Identifier: Apache-2.0
// A network on a graphics processor: its numbers, its state, and what is launched for a pass.
#pragma once

#include "engine/snn/device_layout.h"
#include "engine/snn/device_slab.h"
#include "engine/snn/executor.h"
#include "engine/snn/state_bodies.h"
#include "engine/snn/tensor_bodies.h"

#include <map>

namespace fovea {

/// Runs passes of up to eight steps: node after node, each for all steps of the pass, so that a
/// weight is read once for all of them. Spikes lie packed, a byte for eight steps; neurons whose
/// input nobody else wants are charged where it is computed and never see memory. Passes that come
/// again are replayed as graphs. In fp32 results are those of the reference, bit for bit; in bf16
/// and int8 layers without groups that see packed spikes run on tensor cores with weights rounded
/// as packTensorWeights() says, the others in fp32.
///
/// Calls after an error of the device do nothing; result() tells. Threads: see Device.
class DeviceNetwork {
public:
    DeviceNetwork(const Network &network, std::size_t batch, std::unique_ptr<Device> device,
                  Precision precision = Precision::Fp32);

    /// Why the device cannot run that precision; null: it can.
    [[nodiscard]] static const char *refusal(const Device &device, Precision precision);

    [[nodiscard]] Result<void> result() const { return work_.result(); }
    [[nodiscard]] const Device &device() const { return work_.device(); }

    void reset();
    void maskByResidual();
    /// One step of numbers or of planes.
    void step(std::span<const float> input);
    void stepPlanes(PlanePointers planes);
    /// See Executor::window(); after reset().
    [[nodiscard]] std::vector<float> window(std::span<const float> inputs,
                                            const WindowSettings &settings);
    /// Of the last step.
    [[nodiscard]] std::span<const float> output(std::size_t which) const;

    [[nodiscard]] NeuronSnapshot snapshot(std::size_t index);
    /// What was counted; steps are the caller's.
    [[nodiscard]] std::vector<NodeActivity> counts();
    /// Multiply-adds of analog inputs of node `index` in a step of a sample, 0 when it has spikes.
    [[nodiscard]] std::uint64_t multiplies(std::size_t index) const;

private:
    /// Sums of a counter.
    static constexpr std::uint32_t countThreads = 1024;

    /// What a node has on the device.
    struct Part {
        DeviceArray<float> numbers, sum;
        DeviceArray<std::uint8_t> bits;
        const float *sizes = nullptr;
        const float *weights = nullptr;
        const float *bias = nullptr;
        const std::uint32_t *tensorWeights = nullptr;  ///< null: fp32
        const float *tensorScales = nullptr;
        std::uint32_t tapBlocks = 0;
        snn_bodies::ParameterView first{}, second{};  ///< factor, offset; lambda; delay; initial
        snn_bodies::NeuronView neuron{};
        float *ring = nullptr;
        std::uint32_t slots = 0;
        std::vector<std::uint32_t> fanOut;
        const std::uint32_t *reached = nullptr;
        std::uint64_t *spikeSums = nullptr;     ///< of packed neurons
        std::uint64_t *additionSums = nullptr;  ///< of layers with weights that spikes reach
        bool constant = false;                  ///< the same in every step of this window
    };
    /// A part of a run.
    struct Pass {
        std::uint32_t number = 0;  ///< of the buffers and after the clock
        std::uint32_t steps = 1;
        bool fused = true;
    };

    void takeNumbers(std::uint32_t index);
    void takeNeuron(std::uint32_t index, const Neuron &neuron);
    void takeWeights(std::uint32_t index);
    void takeTensorWeights(std::uint32_t index, std::span<const float> byTap);
    void takeParameter(snn_bodies::ParameterView &view, const Parameter &parameter,
                       const SignalShape &shape);
    void reserveSums(std::uint32_t index);
    void makeBuffers(std::size_t passes);

    void putNumbers(std::span<const float> inputs, std::uint32_t steps, std::uint32_t pass);
    void putPlanes(PlanePointers planes);
    void markConstant(bool input);
    void run(std::uint32_t steps);
    void runLayers(std::size_t steps, const WindowSettings &settings);
    void launchPass(const Pass &pass);
    void launchNode(std::uint32_t index, const Pass &pass);
    void compute(std::uint32_t index, const Pass &pass);
    void launchOp(std::uint32_t index, const snn_bodies::Finish &finish, const Pass &pass);
    void launchConv(std::uint32_t index, const snn_bodies::Finish &finish, const Pass &pass);
    template <bool packed, int most>
    void launchConv(std::uint32_t index, const snn_bodies::Window &window,
                    const snn_bodies::SignalView &in, const snn_bodies::Finish &finish);
    [[nodiscard]] snn_bodies::Window convWindow(std::uint32_t index,
                                                const snn_bodies::SignalView &in) const;
    template <class Tiles>
    void launchTensor(std::uint32_t index, const snn_bodies::Window &window,
                      const snn_bodies::SignalView &in, const snn_bodies::Finish &finish);
    template <class Tiles, int groups, int stepTiles>
    void launchTensorSteps(const snn_bodies::TensorLayer &layer);
    void launchConcat(std::uint32_t index, const Pass &pass);
    void launchCount(const snn_bodies::SignalView &in, std::size_t elements, const Pass &pass,
                     const std::uint32_t *reached, std::size_t reachedPlaces, std::uint64_t *sums);
    void launchStart(bool anew);
    void launchOutputs(const Pass &pass);
    template <class Op> void launchElements(const Op &op, const snn_bodies::Finish &finish) {
        work_.launch(snn_bodies::ElementBody<Op>{op, finish}, threads(finish));
    }
    void calibrate(std::uint32_t index, const WindowSettings &settings);
    /// Outputs of a pass come down; false after an error.
    bool fetch(std::uint32_t steps);

    [[nodiscard]] snn_bodies::SignalView view(std::uint32_t index, const Pass &pass) const;
    [[nodiscard]] snn_bodies::Finish finish(std::uint32_t index, const Pass &pass) const;
    [[nodiscard]] snn_bodies::Finish sumFinish(std::uint32_t index, const Pass &pass) const;
    /// All that comes into a node, at most four signals; what is more is added up before.
    [[nodiscard]] snn_bodies::SumOp sources(std::uint32_t index, const Pass &pass);
    /// The same as one signal.
    [[nodiscard]] snn_bodies::SignalView source(std::uint32_t index, const Pass &pass);
    [[nodiscard]] snn_bodies::SignalView sumView(const snn_bodies::Finish &into) const;
    [[nodiscard]] std::size_t mostCounts() const;
    [[nodiscard]] bool spikesComeIn(std::uint32_t index) const;
    [[nodiscard]] std::uint64_t threads(const snn_bodies::Finish &finish) const;

    const Network &network_;
    std::size_t batch_;
    Precision precision_;
    DeviceWork work_;
    std::vector<NodeLayout> layout_;
    std::vector<Part> parts_;
    DeviceSlab constants_, state_;
    std::uint32_t *clock_ = nullptr;
    const float *one_ = nullptr;

    DeviceArray<std::uint8_t> planeBits_;  ///< the input as bytes
    DeviceArray<std::uint64_t> planes_;
    PinnedArray<std::uint64_t> pinnedPlanes_;
    PinnedArray<float> pinnedInput_;  ///< of a pass
    std::vector<DeviceArray<float>> outputs_;
    std::vector<PinnedArray<float>> pinnedOutputs_;
    DeviceEventPtr up_, down_;
    std::size_t passes_ = 0;  ///< that the buffers hold
    std::uint32_t lastStep_ = 0;
    bool packedInput_ = false;
    /// By steps, packed input and constant input; made when a pass comes for the second time.
    std::map<std::uint32_t, std::optional<DeviceGraphPtr>> graphs_;
};

}  // namespace fovea
