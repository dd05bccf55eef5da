// SPDX-License-Identifier: Apache-2.0
// The fast executor of the CPU.
#pragma once

#include "engine/snn/cpu_node.h"

namespace fovea {

/// Spikes stay packed between layers; neurons are stepped where the sums of their layer come out,
/// all steps of a window at once, so that weights are read once; only what fired is added up, or
/// whole tiles are multiplied, whichever costs less (see SpikeLayer). What comes in unchanged in
/// every step is computed once. Everything else runs as in the reference (ReferenceNode).
///
/// In fp32 every number is that of the reference. In bf16 and int8 the results are the same on
/// every machine and with any number of threads; layers that are given numbers instead of spikes
/// (planes are spikes) stay in fp32, and so do sums in layers that are run as in the reference.
///
/// Threads: one at a time; `pool`, if any, helps.
class CpuExecutor final : public Executor {
public:
    CpuExecutor(const Network &network, std::size_t batch, Precision precision, TilePool *pool);

    [[nodiscard]] std::string_view name() const override { return "cpu"; }
    [[nodiscard]] Precision precision() const override { return precision_; }
    [[nodiscard]] std::span<const float> output(std::size_t which = 0) const override;
    [[nodiscard]] NeuronSnapshot snapshot(std::size_t index) const override;
    [[nodiscard]] std::vector<NodeActivity> activity() const override;

    /// What became of the weights of node `index`; nothing when it has none that were touched.
    [[nodiscard]] std::optional<WeightCheck> weightCheck(std::size_t index) const;
    /// The same results, see SpikeLayer.
    void setWay(SpikeLayer::Way way);

private:
    void doReset() override;
    void doStep(std::span<const float> input) override;
    void doStepPlanes(PlanePointers planes) override;
    void doMaskByResidual() override;
    std::vector<float> doWindow(std::span<const float> inputs,
                                const WindowSettings &settings) override;
    std::vector<float> doWindowPlanes(PlanePointers planes,
                                      const WindowSettings &settings) override;

    /// All nodes, `settings.steps` steps of what slot 0 holds.
    void run(const WindowSettings &settings);
    [[nodiscard]] std::vector<float> runWindow(const WindowSettings &settings);
    /// Outputs are 0 again.
    void forget();

    const Precision precision_;
    CpuNodes nodes_;
};

}  // namespace fovea
