// SPDX-License-Identifier: Apache-2.0
// Two rows at a time.
#include "engine/train/pool_steps.h"

#include "engine/train/vector_clones.h"

namespace fovea {

FOVEA_VECTOR_CLONES
void poolPairs(const float *input, std::size_t rows, std::size_t width, float *output) {
    for (std::size_t y = 0; y < rows; y += 2) {
        const float *const upper = input + y * width;
        const float *const lower = upper + width;
        float *const out = output + y / 2 * (width / 2);
        for (std::size_t x = 0; x < width / 2; ++x)
            out[x] = (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]) * 0.25F;
    }
}

FOVEA_VECTOR_CLONES
void unpoolPairs(const float *outputGradient, std::size_t rows, std::size_t width,
                 float *inputGradient) {
    for (std::size_t y = 0; y < rows; ++y) {
        const float *const from = outputGradient + y / 2 * (width / 2);
        float *const to = inputGradient + y * width;
        for (std::size_t x = 0; x < width / 2; ++x)
            to[2 * x] = to[2 * x + 1] = from[x] * 0.25F;
    }
}

}  // namespace fovea
