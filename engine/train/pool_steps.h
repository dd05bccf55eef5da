// SPDX-License-Identifier: Apache-2.0
// Means of 2x2 values, forward and back.
#pragma once

#include <cstddef>

namespace fovea {

/// `input`: `rows` (even) rows of `width` (even) values, for any number of channels and samples one
/// below the other; `output`: half as many of half as many.
void poolPairs(const float *input, std::size_t rows, std::size_t width, float *output);

/// The gradient at `output` to all values it is the mean of.
void unpoolPairs(const float *outputGradient, std::size_t rows, std::size_t width,
                 float *inputGradient);

}  // namespace fovea
