// SPDX-License-Identifier: Apache-2.0
// Time words: 32 planes as one word per pixel, whose bits are the planes.
#pragma once

#include "engine/core/plane_bits.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea {

/// Planes in a word: bit t is plane t, the oldest is 0.
constexpr std::size_t timeWordPlanes = 32;
/// Pixels are turned over in chunks of so many; planes in memory have whole chunks.
constexpr std::size_t timeWordChunk = 512;

/// Words of the pixels of one chunk: `planes` has 1 to timeWordPlanes planes, none null; the bits
/// of planes that are not there are 0.
void planesToWords(PlanePointers planes, std::size_t chunk, std::uint32_t *words);

/// Bits [firstPlane, firstPlane + planes.size()) of the words of the chunks [firstChunk, lastChunk)
/// as planes (`words` begins with chunk 0).
void wordsToPlanes(const std::uint32_t *words, std::size_t firstPlane,
                   std::span<std::uint64_t *const> planes, std::size_t firstChunk,
                   std::size_t lastChunk);

}  // namespace fovea
