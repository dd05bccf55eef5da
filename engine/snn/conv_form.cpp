// SPDX-License-Identifier: Apache-2.0
// Rounding of weights, output by output.
#include "engine/snn/conv_form.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fovea {

namespace {

float roundToBfloat(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t half = 0x7FFFU + ((bits >> 16) & 1U);
    return std::bit_cast<float>((bits + half) & 0xFFFF0000U);
}

bool onGrid(std::span<const float> weights, float grid) {
    return std::all_of(weights.begin(), weights.end(),
                       [&](float w) { return std::nearbyint(w / grid) * grid == w; });
}

/// Weights become integers; gives what one of them stands for. A power of two where that loses
/// nothing.
float toIntegers(std::span<float> weights) {
    float most = 0;
    for (const float w : weights)
        most = std::max(most, std::abs(w));
    if (most == 0)
        return 1;
    const float even = std::exp2(std::ceil(std::log2(most / 127)));
    const float scale = onGrid(weights, even) ? even : most / 127;
    for (float &w : weights)
        w = std::clamp(std::nearbyint(w / scale), -127.0F, 127.0F);
    return scale;
}

/// Weights get 8 significant bits on a grid of which 2^23 steps hold any sum.
void toBfloats(std::span<float> weights) {
    double sum = 0;
    for (const float w : weights)
        sum += std::abs(w);
    if (sum == 0)
        return;
    const auto grid = static_cast<float>(std::exp2(std::ceil(std::log2(sum)) - 23));
    for (float &w : weights)
        w = std::nearbyint(roundToBfloat(w) / grid) * grid;
}

}  // namespace

std::optional<ConvForm> convForm(const Layer &layer, const Grid &in, const Grid &out) {
    ConvForm form;
    form.in = in;
    form.out = out;
    if (const auto *linear = std::get_if<Linear>(&layer)) {
        form.linear = true;
        form.kernel = {static_cast<std::uint32_t>(in.height), static_cast<std::uint32_t>(in.width)};
        form.weights = linear->weight.values;
        form.bias = linear->bias;
        return form;
    }
    const auto *conv = std::get_if<Conv2d>(&layer);
    if (conv == nullptr)
        return std::nullopt;
    form.groups = conv->groups;
    form.kernel = {conv->weight.shape.sides[2], conv->weight.shape.sides[3]};
    form.stride = conv->stride;
    form.dilation = conv->dilation;
    form.top = conv->padding.top;
    form.left = conv->padding.left;
    form.weights = conv->weight.values;
    form.bias = conv->bias;
    return form;
}

QuantisedWeights::QuantisedWeights(const ConvForm &form, Precision precision, float amplitude)
    : weights(form.weights.begin(), form.weights.end()), scale(form.out.channels, 1.0F) {
    for (float &w : weights)
        w *= amplitude;
    if (precision == Precision::Fp32)
        return;
    const std::vector<float> exact = weights;
    double errors = 0;
    double squares = 0;
    check.precision = precision;
    for (std::size_t o = 0; o < form.out.channels; ++o) {
        const std::span<float> own = std::span(weights).subspan(o * form.rows(), form.rows());
        if (precision == Precision::Int8)
            scale[o] = toIntegers(own);
        else
            toBfloats(own);
        double bound = 0;
        for (std::size_t i = 0; i < own.size(); ++i) {
            const double was = exact[o * form.rows() + i];
            const double off = std::abs(double{own[i]} * scale[o] - was);
            bound += off;
            errors += off * off;
            squares += was * was;
        }
        check.currentBound = std::max(check.currentBound, bound);
    }
    check.relativeError = squares > 0 ? std::sqrt(errors / squares) : 0;
    if (precision == Precision::Int8 && check.relativeError > int8Limit)
        *this = QuantisedWeights(form, Precision::Bf16, amplitude);
}

}  // namespace fovea
