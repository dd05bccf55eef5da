// SPDX-License-Identifier: Apache-2.0
// Conv2d and Linear as one thing, and their weights in fewer bits.
#pragma once

#include "engine/snn/executor.h"

namespace fovea {

/// A convolution; a Linear is one whose kernel covers all places of the signal before Flatten.
/// Refers to the layer.
struct ConvForm {
    Grid in, out;
    std::size_t groups = 1;
    Size2 kernel, stride, dilation;
    std::size_t top = 0, left = 0;
    std::span<const float> weights;  ///< (out, in / groups, kernel)
    std::span<const float> bias;     ///< or none
    bool linear = false;

    [[nodiscard]] std::size_t taps() const { return std::size_t{kernel.height} * kernel.width; }
    [[nodiscard]] std::size_t groupInputs() const { return in.channels / groups; }
    [[nodiscard]] std::size_t groupOutputs() const { return out.channels / groups; }
    /// Weights of one output.
    [[nodiscard]] std::size_t rows() const { return groupInputs() * taps(); }
};
/// Nothing for other layers. `in`: for a Linear the signal before it was made flat.
[[nodiscard]] std::optional<ConvForm> convForm(const Layer &layer, const Grid &in, const Grid &out);

/// What became of a layer's weights.
struct WeightCheck {
    Precision precision = Precision::Fp32;
    double relativeError = 0;  ///< root of the mean square, over that of the weights
    double currentBound = 0;   ///< most that a current can be wrong by, whatever fires
};

/// A layer's weights in a precision: the current is bias + scale * sum of `weights`. Sums are exact
/// in any order: integers (int8), or numbers on a grid so coarse that all sums of an output fit 24
/// bits (bf16).
struct QuantisedWeights {
    std::vector<float> weights;  ///< in the order of ConvForm
    std::vector<float> scale;    ///< for each output
    WeightCheck check;

    /// Weights times `amplitude`. Int8 becomes bf16 where it would be off by more than
    /// `int8Limit`.
    QuantisedWeights(const ConvForm &form, Precision precision, float amplitude);
    static constexpr double int8Limit = 0.03;
};

}  // namespace fovea
