// SPDX-License-Identifier: Apache-2.0
// Seeded networks of all layers and neurons, with numbers on which float sums are exact.
#pragma once

#include "engine/core/random.h"
#include "engine/snn/network.h"

#include <algorithm>

namespace fovea::test {

/// Makes valid networks only: layers that would not fit are left out.
class DyadicNetwork {
public:
    explicit DyadicNetwork(std::uint64_t seed) : random_(seed) {}

    Network make() {
        NetworkBuilder builder;
        shape_ = SignalShape::of({pick(1, 5), pick(3, 9), pick(3, 9)});
        builder.add("in", InputLayer{shape_});
        last_ = "in";
        const std::uint32_t layers = pick(1, 7);
        for (std::uint32_t i = 0; i < layers; ++i)
            add(builder, i);
        if (chance(2))
            next(builder, Flatten{});
        if (shape_.rank == 1) {
            const std::uint32_t outputs = pick(1, 20);
            next(builder, Linear{{SignalShape::of({outputs, shape_.sides[0]}),
                                  values(outputs * std::size_t{shape_.sides[0]})},
                                 chance(2) ? values(outputs) : std::vector<float>{}});
            if (chance(2))
                next(builder, neuron());
        }
        if (chance(2))
            next(builder, OutputLayer{});
        return builder.build().value();
    }

    /// Multiples of 1/16 around 0; `zeros` of 8 are 0.
    std::vector<float> values(std::size_t count, std::uint32_t zeros = 1) {
        std::vector<float> all(count);
        for (float &value : all)
            if (random_.below(8) >= zeros)
                value = static_cast<float>(static_cast<int>(random_.below(33)) - 12) / 16;
        return all;
    }
    std::uint32_t pick(std::uint32_t low, std::uint32_t high) {
        return low + static_cast<std::uint32_t>(random_.below(high - low + 1));
    }
    bool chance(std::uint32_t of) { return random_.below(of) == 0; }

    /// A neuron of any model for what the network gives by now.
    Neuron neuron() {
        Neuron neuron;
        neuron.threshold = parameter(0.5F, 0.25F);
        neuron.fire = chance(3) ? Fire::AboveThreshold : Fire::AtThreshold;
        neuron.reset = chance(2) ? Reset::Hard : Reset::Soft;
        neuron.resetTo = chance(3) ? -0.25F : 0.0F;
        neuron.initial = parameter(0, 0.125F);
        if (chance(2))
            neuron.amplitude = parameter(0.5F, 0.5F);
        if (chance(3))
            neuron.decay = 0.5F;
        if (chance(4))
            neuron.gain = parameter(0.5F, 0.5F);
        if (chance(4))
            neuron.drive = 0.125F;
        if (chance(6))
            neuron.synapse = Filter{0.5F, parameter(1, 0.5F)};
        if (chance(8))
            neuron.trace = Filter{0.5F, 1};
        if (chance(8))
            neuron.stepGains = values(64, 0);
        if (chance(8))
            neuron.maxSpikes = 4;
        if (chance(8))
            neuron.fire = Fire::Never;
        return neuron;
    }

private:
    Parameter parameter(float least, float step) {
        const std::uint32_t kind = pick(0, 5);
        const std::size_t count = kind == 0   ? shape_.elements()
                                  : kind <= 2 ? shape_.channels()
                                              : std::size_t{1};
        std::vector<float> all(count);
        for (float &value : all)
            value = least + step * static_cast<float>(random_.below(3));
        return Parameter(std::move(all));
    }

    bool next(NetworkBuilder &builder, Layer layer) {
        const auto shape = outputShape(layer, std::span(&shape_, 1));
        if (!shape || shape->elements() > 3000)
            return false;
        shape_ = *shape;
        last_ = "n" + std::to_string(count_++);
        builder.then(last_, std::move(layer));
        return true;
    }

