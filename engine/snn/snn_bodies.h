// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of a network's layers: a thread computes one place for all steps of a pass.
#pragma once

#include "engine/snn/device_views.h"

namespace fovea::snn_bodies {

/// Which places of the input a place of the output sees. A Linear layer is a kernel as large as
/// its input; a transposed convolution counts taps backwards, so that sums run as its definition
/// says.
struct Window {
    std::uint32_t inHeight, inWidth, outWidth;
    std::uint32_t kernelHeight, kernelWidth;
    std::uint32_t strideY, strideX, dilationY, dilationX, top, left;
    bool transposed;

    [[nodiscard]] FOVEA_BOTH std::uint32_t row(std::uint32_t y, std::uint32_t tap) const {
        return source(y, tap, kernelHeight, strideY, dilationY, top);
    }
    [[nodiscard]] FOVEA_BOTH std::uint32_t column(std::uint32_t x, std::uint32_t tap) const {
        return source(x, tap, kernelWidth, strideX, dilationX, left);
    }

private:
    /// Wraps beyond every side where there is nothing.
    [[nodiscard]] FOVEA_BOTH std::uint32_t source(std::uint32_t at, std::uint32_t tap,
                                                  std::uint32_t taps, std::uint32_t stride,
                                                  std::uint32_t dilation,
                                                  std::uint32_t before) const {
        if (!transposed)
            return at * stride + tap * dilation - before;
        const std::uint32_t from = at + before;
        const std::uint32_t back = (taps - 1 - tap) * dilation;
        if (from < back || (from - back) % stride != 0)
            return ~0U;
        return (from - back) / stride;
    }
};

/// Conv2d, ConvTranspose2d and Linear with what follows them. Weights are read once for all steps:
/// weights[tap * outputs + output], taps in C order (channel, row, column). Sums run in that order
/// from the bias on, so that they are those of the reference, bit for bit. Threads: outputs x
/// places x samples; neighbours share the input and read weights side by side. `most`: steps.
template <bool packed, int most> struct ConvBody {
    static constexpr const char *name() { return "a convolution"; }

    Window window;
    SignalView in;
    const float *weights;
    const float *bias;            ///< null: none
    std::uint32_t outputs;        ///< of all groups
    std::uint32_t groupOutputs;   ///< of one
    std::uint32_t groupChannels;  ///< of the input, of one group
    Finish finish;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const Position at = finish.position(thread);
        float sums[most];
        const float first = bias != nullptr ? bias[at.channel] : 0.0F;
        for (int t = 0; t < most; ++t)
            sums[t] = first;
        const std::uint32_t y = at.place / window.outWidth;
        const std::uint32_t x = at.place % window.outWidth;
        const std::uint32_t channel = at.channel / groupOutputs * groupChannels;
        const float *weight = weights + at.channel;
        for (std::uint32_t c = 0; c < groupChannels; ++c)
            for (std::uint32_t ky = 0; ky < window.kernelHeight; ++ky) {
                const std::uint32_t row = window.row(y, ky);
                for (std::uint32_t kx = 0; kx < window.kernelWidth; ++kx, weight += outputs) {
                    const std::uint32_t column = window.column(x, kx);
                    if (row < window.inHeight && column < window.inWidth)
                        add(at.sample, channel + c, row * window.inWidth + column, weight, sums);
                }
            }
        if (!packed && in.stepStride == 0)
            for (int t = 1; t < most; ++t)
                sums[t] = sums[0];
        finish.store(at, sums);
    }

private:
    FOVEA_BOTH void add(std::uint32_t sample, std::uint32_t channel, std::uint32_t place,
                        const float *weight, float (&sums)[most]) const {
        const std::uint64_t from = in.offset(sample, channel, place);
        if constexpr (packed) {
            const std::uint32_t fired = in.bits[from];
            if (fired == 0)
                return;
            const float value = *weight * in.sizes.at(channel, 0);
            for (int t = 0; t < most; ++t)
                if (((fired >> t) & 1U) != 0)
                    sums[t] += value;
        } else {
            const std::uint32_t steps = in.stepStride == 0 ? 1 : finish.steps;
            for (int t = 0; t < most; ++t)
                if (static_cast<std::uint32_t>(t) < steps)
                    sums[t] +=
                        *weight * in.numbers[static_cast<std::uint64_t>(t) * in.stepStride + from];
        }
    }
};

