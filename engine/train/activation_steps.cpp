// SPDX-License-Identifier: Apache-2.0
// Floor, clip and where the gradient passes.
#include "engine/train/activation_steps.h"

#include "engine/train/vector_clones.h"

#include <array>
#include <cmath>
#include <numeric>

namespace fovea {

namespace {

constexpr std::size_t blockValues = 1024;

FOVEA_VECTOR_CLONES
void quantise(float lambda, float levels, const float *input, float *output, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const float level = std::floor(input[i] * levels / lambda + 0.5F);
        output[i] = lambda * std::min(std::max(level / levels, 0.0F), 1.0F);
    }
}

/// `terms`: g * (level - mask * z / lambda).
FOVEA_VECTOR_CLONES
void back(float lambda, float levels, bool floorFirst, const float *input, const float *gradient,
          float *inputGradient, float *terms, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const float z = input[i];
        const float level = std::floor(z * levels / lambda + 0.5F);
        const float in = floorFirst ? level : z;
        const float top = floorFirst ? levels : lambda;
        const float mask = in >= 0 && in <= top ? 1.0F : 0.0F;
        inputGradient[i] = gradient[i] * mask;
        terms[i] =
            gradient[i] * (std::min(std::max(level / levels, 0.0F), 1.0F) - mask * (z / lambda));
    }
}

/// In lanes, so that no addition waits for the one before it.
FOVEA_VECTOR_CLONES
double laneSum(const float *values, std::size_t count) {
    constexpr std::size_t width = 32;
    std::array<double, width> lanes{};
    std::size_t i = 0;
    for (; i + width <= count; i += width)
        for (std::size_t lane = 0; lane < width; ++lane)
            lanes[lane] += double{values[i + lane]};
    for (; i < count; ++i)
        lanes[i % width] += double{values[i]};
    return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

}  // namespace

void runQcfs(const QcfsStep &step, const float *input, float *output, std::size_t count) {
    quantise(step.lambda, static_cast<float>(step.levels), input, output, count);
}

double unrollQcfs(const QcfsStep &step, const float *input, const float *outputGradient,
                  float *inputGradient, std::size_t count) {
    std::array<float, blockValues> terms;
    double sum = 0;
    for (std::size_t first = 0; first < count; first += blockValues) {
        const std::size_t some = std::min(blockValues, count - first);
        back(step.lambda, static_cast<float>(step.levels),
             step.gradient == QcfsGradient::FloorFirst, input + first, outputGradient + first,
             inputGradient + first, terms.data(), some);
        sum += laneSum(terms.data(), some);
    }
    return sum;
}

}  // namespace fovea
