// SPDX-License-Identifier: Apache-2.0
// TFP and TFI as Spike-Zoo computes them: one floating-point picture of a whole recording.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/core/plane_shape.h"

#include <cstdint>
#include <vector>

namespace fovea {

/// For comparisons with Spike-Zoo's figures, not for speed. Both show the middle plane T / 2 of
/// `planes` (plane 0 of the recording first, none null), give pixels() values of 0 to 1 and look
/// only at planes that are there.

/// Spike-Zoo's TFPModel: mean over planes [T / 2 - window / 2, T / 2 + window / 2].
[[nodiscard]] std::vector<float> zooTfp(PlanePointers planes, PlaneShape shape,
                                        std::uint32_t window);
/// Spike-Zoo's TFIModel: 1 / interval with the search of TfiConvention::Single and m = window / 2;
/// 1 / (2 m) where a spike is missing.
[[nodiscard]] std::vector<float> zooTfi(PlanePointers planes, PlaneShape shape,
                                        std::uint32_t window);

}  // namespace fovea
