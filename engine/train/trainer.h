// SPDX-License-Identifier: Apache-2.0
// Epoch after epoch: loss, gradients, what is held out, and the best weights in the end.
#pragma once

#include "engine/train/checkpoint.h"
#include "engine/train/optimiser.h"
#include "engine/train/sample_source.h"
#include "engine/train/training_loss.h"

#include <functional>
#include <optional>

namespace fovea {

enum class TrainMode : std::uint8_t {
    Ann,  ///< activations; neurons take their place afterwards (QCFS, NQ)
    Snn,  ///< neurons, backpropagation through time
};
struct TrainSettings {
    TrainMode mode = TrainMode::Ann;
    LossSettings loss;
    std::size_t steps = 4;  ///< of spiking passes: training, NQ's estimate, held-out scores
    std::size_t batch = 64;
    std::size_t epochs = 10;
    double rate = 0.05;
    double warmEpochs = 0;
    OptimiserSettings optimiser;
    bool noise = false;         ///< NQ: residual noise of what is held out, anew every epoch
    bool measureLambda = true;  ///< lambdas from the first batch's activations
    std::size_t patience = 0;   ///< epochs without a better score until it stops; 0: never
    std::uint64_t seed = 1;
    std::size_t loaders = 1;  ///< threads that make samples
};

struct EpochRow {
    std::size_t epoch = 0;  ///< from 1
    double rate = 0;
    double loss = 0;  ///< mean of the training batches
    /// Of what is held out: share of right classes, PSNR in dB, or mean average precision of boxes;
    /// of the ANN and of the spiking network, not a number where there is none.
    double ann = 0;
    double spiking = 0;
    double seconds = 0;
    double samplesPerSecond = 0;
    std::vector<double> sigmas;
};

/// What a caller sees and says while it runs.
struct TrainHooks {
    /// After every batch: done, of all of the epoch, loss. False: stop.
    std::function<bool(std::size_t epoch, std::size_t batch, std::size_t batches, double loss)>
        batch;
    /// After every epoch, when the best weights are known.
    std::function<Result<void>(const std::vector<EpochRow> &rows)> epoch;
};

struct TrainScore {
    double loss = 0;
    double score = 0;  ///< right classes' share, PSNR in dB (1 is white), or precision of boxes
};

/// Threads: one at a time.
class Trainer {
public:
    /// All outlive it. `heldOut` chooses weights and measures noise; never a test set. With a
    /// `group`, its processes train together and end with the same weights.
    Trainer(TrainNetwork &network, const SampleSource &source, const SampleSource &heldOut,
            const TrainSettings &settings, TrainHooks hooks, DataParallel *group = nullptr);

    /// Cancelled when a hook said so, in any process; InvalidArgument when the loss wants what is
    /// not there; Io when another process is gone. Leaves the best weights in the network.
    [[nodiscard]] Result<std::vector<EpochRow>> run();

    /// All that run() needs to go on after the last whole epoch.
    [[nodiscard]] Checkpoint checkpoint() const;
    /// InvalidArgument names what does not fit.
    [[nodiscard]] Result<void> resume(const Checkpoint &checkpoint);

    [[nodiscard]] static TrainScore score(TrainNetwork &network, const SampleSource &source,
                                          const TrainSettings &settings, bool spiking);

private:
    [[nodiscard]] Result<void> check() const;
    [[nodiscard]] Result<void> runEpochs();
    [[nodiscard]] Result<void> begin();
    [[nodiscard]] double sumOfAll(double own) const;
    void addUpGradients();
    [[nodiscard]] Result<void> runEpoch(std::size_t epoch, EpochRow &row);
    [[nodiscard]] Pass trainingPass() const;
    void measureLambdas();
    void estimateNoise();
    void judge(EpochRow &row);
    void judgeTogether(EpochRow &row);
    void keepBest(double score);
    void restoreBest();

    TrainNetwork &network_;
    const SampleSource &source_;
    const SampleSource &heldOut_;
    TrainSettings settings_;
    TrainHooks hooks_;
    DataParallel *group_;
    Optimiser optimiser_;
    std::vector<EpochRow> rows_;
    std::vector<at::Tensor> best_;
    std::vector<double> bestSigmas_;
    double bestScore_ = 0;
    std::size_t bestEpoch_ = 0;
};

}  // namespace fovea
