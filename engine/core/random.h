// SPDX-License-Identifier: Apache-2.0
// Seeded random numbers that depend only on seed and position, never on call order.
#pragma once

#include <cstdint>

namespace fovea {

/// Mixes 64 bits so that neighbours look unrelated (the splitmix64 finaliser, Steele et al. 2014).
[[nodiscard]] constexpr std::uint64_t mixBits(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

/// Random 64 bits for (seed, stream, position): the same on every machine and in any order.
[[nodiscard]] constexpr std::uint64_t randomAt(std::uint64_t seed, std::uint64_t stream,
                                               std::uint64_t position) {
    return mixBits(mixBits(mixBits(seed) ^ stream) ^ position);
}

/// Uniform in [0, 1).
[[nodiscard]] constexpr double unitInterval(std::uint64_t bits) {
    return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

/// A fast sequential generator (xoshiro256**, Blackman and Vigna 2018) seeded from one number.
/// Satisfies std::uniform_random_bit_generator; distributions of <random> differ between
/// libraries, so reproducible code uses uniform() and friends only.
class Random {
public:
    using result_type = std::uint64_t;
    explicit constexpr Random(std::uint64_t seed) {
        for (std::uint64_t i = 0; i < 4; ++i)
            state_[i] = randomAt(seed, 0x5EED, i);
    }
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~std::uint64_t{0}; }
    constexpr result_type operator()() {
        const std::uint64_t result = rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = rotl(state_[3], 45);
        return result;
    }
    /// Uniform in [low, high).
    constexpr double uniform(double low = 0, double high = 1) {
        return low + (high - low) * unitInterval((*this)());
    }
    /// Uniform in [0, bound), bound > 0.
    constexpr std::uint64_t below(std::uint64_t bound) {
        return static_cast<std::uint64_t>((static_cast<Wide>((*this)()) * bound) >> 64);
    }

private:
    __extension__ typedef unsigned __int128 Wide;  // nvcc knows no __extension__ before using
    static constexpr std::uint64_t rotl(std::uint64_t x, int k) {
        return (x << k) | (x >> (64 - k));
    }
    std::uint64_t state_[4]{};
};

}  // namespace fovea
