// SPDX-License-Identifier: Apache-2.0
// What training makes small: losses of the published methods, from what a network gives.
#pragma once

#include <ATen/ATen.h>
#include <functional>

namespace fovea {

/// batch x classes scores, batch labels.
[[nodiscard]] at::Tensor crossEntropy(const at::Tensor &scores, const at::Tensor &labels);
/// Mean square to 1 for the label's score, 0 for the others.
[[nodiscard]] at::Tensor oneHotSquare(const at::Tensor &scores, const at::Tensor &labels);

/// MS-MPPD (Ding et al., ICML 2024): eps[t] = decay * eps[t-1] + clean[t] - perturbed[t], the mean
/// of eps^2 (or of |eps|); steps x batch x ... input currents. The clean side gets no gradient.
[[nodiscard]] at::Tensor potentialPerturbation(const at::Tensor &clean, const at::Tensor &perturbed,
                                               double decay, bool absolute = false);

using Scores = std::function<at::Tensor(const at::Tensor &)>;

/// SR (Liu et al., ICML 2024): f = sigmoid(z_y - z_j), j the best other class, which stays; mean of
/// ((f(x + h sign(df/dx)) - f(x)) / h)^2. `x` is batch x ...
[[nodiscard]] at::Tensor sparseGradient(const Scores &scores, const at::Tensor &x,
                                        const at::Tensor &labels, double h = 0.01);
/// NT (Liu et al., CVPR 2024): mean of ((s(x + h sign(ds/dx)) - s(x)) / h)^2 / 2.
[[nodiscard]] at::Tensor gradientNorm(const Scores &score, const at::Tensor &x, double h = 0.01);

/// Spikes steps x batch x classes to dec = max_t s[t] * (T - t), the earliest being the largest.
[[nodiscard]] at::Tensor firstSpikes(const at::Tensor &spikes);
enum class LatencyLoss {
    Softmax,  ///< CE(softmax(-2 (T + 1 - dec))), softmax twice as published
    Plain,    ///< CE(dec)
    Doubled,  ///< CE(2 (dec - T))
};
[[nodiscard]] at::Tensor latencyLoss(const at::Tensor &spikes, const at::Tensor &labels,
                                     LatencyLoss kind);
/// Mean square between spike counts and those wished for.
[[nodiscard]] at::Tensor countLoss(const at::Tensor &spikes, const at::Tensor &labels,
                                   double wished, double others);

/// Attack on a score from 0 to 100 (NT): `steps` steps of `alpha` up or, above 50, down, kept
/// within `eps` of x and in [0, 1].
[[nodiscard]] at::Tensor attackScore(const Scores &score, const at::Tensor &x, double eps,
                                     double alpha, int steps);

/// BPTR's straight-through gradient for the mean of the input over the steps (steps x ...), to be
/// multiplied with that of the output.
[[nodiscard]] at::Tensor rateGradient(const at::Tensor &input, double decay);

}  // namespace fovea
