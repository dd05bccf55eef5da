// SPDX-License-Identifier: Apache-2.0
// What shape each layer gives, and whether its numbers fit.
#include "engine/snn/layers.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace fovea {

namespace {

constexpr std::uint32_t maxStep = 1U << 20;  // of stride, padding, dilation: sums stay small

Result<void> checkFinite(std::string_view field, std::span<const float> values) {
    for (const float value : values)
        if (!std::isfinite(value))
            return fail(ErrorCode::InvalidArgument, "{}: {} is not a finite number", field, value);
    return {};
}

Result<void> checkWeights(const Weights &weight, std::size_t rank) {
    if (weight.shape.rank != rank || weight.shape.elements() != weight.values.size())
        return fail(ErrorCode::InvalidArgument,
                    "weight: shape {} with {} numbers, expected {} sides", toString(weight.shape),
                    weight.values.size(), rank);
    return checkFinite("weight", weight.values);
}

Result<void> checkBias(std::span<const float> bias, std::size_t outputs) {
    if (!bias.empty() && bias.size() != outputs)
        return fail(ErrorCode::InvalidArgument, "bias: {} numbers for {} outputs", bias.size(),
                    outputs);
    return checkFinite("bias", bias);
}

Result<void> checkSteps(Size2 stride, Border padding, Size2 dilation) {
    const auto within = [](std::uint32_t value) { return value >= 1 && value <= maxStep; };
    if (!within(stride.height) || !within(stride.width))
        return fail(ErrorCode::InvalidArgument, "stride: {}x{}, allowed are 1 to {}", stride.height,
                    stride.width, maxStep);
    if (!within(dilation.height) || !within(dilation.width))
        return fail(ErrorCode::InvalidArgument, "dilation: {}x{}, allowed are 1 to {}",
                    dilation.height, dilation.width, maxStep);
    for (const std::uint32_t side : {padding.top, padding.left, padding.bottom, padding.right})
        if (side > maxStep)
            return fail(ErrorCode::InvalidArgument, "padding: {}, allowed are 0 to {}", side,
                        maxStep);
    return {};
}

Result<void> checkPicture(const SignalShape &shape) {
    if (shape.rank == 2 || shape.rank == 3)
        return {};
    return fail(ErrorCode::InvalidArgument, "input {}: expected (channels, [height,] width)",
                toString(shape));
}

/// The picture's shape again, of the input's rank.
Result<SignalShape> pictureShape(const SignalShape &input, std::int64_t channels,
                                 std::int64_t height, std::int64_t width) {
    const std::array<std::int64_t, 3> sides = {channels, height, width};
    if (input.rank == 3)
        return SignalShape::make(sides);
    if (height != 1)
        return fail(ErrorCode::InvalidArgument, "output height {} of a signal without height",
                    height);
    const std::array<std::int64_t, 2> flat = {channels, width};
    return SignalShape::make(flat);
}

/// Places of a window of `kernel` along `side`; nothing when it does not fit once.
Result<std::int64_t> windowCount(std::size_t side, std::int64_t before, std::int64_t after,
                                 std::int64_t kernel, std::int64_t dilation, std::int64_t stride) {
    const std::int64_t room =
        static_cast<std::int64_t>(side) + before + after - dilation * (kernel - 1) - 1;
    if (room < 0)
        return fail(ErrorCode::InvalidArgument,
                    "kernel: {} (dilation {}) does not fit a side of {} padded by {}", kernel,
                    dilation, side, before + after);
    return room / stride + 1;
}

Result<SignalShape> slide(const SignalShape &input, std::int64_t channels, Size2 kernel,
                          Size2 stride, Border padding, Size2 dilation) {
    const Grid grid = gridOf(input);
    auto height = windowCount(grid.height, padding.top, padding.bottom, kernel.height,
                              dilation.height, stride.height);
    if (!height)
        return failed(height);
    auto width = windowCount(grid.width, padding.left, padding.right, kernel.width, dilation.width,
                             stride.width);
    if (!width)
        return failed(width);
    return pictureShape(input, channels, *height, *width);
}

/// What both convolutions ask for; `in` and `out` are the weight's sides before division by groups.
template <class Conv>
Result<void> checkConv(const Conv &conv, const SignalShape &input, std::uint64_t in,
                       std::uint64_t out) {
    if (auto checked = checkPicture(input); !checked)
        return checked;
    if (auto checked = checkWeights(conv.weight, 4); !checked)
        return checked;
    if (conv.groups < 1 || in % conv.groups != 0 || out % conv.groups != 0)
        return fail(ErrorCode::InvalidArgument,
                    "groups: {} does not divide {} inputs and {} outputs", conv.groups, in, out);
    if (in != input.channels())
        return fail(ErrorCode::InvalidArgument, "weight: for {} input channels, but {} come in", in,
                    input.channels());
    if (auto checked = checkBias(conv.bias, out); !checked)
        return checked;
    return checkSteps(conv.stride, conv.padding, conv.dilation);
}

/// Gives the shape; one function a layer.
struct ShapeOf {
    const SignalShape &input;
    std::span<const SignalShape> inputs;

