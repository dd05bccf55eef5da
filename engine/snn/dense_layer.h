// SPDX-License-Identifier: Apache-2.0
// A convolution of spikes as products of matrix tiles, all steps at once.
#pragma once

#include "engine/core/tile_pool.h"
#include "engine/snn/conv_form.h"
#include "engine/snn/dense_kernels.h"
#include "engine/snn/grid_neurons.h"

namespace fovea {

/// Weights are read once for all steps of a row of places (convolution) or of all samples (Linear).
/// Rows of places that see no spike are left out.
///
/// Threads: one at a time.
class DenseLayer {
public:
    /// The machine multiplies such numbers fast, and the layer is not in groups.
    [[nodiscard]] static bool can(const ConvForm &form, Precision precision);
    /// `weights` are int8 or bf16, which the kernels can multiply.
    DenseLayer(const ConvForm &form, const QuantisedWeights &weights);
    DenseLayer(const ConvForm &form, const QuantisedWeights &weights,
               const dense::Kernels &kernels);

    /// `scale` and `bias` of each output; the sink is given sums of 32 outputs at a time.
    void run(const SpikeGrid &in, const float *scale, const float *bias, SumSink &sink,
             TilePool *pool);

private:
    void pack(const QuantisedWeights &weights);
    void setSteps(std::size_t steps, std::size_t samples);
    void expand(const std::uint64_t *words, std::uint8_t *target, std::size_t count) const;
    void expandRow(const SpikeGrid &in, std::size_t sample, std::size_t row);
    void runRows(std::size_t sample, std::size_t first, std::size_t last, SumBlock block,
                 SumSink &sink) const;
    void runLinear(const SpikeGrid &in, SumBlock block, SumSink &sink, TilePool *pool);
    [[nodiscard]] std::size_t columnBlocks() const;
    void multiply(const std::uint8_t *rows, std::size_t columns, std::size_t count,
                  void *sums) const;

    ConvForm form_;
    dense::Kernels kernels_;
    bool bytes_;
    std::size_t words_;       ///< of a place's channels
    std::size_t placeBytes_;  ///< a place's channels, expanded
    AlignedVector<std::uint8_t> weights_;
    std::size_t steps_ = 0;
    std::size_t samples_ = 0;
    std::size_t columns_ = 0;  ///< places of a row, of each remainder by the stride
    std::vector<std::size_t> taps_;
    AlignedVector<std::uint8_t> rows_;  ///< expanded spikes, zeros around them
    std::vector<std::uint8_t> seen_;    ///< a row of places has spikes
};

}  // namespace fovea
