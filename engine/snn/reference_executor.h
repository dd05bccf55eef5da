// SPDX-License-Identifier: Apache-2.0
// The plain executor that the fast ones are held against.
#pragma once

#include "engine/snn/executor.h"
#include "engine/snn/neuron_population.h"

namespace fovea {

/// Computes every layer as its definition says (computeLayer, NeuronPopulation), one number after
/// the other, in float. Slow, simple, the same on every machine.
///
/// Threads: one at a time.
class ReferenceExecutor final : public Executor {
public:
    ReferenceExecutor(const Network &network, std::size_t batch);

    [[nodiscard]] std::string_view name() const override { return "reference"; }
    [[nodiscard]] std::span<const float> output(std::size_t which = 0) const override;
    /// What node `index` gave in the last step.
    [[nodiscard]] std::span<const float> values(std::size_t index) const;
    [[nodiscard]] NeuronSnapshot snapshot(std::size_t index) const override;
    [[nodiscard]] std::vector<NodeActivity> activity() const override;

private:
    /// What a node remembers.
    struct State {
        std::vector<float> values;  ///< of the last step; for recurrent edges the step before
        std::optional<NeuronPopulation> neurons;
        std::vector<float> history;  ///< Delay: the newest steps, a ring
        std::size_t historySteps = 0;
        std::size_t steps = 0;
        std::vector<std::uint32_t> fanOut;
        NodeActivity activity;
    };

    void doReset() override;
    void doStep(std::span<const float> input) override;
    void doStepPlanes(PlanePointers planes) override;
    void doMaskByResidual() override;
    std::vector<float> doWindow(std::span<const float> inputs,
                                const WindowSettings &settings) override;

    /// The sum of what comes into node `index`, given what each source gives; lent until the next
    /// call.
    std::span<const float> gather(std::size_t index,
                                  std::span<const std::span<const float>> sources);
    /// One step of node `index`.
    void evaluate(std::size_t index, std::span<const std::span<const float>> sources,
                  std::span<float> output);
    void concatenate(std::span<const std::span<const float>> sources,
                     std::span<float> output) const;
    void delay(std::size_t index, std::span<const float> input, std::span<float> output);
    void count(std::size_t index, std::span<const float> input);

    std::vector<State> states_;
    std::vector<float> sum_;
    std::vector<float> unpacked_;
};

}  // namespace fovea
