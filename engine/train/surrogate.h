// SPDX-License-Identifier: Apache-2.0
// What stands for the derivative of a spike when a spiking network is trained.
#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace fovea {

/// A spike is Theta(u), u = (potential - threshold) / threshold; these are what dTheta/du is taken
/// for, as SpikingJelly's documentation defines them (a = `alpha`, b = `beta`, s the sigmoid).
enum class SurrogateKind : std::uint8_t {
    Triangle,            ///< max(0, a - |u|) / a^2 (MPPD, SR: a = 1)
    Sigmoid,             ///< a s(au) (1 - s(au))
    Atan,                ///< (a / 2) / (1 + (pi a u / 2)^2)
    PiecewiseQuadratic,  ///< max(0, a - a^2 |u|)
    PiecewiseExp,        ///< (a / 2) exp(-a |u|)
    SoftSign,            ///< 1 / (2a (1/a + |u|)^2)
    SuperSpike,          ///< a / (1 + |u|)^2
    Erf,                 ///< a / sqrt(pi) exp(-(au)^2)
    LogAbs,              ///< 1 / (1/a + |u|)
    LeakyPiece,          ///< 1 / (2a) where |u| < a, else b
    Rectangle,           ///< a where |u| < 1 / (2a), else 0
    Fourier,             ///< (4 / b) sum_{i=1}^{a-1} cos((2i - 1) 2 pi u / b)
    S2nn,                ///< u < 0: Sigmoid, else b / (u + 1)
    QPseudoSpike,        ///< (1 + 2 |u| / (a - 1))^-a
    LeakyKRelu,          ///< b where u >= 0, else a
    LogTailedRelu,       ///< a where u <= 0, 1 up to 1, then 1 / u
    FakeNumerical,       ///< min(sign(u) / u, a)
    Through,             ///< 1
};
inline constexpr std::size_t surrogateKinds = 18;

struct Surrogate {
    SurrogateKind kind = SurrogateKind::Triangle;
    float alpha = 1;
    float beta = 0;

    /// With the usual numbers of the kind.
    [[nodiscard]] static Surrogate of(SurrogateKind kind);
};

/// "triangle", "sigmoid", "atan", ...
[[nodiscard]] std::string_view toString(SurrogateKind kind);
/// Usage lists the known names.
[[nodiscard]] Result<SurrogateKind> parseSurrogate(std::string_view name);

/// Each u becomes dTheta/du.
void surrogateGradients(const Surrogate &surrogate, std::span<float> values);

}  // namespace fovea
