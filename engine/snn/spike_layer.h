// SPDX-License-Identifier: Apache-2.0
// A convolution or Linear that takes spikes or numbers and gives sums, by events or by tiles.
#pragma once

#include "engine/snn/cpu_kernels.h"
#include "engine/snn/dense_layer.h"
#include "engine/snn/event_list.h"

namespace fovea {

/// Numbers come in: `steps` steps of batch x elements.
struct ValueRun {
    std::span<const float> values;
    std::size_t steps = 1;
};

/// Sums run in the order of the weights (fp32), so they are the reference's to the last bit, or are
/// exact in any order (see QuantisedWeights), so the two ways of taking spikes give the same:
///
/// - by events: the rows of weights of what fired are added, nothing else is read;
/// - by tiles (DenseLayer): all weights, once for all steps.
///
/// Which one costs less is measured while it runs. Numbers are taken in fp32, zeros left out.
///
/// Threads: one at a time.
class SpikeLayer {
public:
    /// How spikes are taken; Measured unless a test says otherwise.
    enum class Way { Measured, Events, Tiles };

    /// Of spikes of `amplitude`, or of numbers (`amplitude` 1, fp32).
    SpikeLayer(const ConvForm &form, Precision precision, float amplitude);

    [[nodiscard]] const WeightCheck &check() const { return check_; }
    [[nodiscard]] const ConvForm &form() const { return form_; }
    void setWay(Way way) { way_ = way; }

    void run(const SpikeGrid &in, SumSink &sink, TilePool *pool);
    /// Only in fp32.
    void run(const ValueRun &in, std::size_t batch, SumSink &sink, TilePool *pool);

private:
    /// Neighbouring outputs of a group whose weights lie together.
    struct Block {
        std::size_t group = 0, first = 0, outputs = 0, width = 0;
        std::size_t weights = 0;  ///< where they begin
        std::size_t start = 0;    ///< where the biases begin in starts_
    };
    struct Costs {
        std::size_t steps = 0;
        double tiles = 0;  ///< ns of a run; 0: not known
        double event = 0;  ///< ns of one
    };
    template <class Weight> void pack(AlignedVector<Weight> &rows, const QuantisedWeights &weights);
    template <class Weight, class Input>
    void runEvents(const AlignedVector<Weight> &rows, const Input &in, std::size_t batch,
                   SumSink &sink, TilePool *pool);
    template <class Weight>
    using SumOf = std::conditional_t<std::is_same_v<Weight, std::int8_t>, std::int32_t, float>;
    /// From step to step: a block may write beyond the last channel, up to a multiple of 16.
    [[nodiscard]] std::size_t pitch() const;
    template <class Weight, class Input>
    void addPlace(const AlignedVector<Weight> &rows, const Input &in, std::size_t sample,
                  const SeenPlaces &seen, EventList &list, SumOf<Weight> *sums) const;
    template <class Weight, class Input>
    void runPlaces(const AlignedVector<Weight> &rows, const Input &in, std::size_t sample,
                   std::size_t row, SumSink &sink) const;
    template <class Weight, class Input>
    void runLinear(const AlignedVector<Weight> &rows, const Input &in, std::size_t batch,
                   SumSink &sink, TilePool *pool);
    void runEvents(const SpikeGrid &in, SumSink &sink, TilePool *pool);
    void runMeasured(const SpikeGrid &in, SumSink &sink, TilePool *pool);

    ConvForm form_;
    WeightCheck check_;
    std::vector<Block> blocks_;
    AlignedVector<float> floats_;
    AlignedVector<cpu_kernels::Bfloat> bfloats_;
    AlignedVector<std::int8_t> bytes_;
    AlignedVector<float> starts_;        ///< biases of each block (fp32)
    AlignedVector<float> scale_, bias_;  ///< of each output (int8, bf16)
    std::optional<DenseLayer> dense_;
    Way way_ = Way::Measured;
    Costs costs_;
    std::vector<EventList> lists_;  ///< Linear: what fired, by sample and step
};

}  // namespace fovea
