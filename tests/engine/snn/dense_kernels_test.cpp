// SPDX-License-Identifier: Apache-2.0
// Products of every unit that the machine has against plain loops.
#include "engine/snn/dense_kernels.h"

#include "engine/core/aligned_vector.h"
#include "engine/core/random.h"

#include <catch2/catch.hpp>

#include <bit>

using namespace fovea;

namespace {

// 19 rows of 2 pieces of 64 channels: the last tile is not full.
constexpr std::size_t productRows = 19, spareRows = 32, pieces = 2, productChannels = pieces * 64;
constexpr std::size_t tileSize = dense::tileRows * dense::tileBytes;

std::vector<std::uint64_t> productSpikes(Random &random) {
    std::vector<std::uint64_t> words(spareRows * pieces);
    for (auto &word : words)
        word = random() & random();
    return words;
}

/// The sum of the weights of what fired in `row`.
template <class Weight>
auto productSum(const std::vector<std::uint64_t> &words, std::size_t row, Weight weight) {
    decltype(weight(0)) sum = 0;
    for (std::size_t k = 0; k < productChannels; ++k)
        if ((words[row * pieces + k / 64] >> (k % 64) & 1U) != 0)
            sum += weight(k);
    return sum;
}

}  // namespace

TEST_CASE("the fastest unit comes first", "[snn]") {
    for (const dense::Kernels &one : dense::kernels()) {
        INFO(one.name);
        CHECK(one.multiplyBytes != nullptr);
        CHECK((one.multiplyBfloats == nullptr) == (one.spinBfloats == nullptr));
    }
    CHECK(dense::forBytes() == (dense::kernels().empty() ? nullptr : dense::kernels().data()));
    if (dense::kernels().empty())
        WARN("no unit that multiplies int8: products are not tested");
}

TEST_CASE("spikes times int8 weights", "[snn]") {
    for (const dense::Kernels &unit : dense::kernels()) {
        INFO(unit.name);
        Random random(1);
        const auto words = productSpikes(random);
        AlignedVector<std::uint8_t> expanded(words.size() * 64);
        unit.expandToBytes(words.data(), words.size(), expanded.data());
        AlignedVector<std::uint8_t> weights(pieces * 2 * tileSize);
        for (auto &w : weights)
            w = static_cast<std::uint8_t>(random());
        // The least that a weight can be: sums of 16 bits would not hold 128 of them.
        std::fill_n(weights.begin(), 64, std::uint8_t{0x80});
        AlignedVector<std::int32_t> sums(spareRows * dense::columns);
        const std::size_t taps[] = {0, 64};
        unit.multiplyBytes({expanded.data(), productChannels, taps, pieces, 1, weights.data(),
                            productRows, sums.data()});
        for (std::size_t row = 0; row < productRows; ++row)
            for (std::size_t column = 0; column < dense::columns; ++column)
                CHECK(sums[row * dense::columns + column] ==
                      productSum(words, row, [&](std::size_t k) -> std::int32_t {
                          const std::size_t at = (k / 64 * 2 + column / 16) * tileSize +
                                                 (k % 64 / 4 * 16 + column % 16) * 4 + k % 4;
                          return static_cast<std::int8_t>(weights[at]);
                      }));
        CHECK(unit.spinBytes(0) == 0);
        CHECK(unit.spinBytes(4) == 2 * unit.spinBytes(2));
    }
}

TEST_CASE("spikes times bf16 weights", "[snn]") {
    for (const dense::Kernels &unit : dense::kernels()) {
        if (unit.multiplyBfloats == nullptr)
            continue;
        INFO(unit.name);
        Random random(2);
        const auto words = productSpikes(random);
        AlignedVector<std::uint8_t> expanded(words.size() * 128);
        unit.expandToBfloats(words.data(), words.size(), expanded.data());
        // Quarters: sums are exact.
        AlignedVector<std::uint16_t> weights(pieces * 2 * tileSize);
        for (auto &w : weights)
            w = static_cast<std::uint16_t>(
                std::bit_cast<std::uint32_t>(
                    static_cast<float>(static_cast<int>(random.below(255)) - 127) / 4) >>
                16);
        AlignedVector<float> sums(spareRows * dense::columns);
        const std::size_t taps[] = {0, 128};
        unit.multiplyBfloats({expanded.data(), 2 * productChannels, taps, pieces, 2,
                              reinterpret_cast<const std::uint8_t *>(weights.data()), productRows,
                              sums.data()});
        for (std::size_t row = 0; row < productRows; ++row)
            for (std::size_t column = 0; column < dense::columns; ++column)
                CHECK(sums[row * dense::columns + column] ==
                      productSum(words, row, [&](std::size_t k) -> float {
                          const std::size_t at = (k / 32 * 2 + column / 16) * tileSize / 2 +
                                                 (k % 32 / 2 * 16 + column % 16) * 2 + k % 2;
                          return std::bit_cast<float>(std::uint32_t{weights[at]} << 16);
                      }));
        CHECK(unit.spinBfloats(4) == 2 * unit.spinBfloats(2));
    }
}

TEST_CASE("every bit becomes a number", "[snn]") {
    const std::uint64_t words[] = {0x8000000100000005ULL, 0};
    for (const dense::Kernels &unit : dense::kernels()) {
        INFO(unit.name);
        AlignedVector<std::uint8_t> bytes(128, 9);
        unit.expandToBytes(words, 2, bytes.data());
        AlignedVector<std::uint8_t> bfloats(256, 9);
        if (unit.expandToBfloats != nullptr)
            unit.expandToBfloats(words, 2, bfloats.data());
        for (std::size_t bit = 0; bit < 128; ++bit) {
            const bool set = (words[bit / 64] >> (bit % 64) & 1U) != 0;
            CHECK(bytes[bit] == (set ? 1 : 0));
            if (unit.expandToBfloats == nullptr)
                continue;
            CHECK(bfloats[bit * 2] == (set ? 0x80 : 0));
            CHECK(bfloats[bit * 2 + 1] == (set ? 0x3F : 0));
        }
    }
}
