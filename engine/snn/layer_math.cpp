// SPDX-License-Identifier: Apache-2.0
// Plain loops over the definitions.
#include "engine/snn/layer_math.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace fovea {

namespace {

float biasOf(std::span<const float> bias, std::size_t output) {
    return bias.empty() ? 0.0F : bias[output];
}

struct Compute {
    const SignalShape &from;
    const SignalShape &to;
    std::span<const float> input;
    std::span<float> output;

    template <class Other> void operator()(const Other &) const {
        assert((!std::is_same_v<Other, Neuron> && !std::is_same_v<Other, Delay> &&
                !std::is_same_v<Other, Concat>));
        std::copy(input.begin(), input.end(), output.begin());
    }

    /// Every value of the output from its channel, row and column.
    template <class Value> void fill(const Grid &out, const Value &value) const {
        std::size_t at = 0;
        for (std::size_t c = 0; c < out.channels; ++c)
            for (std::size_t y = 0; y < out.height; ++y)
                for (std::size_t x = 0; x < out.width; ++x)
                    output[at++] = value(c, y, x);
    }

    void operator()(const Conv2d &conv) const {
        const Grid in = gridOf(from);
        const Grid out = gridOf(to);
        fill(out, [&](std::size_t o, std::size_t y, std::size_t x) {
            return convolved(conv, in, out.channels, o, y, x);
        });
    }

    [[nodiscard]] float convolved(const Conv2d &conv, const Grid &in, std::size_t outputs,
                                  std::size_t o, std::size_t y, std::size_t x) const {
        const auto &sides = conv.weight.shape.sides;
        const std::size_t first = o / (outputs / conv.groups) * sides[1];
        const float *weight =
            conv.weight.values.data() + o * sides[1] * std::size_t{sides[2]} * sides[3];
        float sum = biasOf(conv.bias, o);
        for (std::size_t c = 0; c < sides[1]; ++c)
            for (std::size_t ky = 0; ky < sides[2]; ++ky)
                for (std::size_t kx = 0; kx < sides[3]; ++kx, ++weight) {
                    // Below the top or left edge the difference wraps and is beyond the side.
                    const std::size_t row =
                        y * conv.stride.height + ky * conv.dilation.height - conv.padding.top;
                    const std::size_t column =
                        x * conv.stride.width + kx * conv.dilation.width - conv.padding.left;
                    if (row < in.height && column < in.width)
                        sum += *weight * input[((first + c) * in.height + row) * in.width + column];
                }
        return sum;
    }

    void operator()(const ConvTranspose2d &conv) const {
        const Grid in = gridOf(from);
        const Grid out = gridOf(to);
        const auto &sides = conv.weight.shape.sides;
        for (std::size_t o = 0; o < out.channels; ++o)
            std::fill_n(output.begin() + static_cast<std::ptrdiff_t>(o * out.height * out.width),
                        out.height * out.width, biasOf(conv.bias, o));
        const std::size_t groupInputs = in.channels / conv.groups;
        for (std::size_t i = 0; i < in.channels; ++i)
            for (std::size_t o = 0; o < sides[1]; ++o) {
                const std::size_t channel = i / groupInputs * sides[1] + o;
                const float *weight = conv.weight.values.data() +
                                      (i * sides[1] + o) * std::size_t{sides[2]} * sides[3];
                spread(conv, in, out, i, channel, weight);
            }
    }

    void spread(const ConvTranspose2d &conv, const Grid &in, const Grid &out, std::size_t i,
                std::size_t channel, const float *weight) const {
        const auto &sides = conv.weight.shape.sides;
        for (std::size_t y = 0; y < in.height; ++y)
            for (std::size_t x = 0; x < in.width; ++x)
                for (std::size_t ky = 0; ky < sides[2]; ++ky)
                    for (std::size_t kx = 0; kx < sides[3]; ++kx) {
                        const std::size_t row =
                            y * conv.stride.height + ky * conv.dilation.height - conv.padding.top;
                        const std::size_t column =
                            x * conv.stride.width + kx * conv.dilation.width - conv.padding.left;
                        if (row < out.height && column < out.width)
                            output[(channel * out.height + row) * out.width + column] +=
                                weight[ky * sides[3] + kx] *
                                input[(i * in.height + y) * in.width + x];
                    }
    }

    void operator()(const Linear &linear) const {
        const std::size_t inputs = linear.weight.shape.sides[1];
        for (std::size_t o = 0; o < output.size(); ++o) {
            float sum = biasOf(linear.bias, o);
            for (std::size_t i = 0; i < inputs; ++i)
                sum += linear.weight.values[o * inputs + i] * input[i];
            output[o] = sum;
        }
    }

    void operator()(const Scale &scale) const {
        for (std::size_t i = 0; i < output.size(); ++i)
            output[i] = scale.factor.at(i, from) * input[i] + scale.offset.at(i, from);
    }

    void operator()(const Activation &activation) const {
        for (std::size_t i = 0; i < output.size(); ++i)
            output[i] =
                std::min(activation.ceiling,
                         activate(input[i], activation.lambda.at(i, from), activation.levels));
    }

    void operator()(const Pool2d &pool) const {
        const Grid in = gridOf(from);
        const Grid out = gridOf(to);
        fill(out, [&](std::size_t c, std::size_t y, std::size_t x) {
            return pooled(pool, in, c, y, x);
        });
    }

    [[nodiscard]] float pooled(const Pool2d &pool, const Grid &in, std::size_t c, std::size_t y,
                               std::size_t x) const {
        const bool max = pool.kind == PoolKind::Max;
        float value = max ? -std::numeric_limits<float>::infinity() : 0.0F;
        std::size_t seen = 0;
        for (std::size_t ky = 0; ky < pool.kernel.height; ++ky)
            for (std::size_t kx = 0; kx < pool.kernel.width; ++kx) {
                const std::size_t row = y * pool.stride.height + ky - pool.padding.top;
                const std::size_t column = x * pool.stride.width + kx - pool.padding.left;
                if (row >= in.height || column >= in.width)
                    continue;
                const float one = input[(c * in.height + row) * in.width + column];
                value = max ? std::max(value, one) : value + one;
                ++seen;
            }
        if (pool.kind != PoolKind::Average)
            return value;
        const std::size_t all = std::size_t{pool.kernel.height} * pool.kernel.width;
        return value / static_cast<float>(pool.countPadding ? all : std::max<std::size_t>(seen, 1));
    }

    void operator()(const Upsample &up) const {
        const Grid in = gridOf(from);
        const Grid out = gridOf(to);
        fill(out, [&](std::size_t c, std::size_t y, std::size_t x) {
            return input[(c * in.height + y / up.factor.height) * in.width + x / up.factor.width];
        });
    }
};

}  // namespace

float activate(float z, float lambda, std::uint32_t levels) {
    if (levels == 0)
        return std::max(z, 0.0F);
    const auto count = static_cast<float>(levels);
    return lambda * std::clamp(std::floor(z * count / lambda + 0.5F) / count, 0.0F, 1.0F);
}

void computeLayer(const Layer &layer, const SignalShape &from, const SignalShape &to,
                  std::span<const float> input, std::span<float> output) {
    assert(input.size() == from.elements() && output.size() == to.elements());
    std::visit(Compute{from, to, input, output}, layer);
}

}  // namespace fovea
