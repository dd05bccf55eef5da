// SPDX-License-Identifier: Apache-2.0
// One step for every tensor.
#include "engine/train/optimiser.h"

#include <ATen/core/grad_mode.h>
#include <cmath>
#include <numbers>

namespace fovea {

Optimiser::Optimiser(const std::vector<TrainedTensor> &tensors, const OptimiserSettings &settings)
    : settings_(settings), steps_(at::zeros({1}, at::kDouble)) {
    for (const TrainedTensor &tensor : tensors) {
        if (!tensor.learns)
            continue;
        const at::NoGradGuard still;
        slots_.push_back(
            {tensor, at::zeros_like(tensor.value),
             settings.kind == OptimiserKind::Adam ? at::zeros_like(tensor.value) : at::Tensor()});
    }
}

void Optimiser::step(double rate) {
    const at::NoGradGuard still;
    steps_ += 1;
    const double t = steps_.item<double>();
    for (Slot &slot : slots_) {
        at::Tensor &value = slot.tensor.value;
        at::Tensor gradient = value.mutable_grad();
        if (!gradient.defined())
            continue;
        const double decay = slot.tensor.decays ? settings_.decay : 0;
        if (settings_.kind == OptimiserKind::Sgd) {
            slot.first.mul_(settings_.momentum).add_(gradient).add_(value, decay);
            value.add_(slot.first, -rate);
        } else {
            slot.first.mul_(settings_.momentum).add_(gradient, 1 - settings_.momentum);
            slot.second.mul_(settings_.beta).addcmul_(gradient, gradient, 1 - settings_.beta);
            const double first = 1 - std::pow(settings_.momentum, t);
            const double second = std::sqrt(1 - std::pow(settings_.beta, t));
            value.mul_(1 - rate * decay);
            value.addcdiv_(slot.first, (slot.second.sqrt() / second).add_(1e-8), -rate / first);
        }
        value.mutable_grad().zero_();
    }
}

std::vector<TrainedTensor> Optimiser::state() const {
    std::vector<TrainedTensor> all{{"steps", steps_, false, false}};
    for (const Slot &slot : slots_) {
        all.push_back({slot.tensor.name + ".first", slot.first, false, false});
        if (slot.second.defined())
            all.push_back({slot.tensor.name + ".second", slot.second, false, false});
    }
    return all;
}

double cosineRate(double rate, std::uint64_t step, std::uint64_t steps, std::uint64_t warm) {
    if (step < warm)
        return rate * static_cast<double>(step + 1) / static_cast<double>(warm);
    const double way = static_cast<double>(step - warm) /
                       static_cast<double>(std::max<std::uint64_t>(steps - warm, 1));
    return rate * 0.5 * (1 + std::cos(std::numbers::pi * std::min(way, 1.0)));
}

}  // namespace fovea