    Result<SignalShape> operator()(const InputLayer &layer) const {
        if (layer.shape.rank == 0)
            return fail(ErrorCode::InvalidArgument, "shape: missing");
        return layer.shape;
    }
    Result<SignalShape> operator()(const OutputLayer &) const { return input; }
    Result<SignalShape> operator()(const Add &) const { return input; }

    Result<SignalShape> operator()(const Conv2d &conv) const {
        const auto &sides = conv.weight.shape.sides;
        if (auto ok = checkConv(conv, input, std::uint64_t{sides[1]} * conv.groups, sides[0]); !ok)
            return failed(ok);
        return slide(input, sides[0], {sides[2], sides[3]}, conv.stride, conv.padding,
                     conv.dilation);
    }

    Result<SignalShape> operator()(const ConvTranspose2d &conv) const {
        const auto &sides = conv.weight.shape.sides;
        const std::uint64_t out = std::uint64_t{sides[1]} * conv.groups;
        if (auto ok = checkConv(conv, input, sides[0], out); !ok)
            return failed(ok);
        if (conv.extra.height > maxStep || conv.extra.width > maxStep)
            return fail(ErrorCode::InvalidArgument, "output padding: at most {}", maxStep);
        const auto side = [](std::size_t n, std::int64_t stride, std::int64_t padding,
                             std::int64_t dilation, std::int64_t kernel, std::int64_t extra) {
            return (static_cast<std::int64_t>(n) - 1) * stride - padding + dilation * (kernel - 1) +
                   extra + 1;
        };
        const Grid grid = gridOf(input);
        const Border &p = conv.padding;
        return pictureShape(input, static_cast<std::int64_t>(out),
                            side(grid.height, conv.stride.height, std::int64_t{p.top} + p.bottom,
                                 conv.dilation.height, sides[2], conv.extra.height),
                            side(grid.width, conv.stride.width, std::int64_t{p.left} + p.right,
                                 conv.dilation.width, sides[3], conv.extra.width));
    }

    Result<SignalShape> operator()(const Linear &linear) const {
        if (auto ok = checkWeights(linear.weight, 2); !ok)
            return failed(ok);
        const auto &sides = linear.weight.shape.sides;
        if (input.rank != 1 || input.elements() != sides[1])
            return fail(ErrorCode::InvalidArgument, "weight: for inputs ({}), but {} comes in",
                        sides[1], toString(input));
        if (auto ok = checkBias(linear.bias, sides[0]); !ok)
            return failed(ok);
        return SignalShape::of({sides[0]});
    }

    Result<SignalShape> operator()(const Scale &scale) const {
        for (const Parameter *part : {&scale.factor, &scale.offset}) {
            if (!part->fits(input))
                return fail(ErrorCode::InvalidArgument, "scale: {} numbers do not fit {}",
                            part->values().size(), toString(input));
            if (auto ok = checkFinite("scale", part->values()); !ok)
                return failed(ok);
        }
        return input;
    }

    Result<SignalShape> operator()(const Pool2d &pool) const {
        if (auto ok = checkPicture(input); !ok)
            return failed(ok);
        if (auto ok = checkSteps(pool.stride, pool.padding, {}); !ok)
            return failed(ok);
        const Border &p = pool.padding;
        if (pool.kernel.height < 1 || pool.kernel.width < 1 ||
            std::max(p.top, p.bottom) >= pool.kernel.height ||
            std::max(p.left, p.right) >= pool.kernel.width)
            return fail(ErrorCode::InvalidArgument,
                        "kernel: {}x{}, expected at least 1 and more than the padding",
                        pool.kernel.height, pool.kernel.width);
        return slide(input, static_cast<std::int64_t>(input.channels()), pool.kernel, pool.stride,
                     p, {});
    }

    Result<SignalShape> operator()(const Upsample &up) const {
        if (auto ok = checkPicture(input); !ok)
            return failed(ok);
        if (auto ok = checkSteps(up.factor, {}, {}); !ok)
            return fail(ErrorCode::InvalidArgument, "factor: {}x{}, allowed are 1 to {}",
                        up.factor.height, up.factor.width, maxStep);
        const Grid grid = gridOf(input);
        return pictureShape(input, static_cast<std::int64_t>(grid.channels),
                            static_cast<std::int64_t>(grid.height * up.factor.height),
                            static_cast<std::int64_t>(grid.width * up.factor.width));
    }

