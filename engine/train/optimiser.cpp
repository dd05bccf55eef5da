// SPDX-License-Identifier: Apache-2.0
// One step for every tensor.
#include "engine/train/optimiser.h"

#include "engine/train/vector_clones.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <cmath>
#include <numbers>

namespace fovea {

namespace {

struct AdamStep {
    float oldFirst, newFirst, oldSecond, newSecond;  ///< shares of what was and of the gradient
    float keep;                                      ///< share of the value that decay leaves
    float firstScale, secondScale;  ///< rate / (1 - momentum^t), 1 / sqrt(1 - beta^t)
};

/// All at once: one operation after the other would fetch and store large tensors ten times.
FOVEA_VECTOR_CLONES
void stepAdam(AdamStep by, const float *gradient, float *first, float *second, float *value,
              std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const float g = gradient[i];
        first[i] = by.oldFirst * first[i] + by.newFirst * g;
        second[i] = by.oldSecond * second[i] + by.newSecond * g * g;
        value[i] = by.keep * value[i] -
                   by.firstScale * first[i] / (by.secondScale * std::sqrt(second[i]) + 1e-8F);
    }
}

}  // namespace

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
        const at::Tensor gradient = value.grad();
        if (!gradient.defined())
            continue;
        const double decay = slot.tensor.decays ? settings_.decay : 0;
        if (settings_.kind == OptimiserKind::Sgd) {
            slot.first.mul_(settings_.momentum).add_(gradient).add_(value, decay);
            value.add_(slot.first, -rate);
        } else {
            const AdamStep by{static_cast<float>(settings_.momentum),
                              static_cast<float>(1 - settings_.momentum),
                              static_cast<float>(settings_.beta),
                              static_cast<float>(1 - settings_.beta),
                              static_cast<float>(1 - rate * decay),
                              static_cast<float>(rate / (1 - std::pow(settings_.momentum, t))),
                              static_cast<float>(1 / std::sqrt(1 - std::pow(settings_.beta, t)))};
            const at::Tensor dense = gradient.contiguous();
            at::parallel_for(0, value.numel(), 1 << 14, [&](std::int64_t from, std::int64_t to) {
                stepAdam(by, dense.data_ptr<float>() + from, slot.first.data_ptr<float>() + from,
                         slot.second.data_ptr<float>() + from, value.data_ptr<float>() + from,
                         static_cast<std::size_t>(to - from));
            });
        }
        value.mutable_grad().reset();  // the next one is not added, but takes its place
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
