// SPDX-License-Identifier: Apache-2.0
// Code that a graphics processor and the CPU both run: kernel bodies are plain functions.
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define FOVEA_BOTH __host__ __device__
#else
#define FOVEA_BOTH
#endif
/// Before a loop over arrays that must stay in registers.
#ifdef __CUDA_ARCH__
#define FOVEA_UNROLL _Pragma("unroll")
#else
#define FOVEA_UNROLL
#endif

namespace fovea {

/// Number of the lowest set bit; `bits` is not 0.
[[nodiscard]] FOVEA_BOTH inline std::uint32_t lowestBit(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
    return static_cast<std::uint32_t>(__ffs(static_cast<int>(bits)) - 1);
#else
    return static_cast<std::uint32_t>(__builtin_ctz(bits));
#endif
}

[[nodiscard]] FOVEA_BOTH inline std::uint32_t lowestBit64(std::uint64_t bits) {
#ifdef __CUDA_ARCH__
    return static_cast<std::uint32_t>(__ffsll(static_cast<long long>(bits)) - 1);
#else
    return static_cast<std::uint32_t>(__builtin_ctzll(bits));
#endif
}

[[nodiscard]] FOVEA_BOTH inline std::uint32_t countBits(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
    return static_cast<std::uint32_t>(__popc(bits));
#else
    return static_cast<std::uint32_t>(__builtin_popcount(bits));
#endif
}

/// Correctly rounded on both sides.
[[nodiscard]] FOVEA_BOTH inline float squareRoot(float value) {
#ifdef __CUDA_ARCH__
    return __fsqrt_rn(value);
#else
    return __builtin_sqrtf(value);
#endif
}

/// To the nearest integer, half to the even one. The value is far from the ends of int.
[[nodiscard]] FOVEA_BOTH inline std::int32_t nearestInt(float value) {
#ifdef __CUDA_ARCH__
    return __float2int_rn(value);
#else
    return static_cast<std::int32_t>(__builtin_rintf(value));
#endif
}

template <class T> [[nodiscard]] FOVEA_BOTH constexpr T lesser(T a, T b) {
    return b < a ? b : a;
}
template <class T> [[nodiscard]] FOVEA_BOTH constexpr T greater(T a, T b) {
    return a < b ? b : a;
}

}  // namespace fovea
