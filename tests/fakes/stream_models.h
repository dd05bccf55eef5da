// SPDX-License-Identifier: Apache-2.0
// Small networks whose answers are known without running them.
#pragma once

#include "engine/core/spike_block.h"
#include "engine/snn/model.h"

#include <functional>

namespace fovea::test {

/// Every pixel an IF neuron of threshold 1: what goes in comes out, so its picture is the rate.
inline Network pixelNetwork(PlaneShape shape, Fire fire = Fire::AtThreshold) {
    Neuron neuron = Neuron::integrateAndFire(1, Reset::Soft);
    neuron.fire = fire;
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1, shape.height, shape.width})})
        .then("pixels", neuron)
        .then("out", OutputLayer{});
    return builder.build().value();
}

/// Two classes: spikes in the left half, spikes in the right half, each through an IF neuron.
inline Network sidesNetwork(PlaneShape shape, std::uint32_t channels = 1) {
    const std::size_t inputs = channels * shape.pixels();
    std::vector<float> weights(2 * inputs);
    for (std::size_t i = 0; i < inputs; ++i)
        weights[(i % shape.width < shape.width / 2 ? 0 : inputs) + i] = 0.25F;
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({channels, shape.height, shape.width})})
        .then("flat", Flatten{})
        .then("sides",
              Linear{{SignalShape::of({2, static_cast<std::uint32_t>(inputs)}), weights}, {}})
        .then("fire", Neuron::integrateAndFire(1, Reset::Soft))
        .then("out", OutputLayer{});
    return builder.build().value();
}

using Metadata = std::map<std::string, std::string>;

inline ModelPtr modelOf(Network network, const Metadata &metadata = {}) {
    NirModel nir{std::move(network), "1.0", defaultNirStep, metadata, {}};
    StreamForm form = readStreamForm(nir.network, metadata, "test.nir").value();
    auto classes = std::make_shared<const std::vector<std::string>>(form.classes);
    return std::make_shared<const Model>(
        Model{"test.nir", std::move(nir), std::move(form), {}, std::move(classes)});
}

inline ModelUse useOf(Network network, const Metadata &metadata = {}, ModelSettings settings = {}) {
    settings.backend = ExecutorBackend::Reference;
    settings.file = "test.nir";
    return {settings, modelOf(std::move(network), metadata)};
}

/// A plane in which `fires(x, y)` says who spikes.
using Fires = std::function<bool(std::uint32_t x, std::uint32_t y)>;
inline void paint(PlaneShape shape, std::uint64_t *words, const Fires &fires) {
    std::fill_n(words, shape.wordStride(), 0);
    for (std::uint32_t y = 0; y < shape.height; ++y)
        for (std::uint32_t x = 0; x < shape.width; ++x)
            if (fires(x, y))
                setBit(words, std::size_t{y} * shape.width + x);
}
inline std::vector<std::uint64_t> planeOf(PlaneShape shape, const Fires &fires) {
    std::vector<std::uint64_t> words(shape.wordStride());
    paint(shape, words.data(), fires);
    return words;
}

/// Planes [first, first + count) in which the left side spikes, or the right one where `right`.
inline std::shared_ptr<SpikeBlock> sidesBlock(PlaneShape shape, std::uint64_t first,
                                              std::uint32_t count, bool right,
                                              double rateHz = 40000) {
    auto block = std::make_shared<SpikeBlock>(shape, count);
    block->begin(first, rateHz);
    for (std::uint32_t i = 0; i < count; ++i)
        paint(shape, block->append(),
              [&](std::uint32_t x, std::uint32_t) { return (x >= shape.width / 2) == right; });
    return block;
}

}  // namespace fovea::test
