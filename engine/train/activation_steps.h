// SPDX-License-Identifier: Apache-2.0
// The QCFS activation forward and back (Bu et al., ICLR 2022): the inner loops of conversion.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

/// Where the gradient passes. Both have been published by the method's authors; what they give out
/// is the same.
enum class QcfsGradient : std::uint8_t {
    FloorFirst,  ///< the first code: -lambda / (2L) <= z < lambda (1 + 1 / (2L))
    ClampFirst,  ///< the later one, and NQ: 0 <= z <= lambda
};

struct QcfsStep {
    float lambda = 1;
    std::uint32_t levels = 4;
    QcfsGradient gradient = QcfsGradient::ClampFirst;
};

/// output = lambda * clip(floor(input * levels / lambda + 1/2) / levels, 0, 1)
void runQcfs(const QcfsStep &step, const float *input, float *output, std::size_t count);

/// Fills dL/dinput and returns what is to be added to dL/dlambda = sum of g * (output - mask *
/// input) / lambda.
[[nodiscard]] double unrollQcfs(const QcfsStep &step, const float *input,
                                const float *outputGradient, float *inputGradient,
                                std::size_t count);

}  // namespace fovea
