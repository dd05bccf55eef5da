// SPDX-License-Identifier: Apache-2.0
// Some rows by 32 columns in registers. Nothing here runs before its ...Kernels() said so.
#include "engine/snn/vector_products.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <cstring>
#include <immintrin.h>

#define FOVEA_AVX512                                                                               \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16")))
#define FOVEA_AVX2 __attribute__((target("avx2")))

namespace fovea::dense {

namespace {

constexpr std::size_t tileSize = tileRows * tileBytes;
/// Steps of a block: each takes 4 bytes of a row, and 4 of all 32 columns.
constexpr std::size_t blockSteps = tileBytes / 4;

std::int32_t fourBytes(const std::uint8_t *from) {
    std::int32_t four = 0;
    std::memcpy(&four, from, sizeof four);
    return four;
}

/// Calls `rows` for each group of neighbouring rows, as many at a time as it is made for.
template <std::size_t most, class Rows>
__attribute__((always_inline)) inline void eachGroup(const Product &product, Rows &&rows) {
    std::size_t row = 0;
    for (; row + most <= product.rowCount; row += most)
        rows(row);
    // There are more rows than are wanted: the last group may take some of them.
    if (row < product.rowCount)
        rows(row);
}

// ------------------------------------------------------------------------------- AVX-512

template <bool bytes> FOVEA_AVX512 inline __m512i multiplyAdd(__m512i sum, __m512i a, __m512i w) {
    if constexpr (bytes)
        return _mm512_dpbusd_epi32(sum, a, w);
    else
        return _mm512_castps_si512(_mm512_dpbf16_ps(_mm512_castsi512_ps(sum),
                                                    reinterpret_cast<__m512bh>(a),
                                                    reinterpret_cast<__m512bh>(w)));
}

constexpr std::size_t wideRows = 8;

template <bool bytes> FOVEA_AVX512 void multiplyWide(const Product &p, std::size_t row) {
    const std::uint8_t *weights = p.weights;
    const std::uint8_t *rows = p.rows + row * p.rowBytes;
    __m512i left[wideRows];
    __m512i right[wideRows];
    for (std::size_t r = 0; r < wideRows; ++r)
        left[r] = right[r] = _mm512_setzero_si512();
    for (std::size_t tap = 0; tap < p.tapCount; ++tap) {
        const std::uint8_t *piece = rows + p.taps[tap];
        for (std::size_t i = 0; i < p.blocks * blockSteps; ++i, piece += 4) {
            const std::uint8_t *from =
                weights + i / blockSteps * 2 * tileSize + i % blockSteps * 64;
            const __m512i first = _mm512_loadu_si512(from);
            const __m512i second = _mm512_loadu_si512(from + tileSize);
            for (std::size_t r = 0; r < wideRows; ++r) {
                const __m512i a = _mm512_set1_epi32(fourBytes(piece + r * p.rowBytes));
                left[r] = multiplyAdd<bytes>(left[r], a, first);
                right[r] = multiplyAdd<bytes>(right[r], a, second);
            }
        }
        weights += p.blocks * 2 * tileSize;
    }
    auto *to = static_cast<std::uint8_t *>(p.sums) + row * columns * 4;
    for (std::size_t r = 0; r < wideRows; ++r, to += columns * 4) {
        _mm512_storeu_si512(to, left[r]);
        _mm512_storeu_si512(to + 64, right[r]);
    }
}

template <bool bytes> void multiply512(const Product &product) {
    eachGroup<wideRows>(product, [&](std::size_t row) { multiplyWide<bytes>(product, row); });
}

FOVEA_AVX512 void expandToBytes512(const std::uint64_t *words, std::size_t count,
                                   std::uint8_t *target) {
    for (std::size_t i = 0; i < count; ++i, target += 64)
        _mm512_storeu_si512(target, _mm512_maskz_set1_epi8(words[i], 1));
}

FOVEA_AVX512 void expandToBfloats512(const std::uint64_t *words, std::size_t count,
                                     std::uint8_t *target) {
    constexpr short one = 0x3F80;
    for (std::size_t i = 0; i < count; ++i, target += 128) {
        const auto low = static_cast<__mmask32>(words[i]);
        const auto high = static_cast<__mmask32>(words[i] >> 32);
        _mm512_storeu_si512(target, _mm512_maskz_set1_epi16(low, one));
        _mm512_storeu_si512(target + 64, _mm512_maskz_set1_epi16(high, one));
    }
}

template <bool bytes> FOVEA_AVX512 double spin512(std::size_t rounds) {
    __m512i sums[16];
    for (__m512i &sum : sums)
        sum = _mm512_setzero_si512();
    __m512i a = _mm512_setzero_si512();
    __m512i w = _mm512_setzero_si512();
    for (std::size_t i = 0; i < rounds; ++i) {
        asm volatile("" : "+v"(a), "+v"(w));  // or it would be computed once
        for (__m512i &sum : sums)
            sum = multiplyAdd<bytes>(sum, a, w);
    }
    for (__m512i &sum : sums)
        asm volatile("" ::"v"(sum));
    return static_cast<double>(rounds) * 16 * (bytes ? 64 : 32) * 2;
}

// ------------------------------------------------------------------------------- AVX2

constexpr std::size_t narrowRows = 2;

/// A byte 0 or 1 times a weight is 9 bits: the sums of a block fit 16.
FOVEA_AVX2 void multiplyNarrow(const Product &p, std::size_t row) {
    const __m256i ones = _mm256_set1_epi16(1);
    const std::uint8_t *weights = p.weights;
    const std::uint8_t *rows = p.rows + row * p.rowBytes;
    __m256i sums[narrowRows][4];
    for (auto &one : sums)
        for (__m256i &part : one)
            part = _mm256_setzero_si256();
    for (std::size_t tap = 0; tap < p.tapCount; ++tap)
        for (std::size_t k = 0; k < p.blocks; ++k, weights += 2 * tileSize) {
            const std::uint8_t *piece = rows + p.taps[tap] + k * tileBytes;
            __m256i block[narrowRows][4];
            for (auto &one : block)
                for (__m256i &part : one)
                    part = _mm256_setzero_si256();
            for (std::size_t i = 0; i < blockSteps; ++i) {
                const std::uint8_t *from = weights + i * 64;
                for (std::size_t r = 0; r < narrowRows; ++r) {
                    const __m256i a = _mm256_set1_epi32(fourBytes(piece + r * p.rowBytes + i * 4));
                    for (std::size_t v = 0; v < 4; ++v) {
                        const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(
                            from + v / 2 * tileSize + v % 2 * 32));
                        block[r][v] = _mm256_add_epi16(block[r][v], _mm256_maddubs_epi16(a, w));
                    }
                }
            }
            for (std::size_t r = 0; r < narrowRows; ++r)
                for (std::size_t v = 0; v < 4; ++v)
                    sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(block[r][v], ones));
        }
    auto *to = static_cast<std::uint8_t *>(p.sums) + row * columns * 4;
    for (std::size_t r = 0; r < narrowRows; ++r)
        for (std::size_t v = 0; v < 4; ++v, to += 32)
            _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), sums[r][v]);
}

