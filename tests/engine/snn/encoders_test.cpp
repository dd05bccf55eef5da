// SPDX-License-Identifier: Apache-2.0
// Encodings against the published implementation, and binning.
#include "engine/snn/encoders.h"

#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

std::vector<float> allSteps(Encoding encoding, const std::vector<float> &x, std::size_t steps) {
    std::vector<float> all(x.size() * steps);
    for (std::size_t t = 0; t < steps; ++t)
        encode(encoding, x, t, steps, 42, std::span(all).subspan(t * x.size(), x.size()));
    return all;
}

}  // namespace

TEST_CASE("encodings equal the golden ones", "[snn]") {
    const auto golden = goldenJson("timing_encoders");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases"))
        for (const auto &[name, encoding] :
             {std::pair{"const", Encoding::Constant}, std::pair{"pre", Encoding::DenseFirst},
              std::pair{"post", Encoding::DenseLast}, std::pair{"latency", Encoding::FirstSpike}}) {
            INFO(name);
            CHECK(allSteps(encoding, numbers(one.at("x")), one.at("T")) ==
                  numbers(one.at(name).at("spikes_T_N")));
        }
    std::printf("encoders: %zu golden cases\n", 4 * golden->at("cases").size());
}

TEST_CASE("rate spikes come as often as the value says, and again the same", "[snn]") {
    const std::vector<float> x = {0, 0.25F, 1};
    const auto spikes = allSteps(Encoding::Rate, x, 4000);
    std::vector<double> rates(3, 0);
    for (std::size_t i = 0; i < spikes.size(); ++i)
        rates[i % 3] += spikes[i] / 4000.0;
    CHECK(rates[0] == 0);
    CHECK(rates[1] == Approx(0.25).margin(0.03));
    CHECK(rates[2] == Approx(1));
    CHECK(allSteps(Encoding::Rate, x, 4000) == spikes);
}

TEST_CASE("fused encodings are normalised one by one", "[snn]") {
    const std::vector<float> x = {0.2F, 0.8F};
    const std::vector<Encoding> both = {Encoding::DenseFirst, Encoding::DenseLast};
    const auto fused = encodeFused(both, x, 4, 1);
    REQUIRE(fused.size() == 16);
    for (std::size_t e = 0; e < 2; ++e) {
        const auto plain = allSteps(both[e], x, 4);
        double sum = 0;
        double squares = 0;
        for (std::size_t t = 0; t < 4; ++t)
            for (std::size_t i = 0; i < 2; ++i) {
                const double value = fused[t * 4 + e * 2 + i];
                sum += value;
                squares += value * value;
                CHECK((value > 0) == (plain[t * 2 + i] > 0));
            }
        CHECK(sum == Approx(0).margin(1e-6));
        CHECK(squares / 8 == Approx(1));
    }
    CHECK(encodeFused(std::vector{Encoding::Constant}, std::vector<float>{0.5F}, 3, 1) ==
          std::vector<float>(3, 0));
}

TEST_CASE("names of encodings", "[snn]") {
    for (const auto encoding : {Encoding::Constant, Encoding::Rate, Encoding::DenseFirst,
                                Encoding::DenseLast, Encoding::FirstSpike})
        CHECK(parseEncoding(toString(encoding)) == encoding);
    CHECK_FALSE(parseEncoding("none"));
}

TEST_CASE("binned planes count spikes and say what was lost", "[snn]") {
    const PlaneShape shape{9, 8};
    std::vector<std::uint64_t> first(shape.wordStride(), 0), second(shape.wordStride(), 0);
    setBit(first.data(), 0);
    setBit(first.data(), 71);
    setBit(second.data(), 71);
    std::vector<float> counts(72, 0);
    const std::vector<const std::uint64_t *> planes = {first.data(), nullptr, second.data()};
    CHECK(binPlanes(planes, shape, counts) == 2);
    CHECK(counts[0] == 1);
    CHECK(counts[71] == 2);
    CHECK(counts[35] == 0);
}
