// SPDX-License-Identifier: Apache-2.0
// Loops that are compiled once for every usual width of vectors and chosen when the program starts.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOVEA_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define FOVEA_VECTOR_CLONES
#endif

namespace fovea {

/// e^x to 2e-7 of itself for |x| <= 87, cut there: a call of the C library would stop the compiler
/// from making vectors of a loop.
inline float quickExp(float x) {
    x = std::min(std::max(x, -87.0F), 87.0F);
    const float turns = x * 1.44269504F;
    const auto whole = static_cast<std::int32_t>(turns + (turns >= 0 ? 0.5F : -0.5F));
    const auto n = static_cast<float>(whole);
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
    float y = 1.9875691500e-4F;
    y = y * r + 1.3981999507e-3F;
    y = y * r + 8.3334519073e-3F;
    y = y * r + 4.1665795894e-2F;
    y = y * r + 1.6666665459e-1F;
    y = y * r + 5.0000001201e-1F;
    y = y * r * r + r + 1.0F;
    return y * std::bit_cast<float>((whole + 127) << 23);
}

}  // namespace fovea
