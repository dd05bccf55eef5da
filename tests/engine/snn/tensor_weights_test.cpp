// SPDX-License-Identifier: Apache-2.0
// How far rounded weights are off, and that dyadic ones are not.
#include "engine/snn/tensor_weights.h"

#include "engine/core/random.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;

namespace {

/// The value of one weight as packed.
float unpacked(const TensorWeights &packed, std::size_t output, std::size_t tap, std::size_t taps,
               std::size_t channel, Precision precision) {
    const bool bytes = precision == Precision::Int8;
    const std::size_t block = tensorBlock(precision);
    const std::size_t tile = (output / 16 * taps + tap) * packed.tapBlocks + channel / block;
    // A lane has 4 or 8 channels in a row, the first half of them in words 0 and 1.
    const std::size_t own = block / 4;
    const std::size_t lane = output % 8 * 4 + channel % block / own;
    const std::size_t word = output % 16 / 8 + (channel % own >= own / 2 ? 2 : 0);
    const std::uint32_t bits = packed.words[(tile * 32 + lane) * 4 + word];
    const std::size_t within = channel % (own / 2);
    if (bytes)
        return packed.scales[output] *
               static_cast<float>(static_cast<std::int8_t>(bits >> (8 * within)));
    return std::ldexp(1.0F, 0) * std::bit_cast<float>((bits >> (16 * within)) << 16);
}

}  // namespace

TEST_CASE("rounded weights keep their bounds", "[snn]") {
    Random random(3);
    constexpr std::size_t outputs = 21, channels = 37, taps = 6;
    for (const Precision precision : {Precision::Bf16, Precision::Int8})
        for (const bool dyadic : {false, true}) {
            std::vector<float> weights(outputs * channels * taps);
            for (float &weight : weights)
                weight = dyadic ? static_cast<float>(static_cast<int>(random.below(127)) - 63) / 32
                                : static_cast<float>(random.uniform() * 2 - 1);
            std::vector<float> sizes(channels, 1);
            sizes[5] = 0.5F;
            const auto packed = packTensorWeights(weights, outputs, taps, 64, sizes, precision);
            CHECK(packed.tapBlocks == 64 / tensorBlock(precision));
            for (std::size_t o = 0; o < outputs; ++o) {
                float most = 0;
                for (std::size_t i = 0; i < channels * taps; ++i)
                    most = std::max(most, std::abs(weights[i * outputs + o]));
                for (std::size_t i = 0; i < channels * taps; ++i) {
                    const float wanted = weights[i * outputs + o] * sizes[i / taps];
                    const float found = unpacked(packed, o, i % taps, taps, i / taps, precision);
                    const float bound = dyadic                         ? 0
                                        : precision == Precision::Int8 ? most / 253
                                                                       : std::abs(wanted) / 256;
                    CHECK(std::abs(found - wanted) <= bound);
                }
            }
        }
}

TEST_CASE("bf16 is rounded to nearest, halves to even", "[snn]") {
    CHECK(toBf16(1) == 0x3F80);
    CHECK(toBf16(-2) == 0xC000);
    CHECK(toBf16(1 + 1.0F / 256) == 0x3F80);
    CHECK(toBf16(1 + 3.0F / 256) == 0x3F82);
    CHECK(toBf16(1 + 1.01F / 256) == 0x3F81);
}
