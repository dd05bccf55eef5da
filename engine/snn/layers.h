// SPDX-License-Identifier: Apache-2.0
// The layers of a network: plain records of their numbers, and what shape each gives.
#pragma once

#include "engine/snn/neuron.h"

#include <limits>
#include <variant>

namespace fovea {

/// Along height and width; a signal (channels, length) has height 1.
struct Size2 {
    std::uint32_t height = 1;
    std::uint32_t width = 1;
    friend bool operator==(const Size2 &, const Size2 &) = default;
};
/// Rows and columns of zeros around a signal.
struct Border {
    std::uint32_t top = 0;
    std::uint32_t left = 0;
    std::uint32_t bottom = 0;
    std::uint32_t right = 0;
    friend bool operator==(const Border &, const Border &) = default;
};
/// Numbers in C order with their shape.
struct Weights {
    SignalShape shape;
    std::vector<float> values;
    friend bool operator==(const Weights &, const Weights &) = default;
};

struct InputLayer {
    SignalShape shape;
    friend bool operator==(const InputLayer &, const InputLayer &) = default;
};
struct OutputLayer {
    friend bool operator==(const OutputLayer &, const OutputLayer &) = default;
};
/// y = b + sum over taps of w * x, zeros outside; output side
/// floor((n + padding - dilation * (k - 1) - 1) / stride + 1).
struct Conv2d {
    Weights weight;           ///< (out, in / groups, kernel height, kernel width)
    std::vector<float> bias;  ///< one an output channel, or none
    Size2 stride;
    Border padding;
    Size2 dilation;
    std::uint32_t groups = 1;
    friend bool operator==(const Conv2d &, const Conv2d &) = default;
};
/// The transpose of a Conv2d; output side
/// (n - 1) * stride - padding + dilation * (k - 1) + extra + 1.
struct ConvTranspose2d {
    Weights weight;  ///< (in, out / groups, kernel height, kernel width)
    std::vector<float> bias;
    Size2 stride;
    Border padding;
    Size2 dilation;
    Size2 extra{0, 0};  ///< rows and columns more at bottom and right
    std::uint32_t groups = 1;
    friend bool operator==(const ConvTranspose2d &, const ConvTranspose2d &) = default;
};
/// y = W x + b on a signal (N).
struct Linear {
    Weights weight;  ///< (out, in)
    std::vector<float> bias;
    friend bool operator==(const Linear &, const Linear &) = default;
};
/// y = factor * x + offset.
struct Scale {
    Parameter factor = 1;
    Parameter offset = 0;
    friend bool operator==(const Scale &, const Scale &) = default;
};
enum class PoolKind { Average, Sum, Max };
/// Output side as Conv2d's without dilation. Average counts the padded zeros unless told not to;
/// the maximum never sees them.
struct Pool2d {
    PoolKind kind = PoolKind::Average;
    Size2 kernel;
    Size2 stride;
    Border padding;
    bool countPadding = true;
    friend bool operator==(const Pool2d &, const Pool2d &) = default;
};
/// Every value becomes a block of `factor` equal ones.
struct Upsample {
    Size2 factor;
    friend bool operator==(const Upsample &, const Upsample &) = default;
};
/// Joins sides first..last (counted without batch, -1 is the last).
struct Flatten {
    std::int32_t first = 0;
    std::int32_t last = -1;
    friend bool operator==(const Flatten &, const Flatten &) = default;
};
/// The sum of what comes in. (Every layer but Concat adds its inputs; this one does nothing else.)
struct Add {
    friend bool operator==(const Add &, const Add &) = default;
};
/// Inputs one after another along the channels, in the order of the edges.
struct Concat {
    friend bool operator==(const Concat &, const Concat &) = default;
};
/// What stands in an ANN where a converted network has neurons: ReLU, min(max(x, 0), ceiling), or
/// with levels > 0 the QCFS activation lambda * clip(floor(x * levels / lambda + 1/2) / levels, 0,
/// 1) (Bu et al., ICLR 2022, eq. 16).
struct Activation {
    std::uint32_t levels = 0;
    Parameter lambda = 1;
    float ceiling = std::numeric_limits<float>::infinity();  ///< of a ReLU
    friend bool operator==(const Activation &, const Activation &) = default;
};
/// y[t] = x[t - steps], 0 before; whole steps, at most `maxSteps`, and no more values to remember
/// than a signal may have.
struct Delay {
    static constexpr std::uint32_t maxSteps = 65536;
    Parameter steps;
    friend bool operator==(const Delay &, const Delay &) = default;
};

using Layer = std::variant<InputLayer, OutputLayer, Conv2d, ConvTranspose2d, Linear, Scale, Pool2d,
                           Upsample, Flatten, Add, Concat, Activation, Delay, Neuron>;

/// "Conv2d", "average pool", "LIF", ...
[[nodiscard]] std::string_view layerName(const Layer &layer);

/// It remembers something from step to step (Neuron, Delay).
[[nodiscard]] bool hasState(const Layer &layer);

/// Weights and biases.
[[nodiscard]] std::size_t parameterCount(const Layer &layer);

/// (channels, height, width) of a signal of 2 or 3 sides.
struct Grid {
    std::size_t channels = 0;
    std::size_t height = 0;
    std::size_t width = 0;
};
[[nodiscard]] Grid gridOf(const SignalShape &shape);

/// The padding of torch's "same": the output is as large as the input at stride 1, the odd zero
/// goes to bottom and right.
[[nodiscard]] Border samePadding(Size2 kernel, Size2 dilation);

/// Checks the layer's numbers against what comes in (all alike for every layer but Concat; none for
/// Input) and gives the shape that goes out. InvalidArgument names the field, not the layer.
[[nodiscard]] Result<SignalShape> outputShape(const Layer &layer,
                                              std::span<const SignalShape> inputs);

}  // namespace fovea
