// SPDX-License-Identifier: Apache-2.0
// What the exact STP filter makes of a pixel's resources, on CPU and device alike.
#pragma once

#include "engine/cuda/both.h"

namespace fovea {

/// Takes R of a plane and of the one before; returns how far they are apart.
FOVEA_BOTH inline float takeChange(float R, float before, float &gradient) {
    const float change = R - before;
    const float d = change < 0 ? -change : change;
    gradient = 0.5F * gradient + 0.5F * (d / R);
    return d;
}

/// Whether a spike passes.
[[nodiscard]] FOVEA_BOTH inline bool passesStp(float d, float gradient, float threshold) {
    return d > 0 && d >= threshold / (squareRoot(gradient) + 1);
}

}  // namespace fovea
