// SPDX-License-Identifier: Apache-2.0
// A convolution or Linear that takes spikes or numbers and gives sums, by events or by tiles.
#pragma once

#include "engine/snn/cpu_kernels.h"
#include "engine/snn/dense_layer.h"
#include "engine/snn/event_layer.h"

namespace fovea {

/// Numbers come in: `steps` steps of batch x elements.
struct ValueRun {
    std::span<const float> values;
    std::size_t steps = 1;
};

/// Sums run in the order of the weights (fp32), so they are the reference's to the last bit, or are
/// exact in any order (see QuantisedWeights), so the two ways of taking spikes give the same:
///
/// - by events (EventLayer; fp32 here): the rows of weights of what fired are added, nothing else
/// is
///   read;
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
    struct Costs {
        std::size_t steps = 0;
        std::size_t runs = 0;  ///< in which both ways were tried, up to `trials`
        double tiles = 0;      ///< ns of a run
        double event = 0;      ///< ns of one
    };
    void pack(const QuantisedWeights &weights);
    template <class Input>
    void addPlace(const Input &in, std::size_t sample, const SeenPlaces &seen, EventList &list,
                  float *sums) const;
    template <class Input>
    void runPlaces(const Input &in, std::size_t sample, std::size_t row, SumSink &sink) const;
    template <class Input>
    void runLinear(const Input &in, std::size_t batch, SumSink &sink, TilePool *pool);
    template <class Input>
    void runFloats(const Input &in, std::size_t batch, SumSink &sink, TilePool *pool);
    void runEvents(const SpikeGrid &in, SumSink &sink, TilePool *pool);
    void runMeasured(const SpikeGrid &in, SumSink &sink, TilePool *pool);

    ConvForm form_;
    WeightCheck check_;
    std::vector<WeightBlock> blocks_;
    AlignedVector<float> floats_;
    AlignedVector<float> starts_;        ///< biases of each block (fp32)
    AlignedVector<float> scale_, bias_;  ///< of each output (int8, bf16)
    std::optional<EventLayer> events_;   ///< int8, bf16
    std::optional<DenseLayer> dense_;
    Way way_ = Way::Measured;
    Costs costs_;
    std::vector<EventList> lists_;  ///< Linear: what fired, by sample and step
};

}  // namespace fovea
