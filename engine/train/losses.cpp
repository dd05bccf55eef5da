// SPDX-License-Identifier: Apache-2.0
// The losses as their papers and code define them.
#include "engine/train/losses.h"

#include <torch/csrc/autograd/autograd.h>

namespace fovea {

namespace {

at::Tensor gradientOf(const at::Tensor &value, const at::Tensor &input) {
    return torch::autograd::grad({value.sum()}, {input})[0].detach();
}

/// ((f(x + h sign(df/dx)) - f(x)) / h)^2 of every sample.
at::Tensor steepness(const Scores &f, const at::Tensor &given, double h) {
    const at::Tensor x = given.detach().requires_grad_(true);
    const at::Tensor direction = gradientOf(f(x), x).sign();
    const at::Tensor here = f(given);
    const at::Tensor there = f(given.detach() + h * direction);
    return ((there - here) / h).square();
}

}  // namespace

at::Tensor crossEntropy(const at::Tensor &scores, const at::Tensor &labels) {
    return at::nll_loss(at::log_softmax(scores, 1), labels);
}

at::Tensor oneHotSquare(const at::Tensor &scores, const at::Tensor &labels) {
    return (scores - at::one_hot(labels, scores.size(1)).to(scores.dtype())).square().mean();
}

at::Tensor potentialPerturbation(const at::Tensor &clean, const at::Tensor &perturbed, double decay,
                                 bool absolute) {
    const at::Tensor difference = clean.detach() - perturbed;
    at::Tensor eps = at::zeros_like(difference[0]);
    at::Tensor sum = at::zeros({}, difference.options());
    for (std::int64_t t = 0; t < difference.size(0); ++t) {
        eps = decay * eps + difference[t];
        sum = sum + (absolute ? eps.abs() : eps.square()).sum();
    }
    return sum / static_cast<double>(difference.numel());
}

at::Tensor sparseGradient(const Scores &scores, const at::Tensor &x, const at::Tensor &labels,
                          double h) {
    const at::Tensor column = labels.unsqueeze(1);
    at::Tensor others = scores(x.detach()).detach().clone();
    others.scatter_(1, column, -1e30);
    const at::Tensor best = others.argmax(1, true);
    const auto margin = [&](const at::Tensor &at) {
        const at::Tensor z = scores(at);
        return (z.gather(1, column) - z.gather(1, best)).sigmoid().squeeze(1);
    };
    return steepness(margin, x, h).mean();
}

at::Tensor gradientNorm(const Scores &score, const at::Tensor &x, double h) {
    return steepness(score, x, h).mean() / 2;
}

at::Tensor firstSpikes(const at::Tensor &spikes) {
    const std::int64_t steps = spikes.size(0);
    const at::Tensor left = at::arange(steps, 0, -1, spikes.options()).view({steps, 1, 1});
    return std::get<0>((spikes * left).max(0));
}

at::Tensor latencyLoss(const at::Tensor &spikes, const at::Tensor &labels, LatencyLoss kind) {
    const at::Tensor dec = firstSpikes(spikes);
    const auto steps = static_cast<double>(spikes.size(0));
    switch (kind) {
    case LatencyLoss::Softmax:
        return crossEntropy(at::softmax(-2 * (steps + 1 - dec), 1), labels);
    case LatencyLoss::Plain:
        return crossEntropy(dec, labels);
    default:
        return crossEntropy(2 * (dec - steps), labels);
    }
}

at::Tensor countLoss(const at::Tensor &spikes, const at::Tensor &labels, double wished,
                     double others) {
    const at::Tensor counts = spikes.sum(0);
    const at::Tensor hot = at::one_hot(labels, counts.size(1)).to(counts.dtype());
    return (counts - (hot * (wished - others) + others)).square().mean();
}

at::Tensor attackScore(const Scores &score, const at::Tensor &x, double eps, double alpha,
                       int steps) {
    const at::Tensor low = (x - eps).clamp_min(0);
    const at::Tensor high = (x + eps).clamp_max(1);
    at::Tensor now = x.detach().clone();
    for (int i = 0; i < steps; ++i) {
        now = now.detach().requires_grad_(true);
        const at::Tensor value = score(now);
        const at::Tensor gradient = gradientOf(at::where(value > 50, value, -value), now);
        now = at::min(at::max(now.detach() - alpha * gradient.sign(), low), high);
    }
    return now.detach();
}

at::Tensor rateGradient(const at::Tensor &input, double decay) {
    const at::Tensor mean = input.mean(0);
    constexpr double leak = 0.2;
    const at::Tensor wide = at::logical_and(mean >= 1 - decay, mean <= 2).to(input.dtype());
    const at::Tensor low = at::logical_and(mean >= 0, mean <= 1 - decay).to(input.dtype());
    return wide * ((1 - leak + leak * decay) / (decay + 1)) + low * leak;
}

}  // namespace fovea
