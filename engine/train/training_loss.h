// SPDX-License-Identifier: Apache-2.0
// What one batch is trained by: a loss of what the network gives, and what keeps it steady.
#pragma once

#include "engine/train/train_network.h"

namespace fovea {

enum class TrainTask : std::uint8_t {
    Classes,  ///< a target is the number of a class
    Picture,  ///< a target is a value for each output
    Boxes,    ///< a target is a grid of boxes, see box_grid.h
};

/// Of classes; see losses.h. Those behind Counts want output spikes, that is, a last layer of
/// neurons, and decide by the first spike.
enum class ClassLoss : std::uint8_t {
    CrossEntropy,
    OneHot,
    Counts,
    Latency,         ///< LatencyLoss::Softmax
    LatencyPlain,    ///< LatencyLoss::Plain
    LatencyDoubled,  ///< LatencyLoss::Doubled
};
[[nodiscard]] constexpr bool wantsSpikes(ClassLoss loss) {
    return loss >= ClassLoss::Counts;
}
[[nodiscard]] constexpr bool decidesByFirstSpike(ClassLoss loss) {
    return loss >= ClassLoss::Latency;
}

/// Added to the loss, for inputs that are one picture for all steps.
enum class Regulariser : std::uint8_t {
    None,
    Mppd,          ///< potentials of the last neurons stay near those of an undisturbed twin
    MppdAbsolute,  ///< the same by |eps| in place of eps^2
    Sr,            ///< sparse gradients of the right class against the next best
    Nt,            ///< small gradients of the right class, or of the picture's mean
};

struct LossSettings {
    TrainTask task = TrainTask::Classes;
    ClassLoss classes = ClassLoss::CrossEntropy;
    double wished = 1, others = 0;  ///< Counts: share of steps in which a neuron shall spike
    Regulariser regulariser = Regulariser::None;
    double strength = 0;      ///< the regulariser's factor
    double probe = 0.01;      ///< MPPD: sigma of the disturbance, SR and NT: length of the step
    double cleanShare = 0.5;  ///< MPPD: the undisturbed pictures' share of the loss
};

struct NetworkOutput {
    at::Tensor mean;   ///< batch x outputs; over the steps
    at::Tensor steps;  ///< steps x batch x outputs; undefined without steps
};
[[nodiscard]] NetworkOutput outputOf(TrainNetwork &network, const at::Tensor &input, Pass pass);

/// Without the regulariser. Targets: classes as whole numbers, or batch x values.
[[nodiscard]] at::Tensor lossOf(const NetworkOutput &output, const at::Tensor &targets,
                                const LossSettings &settings);
/// The class of each sample.
[[nodiscard]] at::Tensor decisions(const NetworkOutput &output, const LossSettings &settings);
/// All that a batch is trained by.
[[nodiscard]] at::Tensor trainingLoss(TrainNetwork &network, const at::Tensor &input,
                                      const at::Tensor &targets, const LossSettings &settings,
                                      const Pass &pass);

}  // namespace fovea