/// The sum of up to `sources` signals, in their order. One: a copy.
struct SumOp {
    static constexpr const char *name() { return "a sum"; }
    static constexpr std::uint32_t mostSources = 4;

    SignalView in[mostSources];
    std::uint32_t sources;

    template <int most>
    FOVEA_BOTH void values(const Position &at, const Finish &finish, float (&sums)[most]) const {
        in[0].read(at.sample, finish.element(at), finish.steps, sums);
        for (std::uint32_t s = 1; s < sources; ++s) {
            float more[most];
            in[s].read(at.sample, finish.element(at), finish.steps, more);
            for (int t = 0; t < most; ++t)
                sums[t] += more[t];
        }
    }
    [[nodiscard]] FOVEA_BOTH bool packed() const { return sources == 1 && in[0].bits != nullptr; }
    [[nodiscard]] FOVEA_BOTH std::uint8_t bits(const Position &at, const Finish &finish) const {
        return in[0].readBits(at.sample, finish.element(at));
    }
};

struct ScaleOp {
    static constexpr const char *name() { return "a scale"; }

    SignalView in;
    ParameterView factor, offset;

    template <int most>
    FOVEA_BOTH void values(const Position &at, const Finish &finish, float (&out)[most]) const {
        in.read(at.sample, finish.element(at), finish.steps, out);
        const float by = factor.at(at.channel, at.place);
        const float plus = offset.at(at.channel, at.place);
        for (int t = 0; t < most; ++t)
            out[t] = by * out[t] + plus;
    }
    [[nodiscard]] FOVEA_BOTH bool packed() const { return false; }
    [[nodiscard]] FOVEA_BOTH std::uint8_t bits(const Position &, const Finish &) const { return 0; }
};

/// ReLU (levels 0) or QCFS.
struct ActivationOp {
    static constexpr const char *name() { return "an activation"; }

    SignalView in;
    ParameterView lambda;
    std::uint32_t levels;
    float ceiling;

    template <int most>
    FOVEA_BOTH void values(const Position &at, const Finish &finish, float (&out)[most]) const {
        in.read(at.sample, finish.element(at), finish.steps, out);
        const float size = lambda.at(at.channel, at.place);
        for (int t = 0; t < most; ++t)
            out[t] = lesser(ceiling, activated(out[t], size, static_cast<float>(levels)));
    }
    [[nodiscard]] FOVEA_BOTH bool packed() const { return false; }
    [[nodiscard]] FOVEA_BOTH std::uint8_t bits(const Position &, const Finish &) const { return 0; }

private:
    [[nodiscard]] FOVEA_BOTH float activated(float z, float size, float count) const {
        if (levels == 0)
            return greater(z, 0.0F);
        return size * lesser(greater(floorf(z * count / size + 0.5F) / count, 0.0F), 1.0F);
    }
};

enum class PoolRule : std::uint8_t { Average, Sum, Max };

/// Pools; of packed signals whose spikes count more than nothing the maximum is an OR.
struct PoolOp {
    static constexpr const char *name() { return "a pool"; }

    Window window;
    SignalView in;
    PoolRule rule;
    bool countPadding;

