// SPDX-License-Identifier: Apache-2.0
// Products of tiles against plain loops, where the machine has them.
#include "engine/snn/amx_kernels.h"

#include "engine/core/aligned_vector.h"
#include "engine/core/random.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("spikes times int8 weights", "[snn]") {
    if (!amx::available()) {
        SUCCEED("no AMX: its kernels are not tested");
        return;
    }
    // 48 rows of 2 pieces of 64 channels.
    constexpr std::size_t rows = 48, pieces = 2;
    Random random(1);
    std::vector<std::uint64_t> words(rows * pieces);
    for (auto &word : words)
        word = random() & random();
    AlignedVector<std::uint8_t> expanded(rows * pieces * 64);
    amx::expandToBytes(words.data(), words.size(), expanded.data());
    AlignedVector<std::uint8_t> weights(pieces * 2 * 1024);
    for (auto &w : weights)
        w = static_cast<std::uint8_t>(random());
    AlignedVector<std::int32_t> sums(rows * amx::columns);
    const std::size_t taps[] = {0, 64};
    amx::multiplyBytes(
        {expanded.data(), pieces * 64, taps, pieces, 1, weights.data(), rows / 16, sums.data()});
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < amx::columns; ++column) {
            std::int32_t wanted = 0;
            for (std::size_t k = 0; k < pieces * 64; ++k)
                if ((words[row * pieces + k / 64] >> (k % 64) & 1U) != 0) {
                    const std::size_t tile = k / 64 * 2 + column / 16;
                    const std::size_t at = (k % 64 / 4 * 16 + column % 16) * 4 + k % 4;
                    wanted += static_cast<std::int8_t>(weights[tile * 1024 + at]);
                }
            CHECK(sums[row * amx::columns + column] == wanted);
        }
    CHECK(amx::spin(true, 2) == 2.0 * 4 * 16 * 16 * 64 * 2);
}

TEST_CASE("spikes become bf16 numbers", "[snn]") {
    if (!amx::available())
        return;
    const std::uint64_t words[] = {0x8000000100000005ULL};
    AlignedVector<std::uint8_t> expanded(128);
    amx::expandToBfloats(words, 1, expanded.data());
    for (std::size_t bit = 0; bit < 64; ++bit) {
        const bool set = (words[0] >> bit & 1U) != 0;
        CHECK(expanded[bit * 2] == (set ? 0x80 : 0));
        CHECK(expanded[bit * 2 + 1] == (set ? 0x3F : 0));
    }
}
