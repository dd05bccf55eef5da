// SPDX-License-Identifier: Apache-2.0
// Every backend by its name, and what is refused.
#include "engine/snn/make_executor.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

Network oneNeuron() {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1})}).then("n", Neuron{});
    return builder.build().value();
}

}  // namespace

TEST_CASE("backends and precisions have names", "[snn]") {
    for (const char *name : {"auto", "cpu", "cuda", "reference"})
        CHECK(toString(parseExecutorBackend(name).value()) == name);
    CHECK(parseExecutorBackend("gpu").error().code == ErrorCode::Usage);
    for (const char *name : {"fp32", "bf16", "int8"})
        CHECK(toString(parsePrecision(name).value()) == name);
    CHECK(parsePrecision("fp16").error().code == ErrorCode::Usage);
}

TEST_CASE("the chosen backend and precision can be read", "[snn]") {
    const Network network = oneNeuron();
    const auto reference = makeExecutor(network, 2, {ExecutorBackend::Reference});
    REQUIRE(reference);
    CHECK((*reference)->name() == "reference");
    CHECK((*reference)->precision() == Precision::Fp32);
    CHECK((*reference)->batch() == 2);
    CHECK(makeExecutor(network, 1, {ExecutorBackend::Reference, Precision::Int8}).error().code ==
          ErrorCode::Unsupported);
    CHECK(makeExecutor(network, 0).error().code == ErrorCode::InvalidArgument);
    for (const auto backend : {ExecutorBackend::Auto, ExecutorBackend::Cpu}) {
        const auto made = makeExecutor(network, 1, {backend});
        REQUIRE(made);
        const std::vector<float> x = {1};
        REQUIRE((*made)->step(x));
        CHECK((*made)->output()[0] == 1);
        if (backend == ExecutorBackend::Cpu)
            CHECK((*made)->name() == "cpu");
    }
    const auto small = makeExecutor(network, 1, {ExecutorBackend::Cpu, Precision::Int8});
    REQUIRE(small);
    CHECK((*small)->precision() == Precision::Int8);
}