    template <int most>
    FOVEA_BOTH void values(const Position &at, const Finish &finish, float (&out)[most]) const {
        const bool max = rule == PoolRule::Max;
        for (int t = 0; t < most; ++t)
            out[t] = max ? -INFINITY : 0.0F;
        std::uint32_t seen = 0;
        for (std::uint32_t ky = 0; ky < window.kernelHeight; ++ky)
            for (std::uint32_t kx = 0; kx < window.kernelWidth; ++kx) {
                const std::uint32_t element = source(at, ky, kx);
                if (element == ~0U)
                    continue;
                float one[most];
                in.read(at.sample, element, finish.steps, one);
                for (int t = 0; t < most; ++t)
                    out[t] = max ? greater(out[t], one[t]) : out[t] + one[t];
                ++seen;
            }
        if (rule != PoolRule::Average)
            return;
        const std::uint32_t all = window.kernelHeight * window.kernelWidth;
        const auto count = static_cast<float>(countPadding ? all : greater(seen, 1U));
        for (int t = 0; t < most; ++t)
            out[t] = out[t] / count;
    }
    [[nodiscard]] FOVEA_BOTH bool packed() const {
        return rule == PoolRule::Max && in.bits != nullptr;
    }
    [[nodiscard]] FOVEA_BOTH std::uint8_t bits(const Position &at, const Finish &) const {
        std::uint32_t fired = 0;
        for (std::uint32_t ky = 0; ky < window.kernelHeight; ++ky)
            for (std::uint32_t kx = 0; kx < window.kernelWidth; ++kx)
                if (const std::uint32_t element = source(at, ky, kx); element != ~0U)
                    fired |= in.readBits(at.sample, element);
        return static_cast<std::uint8_t>(fired);
    }

private:
    /// The element that a tap sees; ~0: none.
    [[nodiscard]] FOVEA_BOTH std::uint32_t source(const Position &at, std::uint32_t ky,
                                                  std::uint32_t kx) const {
        const std::uint32_t row = window.row(at.place / window.outWidth, ky);
        const std::uint32_t column = window.column(at.place % window.outWidth, kx);
        if (row >= window.inHeight || column >= window.inWidth)
            return ~0U;
        return (at.channel * window.inHeight + row) * window.inWidth + column;
    }
};

struct UpsampleOp {
    static constexpr const char *name() { return "upsampling"; }

    SignalView in;
    std::uint32_t inHeight, inWidth, outWidth, factorY, factorX;

    template <int most>
    FOVEA_BOTH void values(const Position &at, const Finish &finish, float (&out)[most]) const {
        in.read(at.sample, source(at), finish.steps, out);
    }
    [[nodiscard]] FOVEA_BOTH bool packed() const { return in.bits != nullptr; }
    [[nodiscard]] FOVEA_BOTH std::uint8_t bits(const Position &at, const Finish &) const {
        return in.readBits(at.sample, source(at));
    }

private:
    [[nodiscard]] FOVEA_BOTH std::uint32_t source(const Position &at) const {
        return (at.channel * inHeight + at.place / outWidth / factorY) * inWidth +
               at.place % outWidth / factorX;
    }
};

/// One value of an operation, and what becomes of it. Threads: channels x places x samples.
template <class Op> struct ElementBody {
    static constexpr const char *name() { return Op::name(); }

    Op op;
    Finish finish;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const Position at = finish.position(thread);
        if (finish.bits != nullptr && finish.neuron.potentials == nullptr && op.packed()) {
            finish.bits[finish.target(at)] = op.bits(at, finish);
            return;
        }
        float values[passSteps];
        op.values(at, finish, values);
        finish.store(at, values);
    }
};

/// y[t] = x[t - steps]: a ring of the newest steps for every value.
struct DelayBody {
    static constexpr const char *name() { return "a delay"; }

    SumOp op;
    ParameterView delays;
    float *ring;  ///< slots x values
    std::uint64_t values;
    std::uint32_t slots;
    Finish finish;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const Position at = finish.position(thread);
        float x[passSteps];
        op.values(at, finish, x);
        const auto back = static_cast<std::uint32_t>(delays.at(at.channel, at.place));
        float *own = ring + thread;
        for (std::uint32_t t = 0; t < passSteps; ++t)
            if (t < finish.steps) {
                const std::uint32_t now = (*finish.clock + finish.pass + t) % slots;
                own[now * values] = x[t];
                x[t] = own[(now + slots - back) % slots * values];
            }
        finish.store(at, x);
    }
};

}  // namespace fovea::snn_bodies
