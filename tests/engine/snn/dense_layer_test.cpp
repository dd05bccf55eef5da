// SPDX-License-Identifier: Apache-2.0
// Tiles against the oracle: strides, borders, dilation, any number of steps.
#include "engine/snn/dense_layer.h"

#include "tests/engine/snn/conv_runs.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("every unit gives the oracle's sums", "[snn]") {
    if (dense::kernels().empty())
        WARN("no unit that multiplies int8: tiles are not tested");
    for (const std::size_t steps : {1U, 3U, 20U})
        for (const double rate : {0.0, 0.3}) {
            const ConvRun run(2, steps, rate);
            std::vector<float> bias(64);
            std::ranges::copy(run.form.bias, bias.begin());
            TilePool pool(2);
            for (const dense::Kernels &unit : dense::kernels())
                for (const auto precision : {Precision::Int8, Precision::Bf16}) {
                    if (precision == Precision::Bf16 && unit.multiplyBfloats == nullptr)
                        continue;
                    INFO(unit.name);
                    QuantisedWeights weights(run.form, precision, 1);
                    DenseLayer layer(run.form, weights, unit);
                    weights.scale.resize(64);
                    for (TilePool *helpers : {static_cast<TilePool *>(nullptr), &pool})
                        CHECK(run.sums([&](SumSink &sink) {
                            layer.run(run.spikes, weights.scale.data(), bias.data(), sink, helpers);
                        }) == run.wanted);
                }
        }
}

TEST_CASE("layers in groups and fp32 are not for tiles", "[snn]") {
    ConvRun run(1, 1, 0);
    CHECK_FALSE(DenseLayer::can(run.form, Precision::Fp32));
    run.form.groups = 2;
    CHECK_FALSE(DenseLayer::can(run.form, Precision::Int8));
}
