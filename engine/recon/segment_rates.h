// SPDX-License-Identifier: Apache-2.0
// Brightness of short pieces of time, read from spike times instead of spike counts.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/core/plane_shape.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea {

/// A rate of 1 (a spike at every plane) in the fixed point of the adaptive method's pictures.
constexpr std::int16_t fullRate = 16384;
/// Most planes that segmentRates looks at.
constexpr std::size_t maxSegmentPlanes = 250;
/// Values that a picture of rates must have room for.
[[nodiscard]] constexpr std::size_t ratePictureSize(PlaneShape shape) {
    return (shape.pixels() + 127) / 128 * 128;
}

/// rates[i][p] = mean rate of pixel p over the planes [bounds[i], bounds[i + 1]), in units of
/// 1 / fullRate, with both ends at the *phase* of the pixel instead of at a count of spikes:
///
///     rate = (n + phase(b') - phase(b)) / (b' - b),    phase(b) = s / (s + f + 1)
///
/// n = spikes in [b, b'), s = silent planes just before b, f = silent planes from b on. The phase
/// is how much of the next spike has been gathered at b when light is constant between two spikes,
/// so this is the mean over the piece of 1 / interval (TFI at every plane). A count is wrong by up
/// to a whole spike, the phase only by what one plane gathers: the error falls by the factor
/// `rate`, 3 to 30 times.
///
/// The interval before the first spike of `planes` is taken to be as long as the one around the
/// next bound, or longer when it already is; the one after the last spike likewise. `planes`:
/// oldest first, none null, 1 to maxSegmentPlanes; those outside of the bounds only help to find
/// spikes. `bounds` ascend strictly, from 0 or more to planes.size() or less, pieces of at most 64
/// planes. Every rates[i] has ratePictureSize() values.
void segmentRates(PlanePointers planes, std::span<const std::uint16_t> bounds, PlaneShape shape,
                  std::span<std::int16_t *const> rates);

/// Most pieces.
constexpr std::size_t maxSegments = 16;

}  // namespace fovea