    Result<SignalShape> operator()(const Flatten &flatten) const {
        const auto rank = static_cast<std::int32_t>(input.rank);
        const std::int32_t first = flatten.first < 0 ? flatten.first + rank : flatten.first;
        const std::int32_t last = flatten.last < 0 ? flatten.last + rank : flatten.last;
        if (first < 0 || first > last || last >= rank)
            return fail(ErrorCode::InvalidArgument, "sides {} to {} of a signal {}", flatten.first,
                        flatten.last, toString(input));
        std::vector<std::int64_t> sides;
        for (std::int32_t i = 0; i < rank; ++i) {
            if (i > first && i <= last)
                sides.back() *= input.sides[static_cast<std::size_t>(i)];
            else
                sides.push_back(input.sides[static_cast<std::size_t>(i)]);
        }
        return SignalShape::make(sides);
    }

    Result<SignalShape> operator()(const Concat &) const {
        std::vector<std::int64_t> sides(input.values().begin(), input.values().end());
        for (const SignalShape &other : inputs.subspan(1)) {
            SignalShape alike = other;
            alike.sides[0] = input.sides[0];
            if (alike != input)
                return fail(ErrorCode::InvalidArgument,
                            "{} and {} differ in more than the channels", toString(input),
                            toString(other));
            sides[0] += other.sides[0];
        }
        return SignalShape::make(sides);
    }

    Result<SignalShape> operator()(const Activation &activation) const {
        if (!activation.lambda.fits(input))
            return fail(ErrorCode::InvalidArgument, "lambda: {} numbers do not fit {}",
                        activation.lambda.values().size(), toString(input));
        for (const float lambda : activation.lambda.values())
            if (!(lambda > 0) || !std::isfinite(lambda))
                return fail(ErrorCode::InvalidArgument, "lambda: {} is not above 0", lambda);
        if (!(activation.ceiling > 0))
            return fail(ErrorCode::InvalidArgument, "ceiling: {} is not above 0",
                        activation.ceiling);
        return input;
    }

    Result<SignalShape> operator()(const Delay &delay) const {
        if (!delay.steps.fits(input))
            return fail(ErrorCode::InvalidArgument, "delay: {} numbers do not fit {}",
                        delay.steps.values().size(), toString(input));
        const auto most = static_cast<float>(
            std::min<std::uint64_t>(Delay::maxSteps, SignalShape::maxElements / input.elements()));
        for (const float steps : delay.steps.values())
            if (!(steps >= 0 && steps <= most) || steps != std::floor(steps))
                return fail(ErrorCode::InvalidArgument,
                            "delay: {} steps, allowed are whole steps up to {}", steps, most);
        return input;
    }

    Result<SignalShape> operator()(const Neuron &neuron) const {
        if (auto ok = check(neuron, input); !ok)
            return failed(ok);
        return input;
    }
};

}  // namespace

std::string_view layerName(const Layer &layer) {
    if (const auto *neuron = std::get_if<Neuron>(&layer))
        return modelName(*neuron);
    if (const auto *pool = std::get_if<Pool2d>(&layer))
        return pool->kind == PoolKind::Average ? "average pool"
               : pool->kind == PoolKind::Sum   ? "sum pool"
                                               : "max pool";
    if (const auto *activation = std::get_if<Activation>(&layer))
        return activation->levels > 0 ? "QCFS" : "ReLU";
    static constexpr std::array<std::string_view, std::variant_size_v<Layer>> names = {
        "Input",    "Output",  "Conv2d", "ConvTranspose2d", "Linear",     "Scale", "pool",
        "Upsample", "Flatten", "Add",    "Concat",          "activation", "Delay", "neuron"};
    return names[layer.index()];
}

bool hasState(const Layer &layer) {
    return std::holds_alternative<Neuron>(layer) || std::holds_alternative<Delay>(layer);
}

std::size_t parameterCount(const Layer &layer) {
    return std::visit(
        [](const auto &one) -> std::size_t {
            if constexpr (requires { one.weight; })
                return one.weight.values.size() + one.bias.size();
            return 0;
        },
        layer);
}

Grid gridOf(const SignalShape &shape) {
    if (shape.rank == 2)
        return {shape.sides[0], 1, shape.sides[1]};
    return {shape.sides[0], shape.sides[1], shape.sides[2]};
}

Border samePadding(Size2 kernel, Size2 dilation) {
    const std::uint32_t rows = dilation.height * (kernel.height - 1);
    const std::uint32_t columns = dilation.width * (kernel.width - 1);
    return {rows / 2, columns / 2, rows - rows / 2, columns - columns / 2};
}

Result<SignalShape> outputShape(const Layer &layer, std::span<const SignalShape> inputs) {
    const bool source = std::holds_alternative<InputLayer>(layer);
    if (source != inputs.empty())
        return fail(ErrorCode::InvalidArgument, "{}",
                    source ? "nothing may come into an Input" : "nothing comes in");
    if (!std::holds_alternative<Concat>(layer))
        for (const SignalShape &other : inputs)
            if (other != inputs[0])
                return fail(ErrorCode::InvalidArgument, "{} and {} come in and cannot be added",
                            toString(inputs[0]), toString(other));
    return std::visit(ShapeOf{source ? std::get<InputLayer>(layer).shape : inputs[0], inputs},
                      layer);
}

}  // namespace fovea
