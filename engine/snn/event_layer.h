// SPDX-License-Identifier: Apache-2.0
// A convolution or Linear of spikes that adds the rows of what fired: int8 and bf16.
#pragma once

#include "engine/snn/event_kernels.h"
#include "engine/snn/event_list.h"
#include "engine/snn/grid_neurons.h"
#include "engine/snn/weight_blocks.h"

namespace fovea {

/// Nothing is read but what fired and its weights. What fired at a place is listed once for all
/// outputs of a row that see it.
///
/// Threads: one at a time.
class EventLayer {
public:
    /// `weights` are int8 or bf16: sums are exact in any order.
    EventLayer(const ConvForm &form, const QuantisedWeights &weights);

    /// `scale` and `bias` of each output.
    void run(const SpikeGrid &in, const float *scale, const float *bias, SumSink &sink,
             TilePool *pool);

private:
    struct Lists;
    template <class Weight> void pack(AlignedVector<Weight> &to, const QuantisedWeights &from);
    template <class Weight>
    void runAll(const AlignedVector<Weight> &weights, const SpikeGrid &in, SumBlock block,
                SumSink &sink, TilePool *pool);
    template <class Weight>
    void runRow(const AlignedVector<Weight> &weights, const SpikeGrid &in, std::size_t row,
                SumBlock block, SumSink &sink) const;
    template <class Weight>
    void runLinear(const AlignedVector<Weight> &weights, const SpikeGrid &in, SumBlock block,
                   SumSink &sink, TilePool *pool);
    template <class Weight, class Sum>
    void addBlock(const AlignedVector<Weight> &weights, const WeightBlock &block,
                  std::span<const event_kernels::Segment> segments, Sum *sums, bool fetch) const;

    ConvForm form_;
    std::vector<WeightBlock> blocks_;
    AlignedVector<std::int8_t> bytes_;
    AlignedVector<std::uint16_t> bfloats_;
    std::vector<std::uint32_t> numbers_;           ///< Linear: what fired
    std::vector<event_kernels::Segment> samples_;  ///< a list a sample and step
};

}  // namespace fovea