void multiplyBytes256(const Product &product) {
    eachGroup<narrowRows>(product, [&](std::size_t row) { multiplyNarrow(product, row); });
}

FOVEA_AVX2 void expandToBytes256(const std::uint64_t *words, std::size_t count,
                                 std::uint8_t *target) {
    // Byte i of a half looks at bit i % 8 of byte i / 8 of 32 bits.
    const __m256i spread =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
    const __m256i one = _mm256_set1_epi8(1);
    for (std::size_t i = 0; i < 2 * count; ++i, target += 32) {
        const auto half = static_cast<std::int32_t>(words[i / 2] >> (i % 2 * 32));
        const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(half), spread);
        const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit), bit);
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(target), _mm256_and_si256(set, one));
    }
}

FOVEA_AVX2 double spin256(std::size_t rounds) {
    __m256i sums[12];
    for (__m256i &sum : sums)
        sum = _mm256_setzero_si256();
    __m256i a = _mm256_setzero_si256();
    __m256i w = _mm256_setzero_si256();
    for (std::size_t i = 0; i < rounds; ++i) {
        asm volatile("" : "+x"(a), "+x"(w));
        for (__m256i &sum : sums)
            sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(a, w));
    }
    for (__m256i &sum : sums)
        asm volatile("" ::"x"(sum));
    return static_cast<double>(rounds) * 12 * 32 * 2;
}

bool hasBf16() {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    constexpr unsigned bf16 = 1U << 5;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & bf16) != 0;
}

}  // namespace

std::optional<Kernels> vnniKernels() {
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512vnni"))
        return std::nullopt;
    Kernels found{"AVX-512 VNNI",     multiply512<true>, nullptr, expandToBytes512,
                  expandToBfloats512, spin512<true>,     nullptr};
    if (hasBf16()) {
        found.multiplyBfloats = multiply512<false>;
        found.spinBfloats = spin512<false>;
    }
    return found;
}

std::optional<Kernels> avx2Kernels() {
    if (!__builtin_cpu_supports("avx2"))
        return std::nullopt;
    return Kernels{"AVX2", multiplyBytes256, nullptr, expandToBytes256, nullptr, spin256, nullptr};
}

}  // namespace fovea::dense

#else

namespace fovea::dense {

std::optional<Kernels> vnniKernels() {
    return std::nullopt;
}
std::optional<Kernels> avx2Kernels() {
    return std::nullopt;
}

}  // namespace fovea::dense

#endif
