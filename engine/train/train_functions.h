// SPDX-License-Identifier: Apache-2.0
// Layers that libtorch lacks, as nodes of its gradient graph: forward and back in one piece each.
#pragma once

#include "engine/snn/encoders.h"
#include "engine/snn/layers.h"
#include "engine/train/activation_steps.h"
#include "engine/train/data_parallel.h"
#include "engine/train/neuron_steps.h"
#include "engine/train/timing_steps.h"

#include <ATen/ATen.h>

namespace fovea {

/// What comes out is steps x batch x ...; what goes in is the same, or batch x ... (`one`): then
/// one input stands for all steps. `threshold` (one number) is what is trained, that of `neuron` is
/// not looked at; `gains`, p[t] of DLIF, may be undefined. Spikes are saved a bit each; potentials
/// are computed anew on the way back.
[[nodiscard]] at::Tensor spikingLayer(const at::Tensor &input, std::size_t steps, bool one,
                                      const TrainedNeuron &neuron, const at::Tensor &threshold,
                                      const at::Tensor &gains = {});

/// QCFS with `lambda` trained; with `sigma` > 0 NQ's: sigma times normal noise is taken away.
[[nodiscard]] at::Tensor qcfsLayer(const at::Tensor &input, const at::Tensor &lambda,
                                   std::uint32_t levels, QcfsGradient gradient, double sigma = 0);

/// Means of `pool`, also where it asks for sums; its border is the same on opposite sides.
[[nodiscard]] at::Tensor meanPool(const at::Tensor &input, const Pool2d &pool);

/// Of batch normalisations: added to the variance; how far the kept statistics go to a batch's.
constexpr double normEpsilon = 1e-5;
constexpr double normMomentum = 0.1;

/// Batch normalisation: in training by the statistics of the batch, which `mean` and `variance`
/// follow, else by these two. With a `group` the batch is all processes' parts of it together.
[[nodiscard]] at::Tensor batchNormLayer(const at::Tensor &input, const at::Tensor &scale,
                                        const at::Tensor &shift, at::Tensor &mean,
                                        at::Tensor &variance, bool training, DataParallel *group);

/// steps x ...
[[nodiscard]] at::Tensor timingLayer(const at::Tensor &input, const TimingNeuron &neuron,
                                     TimingRule rule);

/// Values in [0, 1] to steps x ... The gradient passes where a spike was given; with Constant and
/// Rate everywhere.
[[nodiscard]] at::Tensor encodeLayer(const at::Tensor &values, Encoding encoding, std::size_t steps,
                                     std::uint64_t seed = 0);

}  // namespace fovea
