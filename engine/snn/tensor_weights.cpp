// SPDX-License-Identifier: Apache-2.0
// Rounding and order of weights.
#include "engine/snn/tensor_weights.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace fovea {

namespace {

/// The step of an output's integers.
float stepOf(std::span<const float> values) {
    float most = 0;
    int finest = 128;  // exponent of the lowest bit of any value
    for (const float value : values) {
        most = std::max(most, std::abs(value));
        if (value == 0)
            continue;
        int exponent = 0;
        const auto digits =
            static_cast<std::uint32_t>(std::ldexp(std::abs(std::frexp(value, &exponent)), 24));
        finest = std::min(finest, exponent - 24 + std::countr_zero(digits));
    }
    if (most == 0)
        return 1;
    const float exact = std::ldexp(1.0F, finest);
    return exact > 0 && most <= 127 * exact ? exact : most / 127;
}

/// Where the lanes of a warp have row `row` of 16 and channel `channel` of a block.
struct Place {
    std::size_t lane, word, shift;
};
Place placeOf(std::size_t row, std::size_t channel, Precision precision) {
    const bool bytes = precision == Precision::Int8;
    const std::size_t own = bytes ? 8 : 4;  // channels of a lane, in two halves
    const std::size_t half = own / 2;
    const std::size_t within = channel % own;
    return {row % 8 * 4 + channel / own, row / 8 + within / half * 2,
            within % half * (bytes ? 8 : 16)};
}

}  // namespace

std::uint32_t tensorBlock(Precision precision) {
    return precision == Precision::Int8 ? 32 : 16;
}

std::uint16_t toBf16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

TensorWeights packTensorWeights(std::span<const float> weights, std::size_t outputs,
                                std::size_t taps, std::size_t pitch, std::span<const float> sizes,
                                Precision precision) {
    const std::size_t block = tensorBlock(precision);
    assert(pitch % block == 0);
    const std::size_t channels = weights.size() / taps / outputs;
    const std::size_t tapBlocks = pitch / block;
    TensorWeights packed;
    packed.tapBlocks = static_cast<std::uint32_t>(tapBlocks);
    packed.words.resize((outputs + 15) / 16 * taps * tapBlocks * 128);
    std::vector<float> values(channels * taps);
    for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = weights[i * outputs + o] * (sizes.size() > 1 ? sizes[i / taps] : sizes[0]);
        const float step = precision == Precision::Int8 ? stepOf(values) : 1;
        if (precision == Precision::Int8)
            packed.scales.push_back(step);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::size_t channel = i / taps;
            const Place place = placeOf(o % 16, channel % block, precision);
            const std::size_t tile = (o / 16 * taps + i % taps) * tapBlocks + channel / block;
            const std::uint32_t bits = precision == Precision::Int8
                                           ? static_cast<std::uint8_t>(static_cast<std::int8_t>(
                                                 std::nearbyint(values[i] / step)))
                                           : std::uint32_t{toBf16(values[i])};
            packed.words[(tile * 32 + place.lane) * 4 + place.word] |= bits << place.shift;
        }
    }
    return packed;
}

}  // namespace fovea
