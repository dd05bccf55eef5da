// SPDX-License-Identifier: Apache-2.0
// From what a network gives in every step to a decision.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fovea {

enum class ReadOutKind {
    Sum,           ///< summed outputs: logits of a layer without neurons, or spike counts
    Rate,          ///< Sum over the number of steps
    MaxPotential,  ///< the largest output of any step
    FirstSpike,    ///< max over t of output[t] * (T - t): who fires first (Ding et al. 2025)
};

/// Scores of every class of every sample, step by step. The decision is the largest score, of equal
/// ones the first.
///
/// Threads: one at a time.
class ReadOut {
public:
    /// `steps`: T of FirstSpike; the others take any number of steps.
    ReadOut(ReadOutKind kind, std::size_t classes, std::size_t batch, std::size_t steps);

    void reset();
    /// One step, batch x classes. With FirstSpike, steps beyond T are ignored.
    void add(std::span<const float> outputs);
    /// batch x classes.
    [[nodiscard]] std::vector<float> scores() const;
    [[nodiscard]] std::size_t winner(std::size_t sample) const;
    /// FirstSpike: the step in which the sample's first class fired; what comes later changes no
    /// decision, so the run may stop when all samples have one. Nothing before, nor for other
    /// kinds.
    [[nodiscard]] std::optional<std::size_t> decidedAt(std::size_t sample) const;
    [[nodiscard]] bool allDecided() const;

private:
    ReadOutKind kind_;
    std::size_t classes_;
    std::size_t batch_;
    std::size_t steps_;
    std::size_t done_ = 0;
    std::vector<float> scores_;
    std::vector<std::optional<std::size_t>> decided_;
};

}  // namespace fovea
