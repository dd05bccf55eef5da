// SPDX-License-Identifier: Apache-2.0
// Losses and regularisers around a network.
#include "engine/train/training_loss.h"

#include "engine/train/box_grid.h"
#include "engine/train/losses.h"

namespace fovea {

NetworkOutput outputOf(TrainNetwork &network, const at::Tensor &input, Pass pass) {
    NetworkOutput output;
    pass.outputs = &output.steps;
    output.mean = network.forward(input, pass);
    return output;
}

at::Tensor lossOf(const NetworkOutput &output, const at::Tensor &targets,
                  const LossSettings &settings) {
    if (settings.task == TrainTask::Picture)
        return (output.mean.flatten(1) - targets).square().mean();
    if (settings.task == TrainTask::Boxes)
        return boxLoss(output.mean, targets);
    switch (settings.classes) {
    case ClassLoss::OneHot:
        return oneHotSquare(output.mean, targets);
    case ClassLoss::Counts: {
        const auto steps = static_cast<double>(output.steps.size(0));
        return countLoss(output.steps, targets, settings.wished * steps, settings.others * steps);
    }
    case ClassLoss::Latency:
        return latencyLoss(output.steps, targets, LatencyLoss::Softmax);
    case ClassLoss::LatencyPlain:
        return latencyLoss(output.steps, targets, LatencyLoss::Plain);
    case ClassLoss::LatencyDoubled:
        return latencyLoss(output.steps, targets, LatencyLoss::Doubled);
    default:
        return crossEntropy(output.mean, targets);
    }
}

at::Tensor decisions(const NetworkOutput &output, const LossSettings &settings) {
    return (decidesByFirstSpike(settings.classes) ? firstSpikes(output.steps) : output.mean)
        .argmax(1);
}

at::Tensor trainingLoss(TrainNetwork &network, const at::Tensor &input, const at::Tensor &targets,
                        const LossSettings &settings, const Pass &pass) {
    const auto loss = [&](const at::Tensor &shown, at::Tensor *current) {
        Pass seen = pass;
        seen.current = current;
        return lossOf(outputOf(network, shown, seen), targets, settings);
    };
    const Scores means = [&](const at::Tensor &shown) { return network.forward(shown, pass); };
    switch (settings.regulariser) {
    case Regulariser::Mppd:
    case Regulariser::MppdAbsolute: {
        at::Tensor clean, disturbed;
        const at::Tensor own = loss(input, &clean);
        const at::Tensor twin = loss(input + settings.probe * at::randn_like(input), &disturbed);
        const at::Tensor apart =
            potentialPerturbation(clean, disturbed, network.lastDecay(),
                                  settings.regulariser == Regulariser::MppdAbsolute);
        return settings.cleanShare * own + (1 - settings.cleanShare) * twin +
               settings.strength * apart;
    }
    case Regulariser::Sr:
        return loss(input, nullptr) +
               settings.strength * sparseGradient(means, input, targets, settings.probe);
    case Regulariser::Nt: {
        const Scores score = [&](const at::Tensor &shown) {
            const at::Tensor given = means(shown);
            return settings.task == TrainTask::Picture
                       ? given.flatten(1).mean(1)
                       : given.gather(1, targets.unsqueeze(1)).squeeze(1);
        };
        return loss(input, nullptr) +
               settings.strength * gradientNorm(score, input, settings.probe);
    }
    default:
        return loss(input, nullptr);
    }
}

}  // namespace fovea
