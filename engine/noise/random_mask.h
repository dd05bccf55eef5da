// SPDX-License-Identifier: Apache-2.0
// Random bits that are set with a given probability, 64 pixels at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea {

/// A probability as a fraction of 2^32; 2^32 itself is certainty.
[[nodiscard]] std::uint64_t probabilityBits(double probability);

/// Fills `words`, a multiple of 8, with bits that are set with probability `probability` / 2^32.
///
/// Eight generators (xoshiro256++, Blackman and Vigna 2018) run side by side, one for each word of
/// eight. 64 random numbers at once are compared with the probability, top bit first; the few that
/// 16 bits leave undecided are decided one by one. The same bits with every vector width.
void drawBits(std::uint64_t seed, std::uint64_t probability, std::span<std::uint64_t> words);

/// Draws planes of independent random bits. Rare bits are placed by their geometrically distributed
/// distances (an alias table, Vose 1991), others come from
/// drawBits().
///
/// The bits depend on the seed given to draw() only. Threads: draw() may run in any.
class RandomMask {
public:
    explicit RandomMask(double probability);
    /// Fills `words`: bits [0, pixels) random, those behind zero. The size of `words` is
    /// a multiple of 8 (PlaneShape::wordStride()) and holds `pixels` bits.
    void draw(std::uint64_t seed, std::size_t pixels, std::span<std::uint64_t> words) const;

    /// For twins: how draw() does it, the fraction of 2^32, and the 256 entries of the distances.
    [[nodiscard]] bool rare() const { return rare_; }
    [[nodiscard]] std::uint64_t probability() const { return probability_; }
    /// Threshold and other of entry 0, of entry 1, ...
    [[nodiscard]] std::array<std::uint32_t, 512> distances() const;

private:
    /// Distances 0 to skip - 1 mean a set bit after that many clear ones; `skip`: no set bit among
    /// the next `skip`.
    static constexpr std::uint32_t skip = 255;
    struct Entry {
        std::uint32_t threshold = 0;  ///< of 2^24: below it the distance is the entry's index
        std::uint32_t other = 0;      ///< else it is this one
    };
    void buildTable(double probability);
    void drawRare(std::uint64_t seed, std::size_t pixels, std::span<std::uint64_t> words) const;

    std::uint64_t probability_;
    bool rare_;
    std::array<Entry, skip + 1> table_{};
};

}  // namespace fovea
