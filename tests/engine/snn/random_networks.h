// SPDX-License-Identifier: Apache-2.0
// Seeded random networks and inputs for them.
#pragma once

#include "engine/core/random.h"
#include "engine/snn/network.h"

#include <catch2/catch.hpp>

namespace fovea::test {

/// A network of a few layers with any shapes, strides, groups, dilation, neurons and resets, with
/// branches and, sometimes, edges that lead back. `dyadic`: weights are small integers over 16, so
/// that no sum is rounded.
class RandomNetwork {
public:
    RandomNetwork(std::uint64_t seed, bool dyadic) : random_(seed), dyadic_(dyadic) {
        const bool flat = chance(4);
        shape_ = flat ? SignalShape::of({side(1, 90)})
                      : SignalShape::of({side(1, 5), side(3, 9), side(3, 9)});
        builder_.add("in", InputLayer{shape_});
        const std::size_t layers = 2 + random_.below(4);
        for (std::size_t i = 0; i < layers; ++i)
            shape_.rank == 1 ? addLinear() : addGridLayer();
        if (shape_.rank > 1)
            add(Flatten{});
        addLinear();
        builder_.add("out", OutputLayer{}).connect(last_, "out");
    }
    [[nodiscard]] Network build() { return builder_.build().value(); }

    /// `steps` inputs, or one for all; sparse to dense.
    static std::vector<float> inputs(std::uint64_t seed, std::size_t size, std::size_t steps) {
        Random random(seed);
        constexpr double rates[] = {0, 0.05, 0.3, 1};
        const double rate = rates[random.below(4)];
        const bool spikes = random.below(2) == 0;
        std::vector<float> all(size * (random.below(3) == 0 ? 1 : steps));
        for (float &x : all)
            if (random.uniform() < rate)
                x = spikes ? 1.0F : static_cast<float>(random.below(33)) / 16 - 0.5F;
        return all;
    }

private:
    static constexpr std::size_t mostElements = 3000;

    bool chance(std::uint64_t of) { return random_.below(of) == 0; }
    std::uint32_t side(std::uint32_t least, std::uint32_t most) {
        return least + static_cast<std::uint32_t>(random_.below(most - least + 1));
    }
    float weight() {
        return dyadic_ ? (static_cast<float>(random_.below(41)) - 16) / 16
                       : static_cast<float>(random_.uniform(-0.6, 1));
    }
    std::vector<float> weights(std::size_t count) {
        std::vector<float> all(count);
        for (float &w : all)
            w = weight();
        return all;
    }

    bool add(Layer layer) {
        const auto shape = outputShape(layer, std::span(&shape_, 1));
        if (!shape || shape->elements() > mostElements)
            return false;
        shape_ = *shape;
        std::string name = "n" + std::to_string(++count_);
        builder_.add(name, std::move(layer)).connect(last_, name);
        last_ = name;
        return true;
    }

    Neuron neuron() {
        constexpr float thresholds[] = {0.5F, 1, 1.5F, 3};
        Neuron one = chance(3)   ? Neuron::leaky(chance(2) ? 2.0F : 1.7F, chance(2))
                     : chance(8) ? Neuron::currentBased(0.5F, 0.75F)
                     : chance(8) ? Neuron::integerLeaky(2, 3)
                     : chance(6) ? Neuron::qcfs(1)
                                 : Neuron::integrateAndFire(1, Reset::Soft);
        one.threshold = thresholds[random_.below(4)];
        if (chance(4))
            one.threshold = numbers(0.5, 2);
        if (chance(2))
            one.reset = one.maxSpikes > 1 || chance(2) ? Reset::Soft : Reset::Hard;
        if (chance(4))
            one.initial = numbers(-0.5, 0.5);
        if (chance(6))
            one.drive = 0.125F;
        if (chance(6))
            one.fire = Fire::AboveThreshold;
        if (chance(4))
            one.amplitude = chance(2) ? 0.5F : 2.0F;
        if (chance(12))
            one.trace = Filter{0.5F, 1};
        return one;
    }
    /// One for each channel, or for each neuron.
    Parameter numbers(double low, double high) {
        std::vector<float> all(chance(2) ? shape_.channels() : shape_.elements());
        for (float &one : all)
            one = static_cast<float>(random_.uniform(low, high));
        return Parameter(std::move(all));
    }

