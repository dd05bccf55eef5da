// SPDX-License-Identifier: Apache-2.0
// Surrogates against their formulas, worked out by hand, and the goldens.
#include "engine/train/surrogate.h"

#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace fovea;
using namespace fovea::test;

namespace {

float slopeAt(const Surrogate &surrogate, float u) {
    std::vector<float> values(33, u);  // more than any vector holds
    surrogateGradients(surrogate, values);
    for (const float value : values)
        REQUIRE(value == Approx(values[0]));
    return values[0];
}

}  // namespace

TEST_CASE("every surrogate is its formula", "[train]") {
    using K = SurrogateKind;
    const auto usual = [](K kind, float u) { return slopeAt(Surrogate::of(kind), u); };
    REQUIRE(usual(K::Triangle, -0.25F) == Approx(0.75));
    REQUIRE(slopeAt({K::Triangle, 2, 0}, 1) == Approx(0.25));
    REQUIRE(usual(K::Triangle, 1.5F) == 0);
    REQUIRE(usual(K::Sigmoid, 0) == Approx(1));
    REQUIRE(usual(K::Sigmoid, 0.5F) == Approx(4 * 0.8807971 * 0.1192029));
    REQUIRE(usual(K::Sigmoid, -30) == Approx(0).margin(1e-6));
    REQUIRE(usual(K::Atan, 0.5F) == Approx(1 / (1 + 2.4674011)));
    REQUIRE(slopeAt({K::PiecewiseQuadratic, 2, 0}, 0.25F) == Approx(1));
    REQUIRE(usual(K::PiecewiseExp, -1) == Approx(0.5 * 0.36787944));
    REQUIRE(usual(K::SoftSign, 0.5F) == Approx(0.25));
    REQUIRE(usual(K::SuperSpike, -1) == Approx(0.25));
    REQUIRE(usual(K::Erf, 0.5F) == Approx(2 * 0.56418958 * 0.36787944));
    REQUIRE(usual(K::LogAbs, 1) == Approx(0.5));
    REQUIRE(usual(K::LeakyPiece, 0.5F) == Approx(0.5));
    REQUIRE(usual(K::LeakyPiece, -2) == Approx(0.01));
    REQUIRE(usual(K::Rectangle, 0.4F) == 1);
    REQUIRE(usual(K::Rectangle, 0.6F) == 0);
    REQUIRE(usual(K::Fourier, 1) == Approx(0.5 * 0.70710678));
    REQUIRE(usual(K::S2nn, 1) == Approx(0.5));
    REQUIRE(usual(K::S2nn, -0.5F) == Approx(4 * 0.8807971 * 0.1192029));
    REQUIRE(usual(K::QPseudoSpike, 0.5F) == Approx(0.25));
    REQUIRE(usual(K::LeakyKRelu, 0) == 1);
    REQUIRE(usual(K::LeakyKRelu, -1) == 0);
    REQUIRE(usual(K::LogTailedRelu, 0.5F) == 1);
    REQUIRE(usual(K::LogTailedRelu, 4) == Approx(0.25));
    REQUIRE(usual(K::FakeNumerical, 10) == Approx(0.1));
    REQUIRE(usual(K::FakeNumerical, 0) == Approx(0.3));
    REQUIRE(usual(K::Through, 7) == 1);
}

TEST_CASE("surrogates have names", "[train]") {
    for (std::size_t i = 0; i < surrogateKinds; ++i) {
        const auto kind = static_cast<SurrogateKind>(i);
        REQUIRE(parseSurrogate(toString(kind)).value() == kind);
    }
    const auto wrong = parseSurrogate("atam");
    REQUIRE_FALSE(wrong);
    REQUIRE(wrong.error().code == ErrorCode::Usage);
    REQUIRE(wrong.error().message.find("triangle, sigmoid, atan") != std::string::npos);
}

TEST_CASE("surrogates of the attack ensemble are the goldens'", "[train]") {
    const auto golden = goldenJson("sr_surrogates");
    if (!golden)
        return;
    const auto compare = [&](const char *name, SurrogateKind kind) {
        const auto &one = golden->at("surrogates").at(name);
        auto values = numbers(golden->at("u"));
        surrogateGradients({kind, one.at("gamma").get<float>(), 0}, values);
        INFO(name);
        REQUIRE(worst(values, numbers(one.at("grad"))) < 1e-5);
    };
    compare("zif", SurrogateKind::Triangle);
    compare("sig", SurrogateKind::Sigmoid);
    compare("atan", SurrogateKind::Atan);
}
