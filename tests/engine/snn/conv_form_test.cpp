// SPDX-License-Identifier: Apache-2.0
// Weights in fewer bits: what is lost and what is not.
#include "engine/snn/conv_form.h"

#include "engine/core/random.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace fovea;

namespace {

Linear linear(std::uint32_t outputs, std::uint32_t inputs, double from, double to) {
    Random random(7);
    std::vector<float> weights(outputs * inputs);
    for (float &w : weights)
        w = static_cast<float>(random.uniform(from, to));
    return {{SignalShape::of({outputs, inputs}), std::move(weights)}, {}};
}

ConvForm formOf(const Layer &layer, std::size_t inputs, std::size_t outputs) {
    return convForm(layer, {inputs, 1, 1}, {outputs, 1, 1}).value();
}

}  // namespace

TEST_CASE("rounding of usual weights stays within the stated bounds", "[snn]") {
    const Layer layer = linear(20, 400, -1, 1);
    const ConvForm form = formOf(layer, 400, 20);
    const QuantisedWeights bytes(form, Precision::Int8, 1);
    CHECK(bytes.check.precision == Precision::Int8);
    CHECK(bytes.check.relativeError < 0.006);
    CHECK(bytes.check.currentBound < 400 * 0.5 / 127 * 1.001);
    const QuantisedWeights halves(form, Precision::Bf16, 1);
    CHECK(halves.check.relativeError < 0.004);
    CHECK(halves.check.relativeError > 0);
    const QuantisedWeights exact(form, Precision::Fp32, 0.5F);
    CHECK(exact.check.relativeError == 0);
    CHECK(exact.weights[3] == form.weights[3] * 0.5F);
}

TEST_CASE("sums of bf16 weights are exact in any order", "[snn]") {
    const Layer layer = linear(1, 5000, -1, 1);
    const QuantisedWeights halves(formOf(layer, 5000, 1), Precision::Bf16, 1);
    float forth = 0;
    float back = 0;
    double exact = 0;
    for (std::size_t i = 0; i < 5000; ++i) {
        forth += halves.weights[i];
        back += halves.weights[4999 - i];
        exact += halves.weights[i];
    }
    CHECK(forth == back);
    CHECK(double{forth} == exact);
}

TEST_CASE("small integers lose nothing, outliers are kept in bf16", "[snn]") {
    const Layer whole = Linear{{SignalShape::of({1, 4}), {0.25F, -0.5F, 1.75F, 0}}, {}};
    const QuantisedWeights kept(formOf(whole, 4, 1), Precision::Int8, 1);
    CHECK(kept.check.relativeError == 0);
    CHECK(kept.check.precision == Precision::Int8);
    // Many weights of 0.4 of a step are all rounded away.
    std::vector<float> weights(10001, 0.4F);
    weights[0] = 127;
    const Layer wild = Linear{{SignalShape::of({1, 10001}), std::move(weights)}, {}};
    const QuantisedWeights moved(formOf(wild, 10001, 1), Precision::Int8, 1);
    CHECK(moved.check.precision == Precision::Bf16);
    CHECK(moved.check.relativeError < 0.004);
}

TEST_CASE("other layers have no form", "[snn]") {
    CHECK_FALSE(convForm(Layer(Add{}), {1, 1, 1}, {1, 1, 1}));
}
