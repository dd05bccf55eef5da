// SPDX-License-Identifier: Apache-2.0
// One loop for each surrogate.
#include "engine/train/surrogate.h"

#include "engine/train/vector_clones.h"

#include <array>
#include <cmath>
#include <fmt/ranges.h>
#include <numbers>

namespace fovea {

namespace {

constexpr std::array<std::string_view, surrogateKinds> names{
    "triangle",       "sigmoid",        "atan",         "piecewise-quadratic",
    "piecewise-exp",  "soft-sign",      "super-spike",  "erf",
    "log-abs",        "leaky-piece",    "rectangle",    "fourier",
    "s2nn",           "q-pseudo-spike", "leaky-k-relu", "log-tailed-relu",
    "fake-numerical", "through"};

constexpr float pi = std::numbers::pi_v<float>;

inline float sigmoidSlope(float a, float u) {
    const float e = quickExp(-std::abs(a * u));
    return a * e / ((1 + e) * (1 + e));
}

FOVEA_VECTOR_CLONES
void triangle(float a, float *u, std::size_t count) {
    const float scale = 1 / (a * a);
    for (std::size_t i = 0; i < count; ++i)
        u[i] = scale * std::max(0.0F, a - std::abs(u[i]));
}

FOVEA_VECTOR_CLONES
void sigmoid(float a, float *u, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        u[i] = sigmoidSlope(a, u[i]);
}

FOVEA_VECTOR_CLONES
void atan(float a, float *u, std::size_t count) {
    const float scale = pi * a / 2;
    for (std::size_t i = 0; i < count; ++i)
        u[i] = a / 2 / (1 + scale * u[i] * scale * u[i]);
}

/// The rarer ones.
float slope(const Surrogate &surrogate, float u) {
    const float a = surrogate.alpha;
    const float b = surrogate.beta;
    const float size = std::abs(u);
    switch (surrogate.kind) {
    case SurrogateKind::PiecewiseQuadratic:
        return std::max(0.0F, a - a * a * size);
    case SurrogateKind::PiecewiseExp:
        return a / 2 * std::exp(-a * size);
    case SurrogateKind::SoftSign:
        return 1 / (2 * a * (1 / a + size) * (1 / a + size));
    case SurrogateKind::SuperSpike:
        return a / ((1 + size) * (1 + size));
    case SurrogateKind::Erf:
        return a * std::numbers::inv_sqrtpi_v<float> * std::exp(-a * u * a * u);
    case SurrogateKind::LogAbs:
        return 1 / (1 / a + size);
    case SurrogateKind::LeakyPiece:
        return size < a ? 1 / (2 * a) : b;
    case SurrogateKind::Rectangle:
        return size < 1 / (2 * a) ? a : 0;
    case SurrogateKind::Fourier: {
        float sum = 0;
        for (int i = 1; static_cast<float>(i) < a; ++i)
            sum += std::cos(static_cast<float>(2 * i - 1) * 2 * pi * u / b);
        return 4 / b * sum;
    }
    case SurrogateKind::S2nn:
        return u < 0 ? sigmoidSlope(a, u) : b / (u + 1);
    case SurrogateKind::QPseudoSpike:
        return std::pow(1 + 2 * size / (a - 1), -a);
    case SurrogateKind::LeakyKRelu:
        return u >= 0 ? b : a;
    case SurrogateKind::LogTailedRelu:
        return u <= 0 ? a : u <= 1 ? 1 : 1 / u;
    case SurrogateKind::FakeNumerical:
        return size > 0 ? std::min(1 / size, a) : a;
    default:
        return 1;
    }
}

}  // namespace

Surrogate Surrogate::of(SurrogateKind kind) {
    switch (kind) {
    case SurrogateKind::Sigmoid:
        return {kind, 4, 0};
    case SurrogateKind::S2nn:
        return {kind, 4, 1};
    case SurrogateKind::Atan:
    case SurrogateKind::SoftSign:
    case SurrogateKind::Erf:
    case SurrogateKind::QPseudoSpike:
        return {kind, 2, 0};
    case SurrogateKind::LeakyPiece:
        return {kind, 1, 0.01F};
    case SurrogateKind::Fourier:
        return {kind, 2, 8};
    case SurrogateKind::LeakyKRelu:
        return {kind, 0, 1};
    case SurrogateKind::LogTailedRelu:
        return {kind, 0, 0};
    case SurrogateKind::FakeNumerical:
        return {kind, 0.3F, 0};
    default:
        return {kind, 1, 0};
    }
}

std::string_view toString(SurrogateKind kind) {
    return names[static_cast<std::size_t>(kind)];
}

Result<SurrogateKind> parseSurrogate(std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return fail(ErrorCode::Usage, "surrogate '{}': expected one of {}", name,
                    fmt::join(names, ", "));
    return static_cast<SurrogateKind>(found - names.begin());
}

void surrogateGradients(const Surrogate &surrogate, std::span<float> values) {
    switch (surrogate.kind) {
    case SurrogateKind::Triangle:
        return triangle(surrogate.alpha, values.data(), values.size());
    case SurrogateKind::Sigmoid:
        return sigmoid(surrogate.alpha, values.data(), values.size());
    case SurrogateKind::Atan:
        return atan(surrogate.alpha, values.data(), values.size());
    default:
        for (float &value : values)
            value = slope(surrogate, value);
    }
}

}  // namespace fovea
