// SPDX-License-Identifier: Apache-2.0
// Networks on a graphics processor, or the reason why not.
#include "engine/snn/cuda_executor.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("without a graphics processor the reason is said", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1})}).then("n", Neuron{});
    const Network network = builder.build().value();
    const auto made = makeCudaExecutor(network, 1, Precision::Fp32);
    if (made)
        CHECK((*made)->name() == "cuda");
    else
        CHECK(made.error().code == ErrorCode::NoDevice);
}
