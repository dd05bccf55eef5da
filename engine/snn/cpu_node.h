// SPDX-License-Identifier: Apache-2.0
// How the CPU executor runs each node of a network.
#pragma once

#include "engine/snn/reference_node.h"
#include "engine/snn/spike_layer.h"

#include <memory>

namespace fovea {

/// What a node gave in the steps of the last run, as spikes, as numbers, or both.
struct CpuSlot {
    std::unique_ptr<SpikeGrid> spikes;  ///< null: it gives numbers
    std::vector<float> values;          ///< steps x batch x elements, or one step for all
    bool haveValues = true;             ///< else they are still to be unpacked
    std::size_t elements = 0;           ///< of the batch

    /// Numbers of one step.
    [[nodiscard]] std::span<const float> step(std::size_t t);
    /// All steps give the same.
    [[nodiscard]] bool constant(std::size_t steps) const {
        return steps > 1 && (spikes ? spikes->steps == 1 : values.size() == elements);
    }
};

/// The nodes of one network for a batch.
///
/// Threads: one at a time.
class CpuNodes {
public:
    CpuNodes(const Network &network, std::size_t batch, Precision precision, TilePool *pool);

    /// What goes in, of all steps or of one that stands for all: numbers, or planes as
    /// SpikeGrid::takePlanes() takes them.
    void give(std::span<const float> values);
    void give(PlanePointers planes);
    /// Runs node `index`, all steps.
    void run(std::size_t index, const WindowSettings &settings);
    /// Where what a node gives is found.
    [[nodiscard]] CpuSlot &slot(std::size_t index) { return slots_[plans_[index].slot]; }
    [[nodiscard]] const CpuSlot &slot(std::size_t index) const {
        return slots_[plans_[index].slot];
    }
    void noteInput(std::size_t steps) { plans_[0].plain->note(steps); }

    void reset();
    void maskByResidual();
    void forget();
    void setWay(SpikeLayer::Way way);
    [[nodiscard]] NeuronSnapshot snapshot(std::size_t index) const;
    [[nodiscard]] NodeActivity activity(std::size_t index) const;
    /// The one that ran, or null.
    [[nodiscard]] const SpikeLayer *layer(std::size_t index) const;

private:
    enum class Work {
        Plain,     ///< as in the reference
        Alias,     ///< gives what its source gives
        Or,        ///< maximum pooling of spikes
        Convolve,  ///< convolution or Linear that gives numbers
        Fused,     ///< convolution or Linear that the neurons after it run
        Neurons,   ///< GridNeurons
    };
    struct Plan {
        Work work = Work::Plain;
        std::size_t slot = 0;
        std::optional<ReferenceNode> plain;  ///< but for GridNeurons
        std::shared_ptr<SpikeLayer> layer;
        bool takesSpikes = false;              ///< the layer does, else numbers
        std::shared_ptr<SpikeLayer> ofPlanes;  ///< in its place when planes were given
        std::unique_ptr<GridNeurons> neurons;
        std::size_t fused = 0;  ///< the layer before these neurons, or 0
        std::uint64_t spikes = 0;
        std::size_t steps = 0;
    };

    void plan(std::size_t index);
    void planLayer(std::size_t index, const ConvForm &form, const SpikeGrid *spikes);
    [[nodiscard]] bool canAlias(std::size_t index) const;
    [[nodiscard]] bool canFuse(std::size_t neurons) const;
    [[nodiscard]] bool readBefore(std::size_t index) const;
    [[nodiscard]] const Source &source(std::size_t index) const {
        return network_.node(index).sources[0];
    }

    void runPlain(std::size_t index, const WindowSettings &settings);
    void runOr(std::size_t index, std::size_t steps);
    void runLayer(std::size_t index, std::size_t steps);
    [[nodiscard]] std::size_t sumSteps(std::size_t layer, std::size_t steps);
    void runNeurons(std::size_t index, const WindowSettings &settings);
    /// What the layer is run by on what its source gave; null: by `layer` on numbers.
    [[nodiscard]] SpikeLayer *spikeLayer(std::size_t layer) const;
    /// Gives the layer's sums to the sink; of constant inputs those of one step.
    void sums(std::size_t layer, std::size_t steps, SumSink &sink);
    /// Currents of all steps (of one where all are alike), whatever comes before the neurons.
    void findCurrents(std::size_t index, std::size_t steps);
    [[nodiscard]] bool constantInput(std::size_t index, std::size_t steps);
    [[nodiscard]] ReferenceNode::Sources sourcesAt(std::size_t index, std::size_t t);

    const Network &network_;
    const std::size_t batch_;
    const Precision precision_;
    TilePool *const pool_;
    std::vector<Plan> plans_;
    std::vector<CpuSlot> slots_;
    std::vector<std::uint32_t> uses_;  ///< how many edges leave each node
    std::vector<std::span<const float>> sources_;
    std::vector<float> sum_;
    CurrentGrid currents_;
    std::vector<std::uint32_t> counts_;
};

}  // namespace fovea
