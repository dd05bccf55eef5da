// SPDX-License-Identifier: Apache-2.0
// The vector loops of ChangeModel; the widest instruction set of the machine is taken at run time.
#pragma once

#include <cstddef>
#include <cstdint>

/// All arrays hold a multiple of CellGrid::lanes values. Results do not depend on the machine.
namespace fovea::change_kernels {

constexpr float quantisation = 0.8F;  ///< variance of a cell's count without any light noise
constexpr float perSpike = 0.04F;     ///< what each spike adds to it, before the measured factor

struct Sums {
    float expected = 0;
    float seen = 0;
};

struct SegmentStep {
    const std::uint8_t *counts;
    float *mean;
    float *fast;
    float *slow;
    float *age;
    float *difference;  ///< out: mean - background
    float *variance;    ///< out: variance of that
    const float *background;
    float scale;    ///< from counts to rates
    float noise;    ///< factor on the variance
    float change;   ///< squared sigmas
    float floor;    ///< relative
    float learned;  ///< 1 / groups that the background has seen
};

struct ForegroundStep {
    const std::uint8_t *counts;
    const float *difference;
    const float *variance;
    const float *sumDifference;  ///< of three rows
    const float *sumVariance;
    const float *mean;
    const float *fast;
    const float *age;
    float *background;
    float *trust;
    std::uint8_t *marks;  ///< out: CellMark bits
    float scale;
    float single;  ///< squared sigmas for one cell
    float joint;   ///< squared sigmas for 3x3 cells
    float trustAge;
    float absorbAge;
    float activeAge;
    float recentAge;
    float learn;
};

/// Background cells' counts and their expectation, for the gain. Cells near saturation (`limit`)
/// do not follow the light and are left out.
[[nodiscard]] Sums sumGain(const std::uint8_t *counts, const std::uint8_t *marks,
                           const float *background, float limit, std::size_t count);
/// Squared deviation of settled cells from their mean, clipped, and what was expected of it.
[[nodiscard]] Sums sumNoise(const std::uint8_t *counts, const float *mean, const float *age,
                            float scale, float clip, std::size_t count);
void stepSegments(const SegmentStep &step, std::size_t count);
/// out[i] = in[i - row] + in[i] + in[i + row]
void sumRows(const float *in, float *out, std::size_t row, std::size_t count);
void stepForeground(const ForegroundStep &step, std::size_t count);
/// Clears marks that have less than `least` marks among the 3x3 cells around (the cell counted).
/// `marks` has a row and a cell of zeros before and after; `out` is another array.
void dropLonely(const std::uint8_t *marks, std::uint8_t *out, std::size_t row, std::size_t count,
                std::uint8_t least);

}  // namespace fovea::change_kernels