    void add(NetworkBuilder &builder, std::uint32_t number) {
        switch (shape_.rank == 1 ? pick(4, 8) : pick(0, 12)) {
        case 0:
        case 1:
        case 2:
            next(builder, conv());
            break;
        case 3:
            next(builder, transposed());
            break;
        case 4:
            next(builder, Scale{parameter(0.5F, 0.5F), chance(2) ? parameter(0, 0.25F) : 0});
            break;
        case 5:
            next(builder,
                 Activation{pick(0, 1) * 4, parameter(0.5F, 0.5F), chance(2) ? 0.75F : 9.0F});
            break;
        case 6:
            next(builder, Delay{Parameter(static_cast<float>(pick(0, 3)))});
            break;
        case 7:
            branch(builder, number);
            break;
        case 8:
            next(builder, neuron());
            break;
        case 9:
        case 10:
            next(builder, pool());
            break;
        case 11:
            next(builder, Upsample{{pick(1, 2), pick(1, 2)}});
            break;
        default:
            if (shape_.rank == 3)
                next(builder, Flatten{static_cast<std::int32_t>(pick(0, 1)), -1});
        }
        if (chance(2))
            next(builder, neuron());
    }

    Conv2d conv() {
        const std::uint32_t channels = shape_.sides[0];
        const std::uint32_t groups = chance(3) ? channels : 1;
        const std::uint32_t outputs = groups * pick(1, 4);
        const std::uint32_t height = shape_.rank == 2 ? 1 : pick(1, 3);
        const SignalShape weight =
            SignalShape::of({outputs, channels / groups, height, pick(1, 3)});
        return {{weight, values(weight.elements())},
                chance(2) ? values(outputs) : std::vector<float>{},
                {shape_.rank == 2 ? 1 : pick(1, 2), pick(1, 2)},
                {shape_.rank == 2 ? 0 : pick(0, 1), pick(0, 1), shape_.rank == 2 ? 0 : pick(0, 1),
                 pick(0, 1)},
                {1, pick(1, 2)},
                groups};
    }
    ConvTranspose2d transposed() {
        const std::uint32_t channels = shape_.sides[0];
        const std::uint32_t groups = chance(3) ? channels : 1;
        const std::uint32_t outputs = pick(1, 3);
        const std::uint32_t height = shape_.rank == 2 ? 1 : pick(1, 3);
        const SignalShape weight = SignalShape::of({channels, outputs, height, pick(1, 3)});
        return {{weight, values(weight.elements())},
                chance(2) ? values(std::size_t{outputs} * groups) : std::vector<float>{},
                {shape_.rank == 2 ? 1 : pick(1, 2), pick(1, 2)},
                {0, pick(0, 1), 0, pick(0, 1)},
                {1, pick(1, 2)},
                {0, pick(0, 1)},
                groups};
    }
    Pool2d pool() {
        const PoolKind kinds[] = {PoolKind::Average, PoolKind::Sum, PoolKind::Max, PoolKind::Max};
        const std::uint32_t height = shape_.rank == 2 ? 1 : 2;
        return {
            kinds[pick(0, 3)], {height, 2}, {height, pick(1, 2)}, {0, pick(0, 1), 0, 0}, chance(2)};
    }
    /// Ways that meet again, now and then more than a kernel adds at once.
    void branch(NetworkBuilder &builder, std::uint32_t number) {
        std::vector<std::string> ways = {last_};
        for (std::uint32_t more = chance(3) ? 5 : 1; more-- > 0;)
            if (next(builder, neuron()))
                ways.push_back(last_);
        if (ways.size() == 1)
            return;
        const bool joins = ways.size() == 2 && chance(2);
        last_ = "meet" + std::to_string(number);
        builder.then(last_, joins ? Layer{Concat{}} : Layer{Add{}});
        for (std::size_t way = 0; way + 1 < ways.size(); ++way)
            builder.connect(ways[way], last_);
        if (joins)
            shape_.sides[0] *= 2;
    }

    Random random_;
    SignalShape shape_;
    std::string last_;
    std::uint32_t count_ = 0;
};

}  // namespace fovea::test
