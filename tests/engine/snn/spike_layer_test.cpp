// SPDX-License-Identifier: Apache-2.0
// Layers by events, by tiles and from numbers against the oracle.
#include "engine/snn/spike_layer.h"

#include "tests/engine/snn/conv_runs.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("every way and precision gives the oracle's sums", "[snn]") {
    const ConvRun run(2, 3, 0.2);
    TilePool pool(2);
    for (const auto precision : {Precision::Fp32, Precision::Bf16, Precision::Int8}) {
        SpikeLayer layer(run.form, precision, 1);
        CHECK(layer.check().precision == precision);
        CHECK(layer.check().relativeError == 0);
        for (const auto way : {SpikeLayer::Way::Events, SpikeLayer::Way::Tiles,
                               SpikeLayer::Way::Measured, SpikeLayer::Way::Measured})
            for (TilePool *helpers : {static_cast<TilePool *>(nullptr), &pool}) {
                layer.setWay(way);
                CHECK(run.sums([&](SumSink &sink) { layer.run(run.spikes, sink, helpers); }) ==
                      run.wanted);
            }
    }
}

TEST_CASE("numbers are taken as they are", "[snn]") {
    const ConvRun run(2, 3, 0.2);
    SpikeLayer layer(run.form, Precision::Fp32, 1);
    CHECK(run.sums([&](SumSink &sink) {
        layer.run(ValueRun{run.input, 3}, 2, sink, nullptr);
    }) == run.wanted);
}

TEST_CASE("what a spike stands for is in the weights", "[snn]") {
    const ConvRun run(1, 2, 0.2);
    SpikeLayer twice(run.form, Precision::Int8, 2);
    const auto sums = run.sums([&](SumSink &sink) { twice.run(run.spikes, sink, nullptr); });
    const std::size_t places = run.form.out.height * run.form.out.width;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const float bias = run.form.bias[i / places % run.form.out.channels];
        CHECK(sums[i] == 2 * (run.wanted[i] - bias) + bias);
    }
}
