// SPDX-License-Identifier: Apache-2.0
// Gradients to smaller losses: SGD with momentum, Adam.
#pragma once

#include "engine/train/train_network.h"

#include <map>

namespace fovea {

enum class OptimiserKind : std::uint8_t {
    Sgd,   ///< v = momentum * v + g + decay * w; w -= rate * v
    Adam,  ///< Kingma and Ba 2015, decay apart from the gradient (AdamW)
};

struct OptimiserSettings {
    OptimiserKind kind = OptimiserKind::Sgd;
    double momentum = 0.9;  ///< of Adam: beta 1
    double beta = 0.999;    ///< of Adam: beta 2
    double decay = 5e-4;
};

/// Threads: one at a time.
class Optimiser {
public:
    Optimiser(const std::vector<TrainedTensor> &tensors, const OptimiserSettings &settings);

    /// Takes the gradients and forgets them; a tensor without one stays as it is.
    void step(double rate);
    /// Moments by name, and the count of steps as "steps": what a checkpoint keeps.
    [[nodiscard]] std::vector<TrainedTensor> state() const;

private:
    struct Slot {
        TrainedTensor tensor;
        at::Tensor first, second;
    };
    std::vector<Slot> slots_;
    OptimiserSettings settings_;
    at::Tensor steps_;
};

/// From `rate` down to 0 along half a cosine, after `warm` steps of rise.
[[nodiscard]] double cosineRate(double rate, std::uint64_t step, std::uint64_t steps,
                                std::uint64_t warm);

}  // namespace fovea
