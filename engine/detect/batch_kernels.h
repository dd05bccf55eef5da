// SPDX-License-Identifier: Apache-2.0
// Inner loops of the fast STP filter and LIF layer: a word per pixel, whose bits are planes.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/core/plane_shape.h"
#include "engine/detect/time_words.h"

#include <cstddef>
#include <cstdint>

namespace fovea::batch_kernels {

/// Factors of n planes, n = 0 to 31: exp(-n / D), exp(-n / F), 2^-n.
struct StpFactors {
    alignas(64) float deficit[timeWordPlanes];
    alignas(64) float drive[timeWordPlanes];
    alignas(64) float half[timeWordPlanes];
    float u0 = 0, f = 0, threshold = 0;
};

/// State of all pixels, as it is at the next plane if no spike comes: everything only decays
/// between spikes, so nothing needs the time of the last one.
struct StpState {
    float *deficit;   ///< 1 - R
    float *drive;     ///< u - u0
    float *gradient;  ///< g
    float *before;    ///< 1 - R at the last spike
};

/// Takes `planes` (see planesToWords) for the chunks [firstChunk, lastChunk) and writes
/// which spikes pass: bit t of passed[p] is pixel p in plane t.
void stpBatch(const StpFactors &factors, const StpState &state, PlanePointers planes,
              std::size_t firstChunk, std::size_t lastChunk, std::uint32_t *passed);

struct LifRule {
    float weight = 3, leak = 1, least = -8, threshold = 2, keep = 0.8F;
};

/// Takes `planes` planes of `passed` for the rows [firstRow, lastRow) and writes which neurons
/// fire. `passed` has width + 1 zeros before and width + 16 after; `fired` and `potential` have 16
/// spare elements.
void lifBatch(const LifRule &rule, float *potential, const std::uint32_t *passed, PlaneShape shape,
              std::size_t planes, std::size_t firstRow, std::size_t lastRow, std::uint32_t *fired);

}  // namespace fovea::batch_kernels
