// SPDX-License-Identifier: Apache-2.0
// Events against the oracle: strides, borders, dilation, groups, Linear, any number of steps.
#include "engine/snn/event_layer.h"

#include "tests/engine/snn/conv_runs.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("events give the oracle's sums", "[snn]") {
    TilePool pool(2);
    for (const std::uint32_t groups : {1U, 5U})
        for (const std::size_t steps : {1U, 3U, 20U})
            for (const double rate : {0.0, 0.3, 1.0}) {
                const ConvRun run(2, steps, rate, groups);
                std::vector<float> bias(64);
                std::ranges::copy(run.form.bias, bias.begin());
                for (const auto precision : {Precision::Int8, Precision::Bf16}) {
                    QuantisedWeights weights(run.form, precision, 1);
                    EventLayer layer(run.form, weights);
                    weights.scale.resize(64);
                    for (TilePool *helpers : {static_cast<TilePool *>(nullptr), &pool})
                        CHECK(run.sums([&](SumSink &sink) {
                            layer.run(run.spikes, weights.scale.data(), bias.data(), sink, helpers);
                        }) == run.wanted);
                }
            }
}
