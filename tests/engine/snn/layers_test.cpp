// SPDX-License-Identifier: Apache-2.0
// Shapes that layers give, and numbers that do not fit.
#include "engine/snn/layers.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace fovea;

namespace {

Weights zeros(std::initializer_list<std::uint32_t> sides) {
    const SignalShape shape = SignalShape::of(sides);
    return {shape, std::vector<float>(shape.elements())};
}

std::string shapeOf(const Layer &layer, std::initializer_list<std::uint32_t> input) {
    const SignalShape from = SignalShape::of(input);
    const auto shape = outputShape(layer, std::span(&from, 1));
    return shape ? toString(*shape) : "error: " + shape.error().message;
}

void refused(const Layer &layer, std::initializer_list<std::uint32_t> input,
             const std::string &field) {
    const std::string text = shapeOf(layer, input);
    INFO(text);
    CHECK(text.rfind("error: ", 0) == 0);
    CHECK(text.find(field) != std::string::npos);
}

}  // namespace

TEST_CASE("layers give the shapes of their definitions", "[snn]") {
    CHECK(shapeOf(Conv2d{zeros({8, 2, 3, 5}), {}, {2, 1}, {1, 2, 1, 2}, {}, 1}, {2, 9, 10}) ==
          "(8, 5, 10)");
    CHECK(shapeOf(Conv2d{zeros({8, 1, 3, 3}), {}, {}, {}, {2, 3}, 4}, {4, 9, 10}) == "(8, 5, 4)");
    CHECK(shapeOf(Conv2d{zeros({3, 2, 1, 4}), {}, {}, samePadding({1, 4}, {}), {}, 1}, {2, 7}) ==
          "(3, 7)");
    CHECK(shapeOf(ConvTranspose2d{zeros({2, 3, 2, 2}), {}, {2, 2}, {}, {}, {0, 1}, 1}, {2, 4, 5}) ==
          "(3, 8, 11)");
    CHECK(shapeOf(Linear{zeros({7, 5}), {}}, {5}) == "(7)");
    CHECK(shapeOf(Pool2d{PoolKind::Max, {3, 2}, {2, 2}, {1, 0, 1, 0}, true}, {4, 8, 8}) ==
          "(4, 4, 4)");
    CHECK(shapeOf(Upsample{{2, 3}}, {1, 2, 2}) == "(1, 4, 6)");
    CHECK(shapeOf(Flatten{}, {2, 3, 4}) == "(24)");
    CHECK(shapeOf(Flatten{1, -1}, {2, 3, 4}) == "(2, 12)");
    CHECK(shapeOf(Delay{Parameter(3)}, {2, 3}) == "(2, 3)");
    const std::vector<SignalShape> two = {SignalShape::of({2, 3, 4}), SignalShape::of({5, 3, 4})};
    CHECK(outputShape(Concat{}, two).value() == SignalShape::of({7, 3, 4}));
    CHECK_FALSE(outputShape(Add{}, two));
}

TEST_CASE("what does not fit is refused by field", "[snn]") {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    Conv2d conv{zeros({4, 2, 3, 3}), {}, {}, {}, {}, 1};
    refused(conv, {3, 8, 8}, "input channels");
    refused(conv, {2, 2, 8}, "kernel");
    refused(conv, {16}, "input");
    conv.bias = {1, 2};
    refused(conv, {2, 8, 8}, "bias");
    conv.bias = {};
    conv.weight.values[5] = nan;
    refused(conv, {2, 8, 8}, "weight");
    conv.weight.values.pop_back();
    refused(conv, {2, 8, 8}, "weight");
    conv = {zeros({4, 2, 3, 3}), {}, {0, 1}, {}, {}, 1};
    refused(conv, {2, 8, 8}, "stride");
    conv.stride = {1, 1};
    conv.groups = 3;
    refused(conv, {6, 8, 8}, "groups");
    conv.groups = 0;
    refused(conv, {2, 8, 8}, "groups");
    conv.groups = 1;
    conv.padding.left = 0xFFFFFFFF;
    refused(conv, {2, 8, 8}, "padding");
    refused(Linear{zeros({7, 5}), {}}, {6}, "weight");
    refused(Linear{zeros({7, 6}), {}}, {2, 3}, "weight");
    refused(Pool2d{PoolKind::Max, {2, 2}, {1, 1}, {2, 0, 0, 0}, true}, {1, 4, 4}, "kernel");
    refused(Pool2d{PoolKind::Max, {0, 2}, {1, 1}, {}, true}, {1, 4, 4}, "kernel");
    refused(Upsample{{100000, 100000}}, {1, 4, 4}, "shape");
    refused(Flatten{2, 1}, {1, 4, 4}, "sides");
    refused(Flatten{0, 3}, {1, 4, 4}, "sides");
    refused(Delay{Parameter(-1)}, {2}, "delay");
    refused(Delay{Parameter(0.5F)}, {2}, "delay");
    refused(Delay{Parameter(nan)}, {2}, "delay");
    refused(Scale{Parameter({1, 2, 3}), 0}, {2}, "scale");
    refused(Activation{4, Parameter(0)}, {2}, "lambda");
    refused(Neuron::qcfs(0), {2}, "threshold");
    CHECK_FALSE(outputShape(Add{}, {}));
    CHECK_FALSE(outputShape(InputLayer{}, {}));
}

TEST_CASE("names, state and parameters of layers", "[snn]") {
    CHECK(layerName(Neuron::leaky(2, true)) == "LIF");
    CHECK(layerName(Pool2d{PoolKind::Sum, {}, {}, {}, true}) == "sum pool");
    CHECK(layerName(Activation{4, 1}) == "QCFS");
    CHECK(layerName(Delay{}) == "Delay");
    CHECK(layerName(InputLayer{}) == "Input");
    CHECK(layerName(Concat{}) == "Concat");
    CHECK(hasState(Delay{}));
    CHECK(hasState(Neuron{}));
    CHECK_FALSE(hasState(Add{}));
    CHECK(parameterCount(Linear{zeros({7, 5}), std::vector<float>(7)}) == 42);
    CHECK(parameterCount(Neuron{}) == 0);
}
