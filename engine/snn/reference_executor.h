// SPDX-License-Identifier: Apache-2.0
// The plain executor that the fast ones are held against.
#pragma once

#include "engine/snn/executor.h"
#include "engine/snn/reference_node.h"

namespace fovea {

/// Computes every layer as its definition says (ReferenceNode), one number after
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
    struct State {
        ReferenceNode node;
        std::vector<float> values;  ///< of the last step; for recurrent edges the step before
    };

    void doReset() override;
    void doStep(std::span<const float> input) override;
    void doMaskByResidual() override;
    std::vector<float> doWindow(std::span<const float> inputs,
                                const WindowSettings &settings) override;

    std::vector<State> states_;
    std::size_t steps_ = 0;
};

}  // namespace fovea
