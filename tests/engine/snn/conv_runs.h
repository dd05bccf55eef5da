// SPDX-License-Identifier: Apache-2.0
// A convolution with random weights, random spikes for it, and its sums as the oracle has them.
#pragma once

#include "engine/core/random.h"
#include "engine/snn/conv_form.h"
#include "engine/snn/grid_neurons.h"
#include "engine/snn/layer_math.h"

#include <catch2/catch.hpp>

namespace fovea::test {

struct ConvRun {
    Layer layer;  ///< what `form` refers to
    SignalShape from = SignalShape::of({70, 6, 7});
    SignalShape to;
    ConvForm form;
    SpikeGrid spikes;
    std::vector<float> input;   ///< the same as numbers
    std::vector<float> wanted;  ///< steps x batch x outputs

    ConvRun(const ConvRun &) = delete;
    ConvRun &operator=(const ConvRun &) = delete;
    /// Weights are integers, so every precision has the same sums.
    ConvRun(std::size_t batch, std::size_t steps, double rate, std::uint32_t groups = 1) {
        Random random(3);
        Conv2d conv{{SignalShape::of({45, 70 / groups, 3, 2}),
                     std::vector<float>(std::size_t{45} * (70 / groups) * 6)},
                    std::vector<float>(45),
                    {2, 1},
                    {1, 0, 2, 1},
                    {1, 2},
                    groups};
        for (float &w : conv.weight.values)
            w = static_cast<float>(random.below(41)) - 20;
        for (float &b : conv.bias)
            b = static_cast<float>(random.below(9)) - 4;
        layer = std::move(conv);
        to = outputShape(layer, std::span(&from, 1)).value();
        form = *convForm(layer, spikeGridOf(from), spikeGridOf(to));
        spikes = SpikeGrid(form.in, batch, 1);
        spikes.setSteps(steps);
        for (std::size_t s = 0; s < batch; ++s)
            for (std::size_t p = 0; p < spikes.pixels(); ++p)
                for (std::size_t t = 0; t < steps; ++t)
                    for (std::size_t c = 0; c < form.in.channels; ++c)
                        if (random.uniform() < rate)
                            spikes.at(s, p, t)[c / 64] |= std::uint64_t{1} << (c % 64);
        input.resize(steps * batch * from.elements());
        spikes.toValues(input);
        wanted.resize(steps * batch * to.elements());
        for (std::size_t i = 0; i < steps * batch; ++i)
            computeLayer(layer, from, to,
                         std::span(input).subspan(i * from.elements(), from.elements()),
                         std::span(wanted).subspan(i * to.elements(), to.elements()));
    }

    /// What `run` gives to a sink.
    template <class Run> [[nodiscard]] std::vector<float> sums(Run &&run) const {
        CurrentGrid currents;
        currents.reshape(form.out, spikes.batch, spikes.steps);
        CurrentSink sink(currents);
        run(sink);
        std::vector<float> all(wanted.size());
        const std::size_t size = spikes.batch * to.elements();
        for (std::size_t t = 0; t < spikes.steps; ++t)
            currents.give(t, std::span(all).subspan(t * size, size));
        return all;
    }
};

}  // namespace fovea::test
