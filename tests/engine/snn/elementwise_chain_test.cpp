// SPDX-License-Identifier: Apache-2.0
// What chains of arithmetic amount to, and that the layers compute what the chain says.
#include "engine/snn/elementwise_chain.h"

#include "engine/snn/layer_math.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace fovea;

namespace {

constexpr double endless = std::numeric_limits<double>::infinity();
const SignalShape chainShape = SignalShape::of({2, 64});

/// Values of both channels from -4 to 4, between the levels.
std::vector<float> run(const ElementwiseChain &chain) {
    std::vector<float> values(chainShape.elements());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(i % 64) * 0.125F - 3.93F;
    const auto layers = chain.layers();
    INFO((layers ? "" : layers.error().message));
    REQUIRE(layers);
    for (const Layer &layer : *layers) {
        std::vector<float> next(values.size());
        REQUIRE(outputShape(layer, std::span(&chainShape, 1)));
        computeLayer(layer, chainShape, chainShape, values, next);
        values = next;
    }
    return values;
}

template <class Function> double worst(const ElementwiseChain &chain, Function wanted) {
    const auto found = run(chain);
    double most = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const double x = static_cast<float>(i % 64) * 0.125F - 3.93F;
        most = std::max(most, std::abs(found[i] - wanted(x, i / 64)));
    }
    return most;
}

}  // namespace

TEST_CASE("every way to write a QCFS activation is one", "[snn]") {
    const auto qcfs = [](double x, std::size_t) {
        return 1.5 * std::clamp(std::floor(x * 4 / 1.5 + 0.5) / 4, 0.0, 1.0);
    };
    std::vector<ElementwiseChain> chains(3);
    chains[0].scale({1 / 1.5}, {0});  // floor, then clip
    chains[0].scale({4}, {0});
    chains[0].scale({1}, {0.5});
    chains[0].floor();
    chains[0].scale({0.25}, {0});
    chains[0].clip(0, 1);
    chains[0].scale({1.5}, {0});
    chains[1].scale({1 / 1.5}, {0});  // clip, then floor
    chains[1].clip(0, 1);
    chains[1].scale({4}, {0.5});
    chains[1].floor();
    chains[1].scale({1.5 / 4}, {0});
    chains[2].clip(0, endless);  // ReLU, floor, limited in levels
    chains[2].scale({4 / 1.5}, {0.5});
    chains[2].floor();
    chains[2].clip(0, 4);
    chains[2].scale({1.5 / 4}, {0});
    for (const ElementwiseChain &chain : chains) {
        const auto layers = chain.layers();
        REQUIRE(layers);
        REQUIRE(layers->size() == 1);
        const auto &activation = std::get<Activation>(layers->front());
        CHECK(activation.levels == 4);
        CHECK(activation.lambda.all(1.5F));
        CHECK(worst(chain, qcfs) < 1e-6);
    }
}

TEST_CASE("a bias before and a scale behind a QCFS activation stay", "[snn]") {
    ElementwiseChain chain;
    chain.scale({1}, {0.25, -0.5});
    chain.scale({8.0 / 2, 8.0 / 3}, {0.5});
    chain.floor();
    chain.clip(0, 8);
    chain.scale({0.5}, {0.125});
    CHECK(chain.layers()->size() == 3);
    CHECK(worst(chain, [](double x, std::size_t c) {
              const double bias = c == 0 ? 0.25 : -0.5;
              const double lambda = c == 0 ? 2 : 3;
              const double level = std::floor((x + bias) * 8 / lambda + 0.5);
              return 0.5 * std::clamp(level, 0.0, 8.0) + 0.125;
          }) < 1e-5);
}

TEST_CASE("clips are ReLUs with a ceiling", "[snn]") {
    for (const auto &range : {std::pair{0.0, endless}, std::pair{0.0, 1.5}, std::pair{-1.0, 1.0},
                              std::pair{-endless, 1.0}}) {
        const double low = range.first, high = range.second;
        ElementwiseChain chain;
        chain.scale({2}, {0.5});
        chain.clip(low, high);
        chain.scale({-1}, {0});
        CHECK(worst(chain, [&](double x, std::size_t) {
                  return -std::clamp(2 * x + 0.5, low, high);
              }) < 1e-5);
    }
    ElementwiseChain nothing;
    CHECK(nothing.empty());
    nothing.scale({1}, {0});
    nothing.clip(-endless, endless);
    CHECK(nothing.layers()->empty());
}

TEST_CASE("rounding that is no QCFS activation is refused with the reason", "[snn]") {
    const auto why = [](const auto &build) {
        ElementwiseChain chain;
        build(chain);
        const auto layers = chain.layers();
        REQUIRE_FALSE(layers);
        CHECK(layers.error().code == ErrorCode::Unsupported);
        return layers.error().message;
    };
    const auto has = [](const std::string &text, const char *part) {
        return text.find(part) != std::string::npos;
    };
    CHECK(has(why([](ElementwiseChain &c) { c.floor(); }), "lowest level"));
    CHECK(has(why([](ElementwiseChain &c) { c.clip(0, endless), c.floor(); }), "highest level"));
    CHECK(has(why([](ElementwiseChain &c) { c.scale({-1}, {0}), c.floor(); }), "not above 0"));
    CHECK(has(why([](ElementwiseChain &c) { c.clip(1, 4), c.floor(); }), "lowest level"));
    CHECK(has(why([](ElementwiseChain &c) { c.clip(0, 4), c.floor(), c.floor(); }), "twice"));
}

TEST_CASE("limits that follow each other are one activation", "[snn]") {
    std::vector<ElementwiseChain> chains(3);
    chains[0].clip(0, 3);
    chains[1].clip(0, endless);
    chains[1].clip(-endless, 3);
    chains[2].clip(0, endless);
    chains[2].scale({0.5}, {1});
    chains[2].clip(-2, 2.5);
    chains[2].scale({2}, {-2});
    for (const ElementwiseChain &chain : chains) {
        CHECK(worst(chain, [](double x, std::size_t) { return std::clamp(x, 0.0, 3.0); }) < 1e-6);
        const auto layers = chain.layers();
        REQUIRE(layers->size() == 1);
        CHECK(std::get<Activation>(layers->front()).ceiling == 3);
    }
    // Limits apart: always the nearer end.
    ElementwiseChain apart;
    apart.clip(0, 1);
    apart.clip(2, 3);
    CHECK(worst(apart, [](double, std::size_t) { return 2.0; }) == 0);
    // One factor a channel: two activations, but right.
    ElementwiseChain each;
    each.clip(0, endless);
    each.scale({1, 2}, {0});
    each.clip(-endless, 2);
    CHECK(worst(each, [](double x, std::size_t c) {
              return std::min(std::max(x, 0.0) * (c == 0 ? 1 : 2), 2.0);
          }) < 1e-6);
}
