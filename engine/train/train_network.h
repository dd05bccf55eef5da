// SPDX-License-Identifier: Apache-2.0
// A network of engine/snn with weights that learn: as an ANN or through time.
#pragma once

#include "engine/snn/network.h"
#include "engine/train/checkpoint.h"
#include "engine/train/train_functions.h"

#include <string>

namespace fovea {

struct TrainNetworkSettings {
    bool batchNorm = false;  ///< behind every convolution that no output follows; folded at the end
    QcfsGradient gradient = QcfsGradient::ClampFirst;
    Surrogate surrogate = Surrogate::of(SurrogateKind::Triangle);
    bool detachReset = false;
};

/// One way through the network.
struct Pass {
    bool spiking = false;           ///< neurons in place of activations
    std::size_t steps = 1;          ///< of a spiking pass
    bool timed = false;             ///< the input is steps x batch x ..., else one for all steps
    bool training = false;          ///< batch statistics, NQ's noise
    DataParallel *group = nullptr;  ///< processes that have the other parts of the batch
    bool measure = false;  ///< sets every lambda from what reaches it, see measurePercentile
    std::vector<at::Tensor> *taps = nullptr;  ///< what each spiking node gave: mean over steps
    at::Tensor *outputs = nullptr;  ///< of a spiking pass, before the mean: steps x batch x outputs
    at::Tensor *current = nullptr;  ///< what reached the last spiking node, a row a step
};

/// What learns, by name.
struct TrainedTensor {
    std::string name;
    at::Tensor value;
    bool decays = true;  ///< weight decay applies
    bool learns = true;  ///< else a running mean or the like, that is kept only
};

/// Numbers of a checkpoint into a tensor; false when they are not there or too many.
[[nodiscard]] bool adoptNumbers(const at::Tensor &target, const Checkpoint &from,
                                const std::string &name);

/// Threads: one at a time (it uses libtorch's own).
class TrainNetwork {
public:
    static constexpr double measurePercentile = 99.5;

    /// Activations (QCFS or ReLU) and Neurons with one number a layer, Conv2d, Linear, average and
    /// sum pools, Flatten, Add, Scale of one number; else Unsupported, naming the node. Weights are
    /// those of the network, or drawn from `seed` when all of them are 0.
    [[nodiscard]] static Result<TrainNetwork>
    make(const Network &network, const TrainNetworkSettings &settings, std::uint64_t seed);

    /// batch x outputs; of a spiking pass the mean over its steps.
    [[nodiscard]] at::Tensor forward(const at::Tensor &input, const Pass &pass);

    /// Takes the tensors `prefix` + name of a checkpoint. InvalidArgument names what does not fit.
    [[nodiscard]] Result<void> begin(const Checkpoint &checkpoint, const std::string &prefix);
    /// Thresholds stay above 0, whatever a step made of them.
    void keepInRange();
    /// The present weights, normalisations folded in.
    [[nodiscard]] Result<Network> toNetwork() const;

    [[nodiscard]] const std::vector<TrainedTensor> &tensors() const { return tensors_; }
    /// Nodes that spike in a spiking pass, and NQ's noise of each.
    [[nodiscard]] std::size_t spikingNodes() const { return sigmas_.size(); }
    [[nodiscard]] std::vector<double> &sigmas() { return sigmas_; }
    /// Share of its potential that a neuron of the last spiking node keeps in a step.
    [[nodiscard]] double lastDecay() const;
    /// What is given are spikes of neurons, 0 or 1.
    [[nodiscard]] bool endsInSpikes() const;
    /// NQ: variance of (activation - mean spike output over `steps`), a spiking node each.
    [[nodiscard]] std::vector<double> residualVariances(const at::Tensor &input, std::size_t steps);

private:
    struct Part {
        at::Tensor weight, bias;
        at::Tensor threshold, gains;              ///< of activations and neurons
        at::Tensor scale, shift, mean, variance;  ///< of a batch normalisation
        TrainedNeuron neuron;
        std::size_t spiking = 0;  ///< number among the spiking nodes
    };
    struct Signal {
        at::Tensor value;
        bool timed = false;
    };
    TrainNetwork(const Network &network, const TrainNetworkSettings &settings)
        : network_(network), settings_(settings), parts_(network.nodes().size()) {}
    [[nodiscard]] Result<void> adopt(std::size_t node);
    void adoptWeights(std::size_t node, const Weights &weight, std::span<const float> bias,
                      bool normalise);
    void initialise(std::uint64_t seed);
    void learn(const std::string &name, at::Tensor &tensor, bool decays);
    void remember(const std::string &name, at::Tensor &tensor);
    [[nodiscard]] bool feedsOutput(std::size_t node) const;
    [[nodiscard]] Signal gather(std::size_t node, const std::vector<Signal> &signals,
                                const Pass &pass) const;
    [[nodiscard]] at::Tensor weighted(std::size_t node, const at::Tensor &input, const Pass &pass);
    [[nodiscard]] Signal activate(std::size_t node, const Signal &input, const Pass &pass);
    [[nodiscard]] Signal run(std::size_t node, const Signal &input, const Pass &pass);

    Network network_;
    TrainNetworkSettings settings_;
    std::vector<Part> parts_;
    std::vector<TrainedTensor> tensors_;
    std::vector<double> sigmas_;
};

}  // namespace fovea