    void addNeuron() {
        if (chance(10))
            return;
        REQUIRE(add(neuron()));
        if (chance(8)) {
            // Back to the neurons from themselves.
            const std::string back = last_ + "back";
            if (shape_.rank == 1) {
                const auto n = shape_.sides[0];
                builder_.add(back, Linear{{SignalShape::of({n, n}), weights(n * n)}, {}});
            } else {
                builder_.add(back, Delay{Parameter(1)});
            }
            builder_.connect(last_, back).connect(back, last_);
        }
    }

    void addLinear() {
        const std::uint32_t out = side(1, 150);
        const auto in = static_cast<std::uint32_t>(shape_.elements());
        Linear linear{{SignalShape::of({out, in}), weights(std::size_t{out} * in)}, {}};
        if (chance(2))
            linear.bias = weights(out);
        REQUIRE(add(linear));
        addNeuron();
    }

    void addConv() {
        const std::uint32_t in = shape_.sides[0];
        std::uint32_t groups = chance(3) ? side(1, in) : 1;
        while (in % groups != 0)
            --groups;
        const std::uint32_t out = groups * (chance(2) ? side(1, 6) : side(1, 40));
        const Size2 kernel{side(1, 3), side(1, 3)};
        const std::uint32_t taps = kernel.height * kernel.width;
        Conv2d conv{{SignalShape::of({out, in / groups, kernel.height, kernel.width}),
                     weights(std::size_t{out} * (in / groups) * taps)},
                    {},
                    {side(1, 2), side(1, 2)},
                    {side(0, 2), side(0, 2), side(0, 2), side(0, 2)},
                    {side(1, 2), side(1, 2)},
                    groups};
        if (chance(2))
            conv.bias = weights(out);
        if (add(conv))
            addNeuron();
    }

    void addGridLayer() {
        switch (random_.below(9)) {
        case 0:
            add(Pool2d{PoolKind::Max, {2, 2}, {side(1, 2), 2}, {chance(2) ? 1U : 0U}, true});
            break;
        case 1:
            add(Pool2d{PoolKind::Average, {2, 2}, {2, 2}, {}, true});
            break;
        case 2:
            add(Upsample{{2, 1}});
            break;
        case 3: {
            const std::uint32_t in = shape_.sides[0];
            ConvTranspose2d transposed;
            transposed.weight = {SignalShape::of({in, 2, 2, 2}), weights(std::size_t{in} * 8)};
            transposed.stride = {2, 2};
            if (add(transposed))
                addNeuron();
            break;
        }
        case 4: {
            // What was before, added to what comes of it.
            const std::string before = last_;
            const std::uint32_t c = shape_.sides[0];
            REQUIRE(add(Conv2d{{SignalShape::of({c, c, 3, 3}), weights(std::size_t{c} * c * 9)},
                               {},
                               {},
                               {1, 1, 1, 1},
                               {},
                               1}));
            REQUIRE(add(neuron()));
            if (before != "in") {
                const bool joined = chance(2) && 2 * shape_.elements() <= mostElements;
                REQUIRE(add(joined ? Layer(Concat{}) : Layer(Add{})));
                builder_.connect(before, last_);
                shape_.sides[0] += joined ? c : 0;
            }
            break;
        }
        default:
            addConv();
        }
    }

    Random random_;
    bool dyadic_;
    NetworkBuilder builder_;
    SignalShape shape_;
    std::string last_ = "in";
    std::size_t count_ = 0;
};

}  // namespace fovea::test
