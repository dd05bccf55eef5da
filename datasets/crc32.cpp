// SPDX-License-Identifier: Apache-2.0
// Folds 64 bytes at a time; zlib does what is left over.
#include "datasets/crc32.h"

#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define FOVEA_CAN_FOLD
#endif

namespace fovea {

namespace {

constexpr std::size_t leastBytes = 64;

#ifdef FOVEA_CAN_FOLD
using Lane = __m128i;
#define FOVEA_FOLD __attribute__((target("pclmul,sse4.1"))) inline

FOVEA_FOLD Lane load(const std::uint8_t *at) {
    return _mm_loadu_si128(reinterpret_cast<const Lane *>(at));
}

// Moves `lane` on by as many bits as the two constants stand for, and adds `next`.
FOVEA_FOLD Lane folded(Lane lane, Lane constants, Lane next) {
    const Lane low = _mm_clmulepi64_si128(lane, constants, 0x00);
    const Lane high = _mm_clmulepi64_si128(lane, constants, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// 128 bits to the 32 of the remainder.
FOVEA_FOLD std::uint32_t reduced(Lane lane, Lane by128) {
    const Lane low32 = _mm_setr_epi32(-1, 0, -1, 0);
    lane = _mm_xor_si128(_mm_srli_si128(lane, 8), _mm_clmulepi64_si128(lane, by128, 0x10));
    const Lane by64 = _mm_set_epi64x(0, 0x163cd6124);
    lane = _mm_xor_si128(_mm_srli_si128(lane, 4),
                         _mm_clmulepi64_si128(_mm_and_si128(lane, low32), by64, 0x00));
    // Barrett: the polynomial and its inverse.
    const Lane polynomial = _mm_set_epi64x(0x1f7011641, 0x1db710641);
    Lane part = _mm_clmulepi64_si128(_mm_and_si128(lane, low32), polynomial, 0x10);
    part = _mm_clmulepi64_si128(_mm_and_si128(part, low32), polynomial, 0x00);
    return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(lane, part), 1));
}

// `count` is a multiple of 16, at least 64; `state` is the inverted CRC.
FOVEA_FOLD std::uint32_t fold(const std::uint8_t *at, std::size_t count, std::uint32_t state) {
    const Lane by512 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
    const Lane by128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    Lane a = _mm_xor_si128(load(at), _mm_cvtsi32_si128(static_cast<int>(state)));
    Lane b = load(at + 16);
    Lane c = load(at + 32);
    Lane d = load(at + 48);
    at += 64;
    for (count -= 64; count >= 64; count -= 64, at += 64) {
        a = folded(a, by512, load(at));
        b = folded(b, by512, load(at + 16));
        c = folded(c, by512, load(at + 32));
        d = folded(d, by512, load(at + 48));
    }
    a = folded(a, by128, b);
    a = folded(a, by128, c);
    a = folded(a, by128, d);
    for (; count >= 16; count -= 16, at += 16)
        a = folded(a, by128, load(at));
    return reduced(a, by128);
}

bool canFold() {
    static const bool can =
        __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.1") != 0;
    return can;
}
#endif

}  // namespace

std::uint32_t crc32Of(std::span<const std::uint8_t> bytes, std::uint32_t before) {
#ifdef FOVEA_CAN_FOLD
    if (bytes.size() >= leastBytes && canFold()) {
        const std::size_t count = bytes.size() / 16 * 16;
        before = ~fold(bytes.data(), count, ~before);
        bytes = bytes.subspan(count);
    }
#endif
    return bytes.empty()
               ? before
               : static_cast<std::uint32_t>(::crc32_z(before, bytes.data(), bytes.size()));
}

}  // namespace fovea
