// SPDX-License-Identifier: Apache-2.0
// Each function is compiled for AMX by its attribute; nothing here runs before ask() said so.
#include "engine/snn/amx_kernels.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FOVEA_AMX                                                                                  \
    __attribute__((target("amx-tile,amx-int8,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl")))

namespace fovea::dense {

namespace {

bool ask() {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    constexpr unsigned bf16 = 1U << 22;
    constexpr unsigned tile = 1U << 24;
    constexpr unsigned int8 = 1U << 25;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & bf16) == 0 || (d & tile) == 0 ||
        (d & int8) == 0)
        return false;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return false;
    constexpr long requestPermission = 0x1023;
    constexpr long tileData = 18;
    return ::syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

struct alignas(64) Configuration {
    std::uint8_t palette = 1;
    std::uint8_t startRow = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t columnBytes[16] = {};
    std::uint8_t rows[16] = {};
};

/// All eight tiles 16 rows of 64 bytes.
FOVEA_AMX inline void configure() {
    Configuration configuration;
    for (int i = 0; i < 8; ++i) {
        configuration.columnBytes[i] = tileBytes;
        configuration.rows[i] = tileRows;
    }
    // The intrinsic does not say that it reads memory (gcc 12).
    asm volatile("" ::"r"(&configuration) : "memory");
    _tile_loadconfig(&configuration);
}

template <bool bytes> FOVEA_AMX inline void multiplyPair(bool second) {
    if constexpr (bytes) {
        _tile_dpbusd(0, 4, 6);
        _tile_dpbusd(1, 4, 7);
        if (second) {
            _tile_dpbusd(2, 5, 6);
            _tile_dpbusd(3, 5, 7);
        }
    } else {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        if (second) {
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
    }
}

/// One or two tiles of rows by two of columns.
template <bool bytes, bool second>
FOVEA_AMX inline void multiplyTiles(const Product &p, std::size_t tile) {
    constexpr std::size_t tileSize = tileRows * tileBytes;
    const std::size_t stride = p.rowBytes;
    const std::uint8_t *rows = p.rows + tile * tileRows * stride;
    const std::uint8_t *weights = p.weights;
    _tile_zero(0);
    _tile_zero(1);
    if constexpr (second) {
        _tile_zero(2);
        _tile_zero(3);
    }
    for (std::size_t tap = 0; tap < p.tapCount; ++tap) {
        const std::uint8_t *piece = rows + p.taps[tap];
        for (std::size_t k = 0; k < p.blocks; ++k, piece += tileBytes, weights += 2 * tileSize) {
            _tile_loadd(4, piece, stride);
            if constexpr (second)
                _tile_loadd(5, piece + tileRows * stride, stride);
            _tile_loadd(6, weights, tileBytes);
            _tile_loadd(7, weights + tileSize, tileBytes);
            multiplyPair<bytes>(second);
        }
    }
    constexpr std::size_t sumBytes = columns * 4;
    auto *sums = static_cast<std::uint8_t *>(p.sums) + tile * tileRows * sumBytes;
    _tile_stored(0, sums, sumBytes);
    _tile_stored(1, sums + tileBytes, sumBytes);
    if constexpr (second) {
        sums += tileRows * sumBytes;
        _tile_stored(2, sums, sumBytes);
        _tile_stored(3, sums + tileBytes, sumBytes);
    }
}

template <bool bytes> FOVEA_AMX void multiply(const Product &p) {
    const std::size_t tiles = (p.rowCount + tileRows - 1) / tileRows;
    configure();
    std::size_t tile = 0;
    for (; tile + 2 <= tiles; tile += 2)
        multiplyTiles<bytes, true>(p, tile);
    if (tile < tiles)
        multiplyTiles<bytes, false>(p, tile);
    _tile_release();
}

FOVEA_AMX void expandToBytes(const std::uint64_t *words, std::size_t count, std::uint8_t *target) {
    for (std::size_t i = 0; i < count; ++i, target += 64)
        _mm512_storeu_si512(target, _mm512_maskz_set1_epi8(words[i], 1));
}

FOVEA_AMX void expandToBfloats(const std::uint64_t *words, std::size_t count,
                               std::uint8_t *target) {
    constexpr short one = 0x3F80;
    for (std::size_t i = 0; i < count; ++i, target += 128) {
        const auto low = static_cast<__mmask32>(words[i]);
        const auto high = static_cast<__mmask32>(words[i] >> 32);
        _mm512_storeu_si512(target, _mm512_maskz_set1_epi16(low, one));
        _mm512_storeu_si512(target + 64, _mm512_maskz_set1_epi16(high, one));
    }
}

template <bool bytes> FOVEA_AMX double spin(std::size_t rounds) {
    alignas(64) static const std::uint8_t zeros[tileRows * tileBytes] = {};
    configure();
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_loadd(4, zeros, tileBytes);
    _tile_loadd(5, zeros, tileBytes);
    _tile_loadd(6, zeros, tileBytes);
    _tile_loadd(7, zeros, tileBytes);
    for (std::size_t i = 0; i < rounds; ++i)
        multiplyPair<bytes>(true);
    _tile_release();
    return static_cast<double>(rounds) * 4 * 16 * 16 * (bytes ? 64 : 32) * 2;
}

}  // namespace

std::optional<Kernels> amxKernels() {
    if (!ask())
        return std::nullopt;
    return Kernels{"AMX",           multiply<true>, multiply<false>, expandToBytes,
                   expandToBfloats, spin<true>,     spin<false>};
}

}  // namespace fovea::dense

#else

namespace fovea::dense {

std::optional<Kernels> amxKernels() {
    return std::nullopt;
}

}  // namespace fovea::dense

#endif
