// SPDX-License-Identifier: Apache-2.0
// One node of a network as its definition says: what the oracle is made of, and what a fast
// executor runs where it has nothing faster.
#pragma once

#include "engine/snn/executor.h"
#include "engine/snn/neuron_population.h"

namespace fovea {

/// State and work of one node for a batch of samples; signals are batch x elements.
///
/// Threads: one at a time.
class ReferenceNode {
public:
    using Sources = std::span<const std::span<const float>>;
    /// The network outlives it.
    ReferenceNode(const Network &network, std::size_t index, std::size_t batch);

    void reset();
    /// One step, given what each source gives. A node without state may stand for `times` equal
    /// steps.
    void step(Sources sources, std::span<float> output, std::size_t times = 1);
    /// The sum of what comes in, lent until the next call.
    [[nodiscard]] std::span<const float> gather(Sources sources);
    void maskByResidual();

    /// Counts the operations of `times` steps of that input, of which step() is not told.
    void count(std::span<const float> input, std::size_t times);
    /// The same for `values` numbers, whatever they are.
    void countNumbers(std::size_t values, std::size_t times);
    /// Steps that were done elsewhere, and their synaptic operations.
    void note(std::size_t steps, std::uint64_t additions = 0);
    /// See Network::fanOut().
    [[nodiscard]] std::span<const std::uint32_t> fanOut() const { return fanOut_; }

    /// Null: the node is no Neuron.
    [[nodiscard]] NeuronPopulation *neurons() { return neurons_ ? &*neurons_ : nullptr; }
    [[nodiscard]] NeuronSnapshot snapshot() const;
    [[nodiscard]] NodeActivity activity() const;

private:
    [[nodiscard]] const Node &node() const { return network_.node(index_); }
    void concatenate(Sources sources, std::span<float> output) const;
    void delay(std::span<const float> input, std::span<float> output);

    const Network &network_;
    std::size_t index_;
    std::size_t batch_;
    std::optional<NeuronPopulation> neurons_;
    std::vector<float> history_;  ///< Delay: the newest steps, a ring
    std::size_t historySteps_ = 0;
    std::size_t steps_ = 0;
    std::vector<std::uint32_t> fanOut_;
    std::uint64_t additions_ = 0;
    std::uint64_t multiplies_ = 0;
    std::vector<float> sum_;
};

/// All that comes into the node is spikes: its work is counted in synaptic operations.
[[nodiscard]] bool takesSpikes(const Network &network, std::size_t index);

}  // namespace fovea
