// SPDX-License-Identifier: Apache-2.0
// Bit copies at every offset, row flips, padding, spike counts, against a bit-by-bit reference.
#include "engine/core/plane_bits.h"
#include "engine/core/random.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <vector>

using namespace fovea;

namespace {

using Bytes = std::vector<std::uint8_t>;

bool bitOf(const Bytes &bytes, std::size_t bit) {
    return ((bytes[bit / 8] >> (bit % 8)) & 1) != 0;
}

Bytes randomBytes(std::size_t count, std::uint64_t seed) {
    Random random(seed);
    Bytes bytes(count);
    for (auto &byte : bytes)
        byte = static_cast<std::uint8_t>(random.below(256));
    return bytes;
}

// A buffer that ends exactly where the data ends, so the address sanitizer sees any read beyond.
struct Exact {
    explicit Exact(const Bytes &bytes) : data(new std::uint8_t[bytes.size()]) {
        std::memcpy(data.get(), bytes.data(), bytes.size());
    }
    std::unique_ptr<std::uint8_t[]> data;
};

const std::vector<PlaneShape> &shapes() {
    static const std::vector<PlaneShape> all = {{1, 1},   {3, 1},   {1, 5},   {7, 3},   {8, 8},
                                                {13, 11}, {16, 4},  {33, 2},  {57, 5},  {64, 9},
                                                {65, 7},  {31, 33}, {100, 3}, {400, 25}};
    return all;
}

}  // namespace

TEST_CASE("single bits are set, read and cleared alone", "[core]") {
    std::vector<std::uint64_t> words(3, 0);
    for (const std::size_t bit : {0, 1, 63, 64, 127, 128, 191}) {
        setBit(words.data(), bit);
        std::size_t ones = 0;
        for (std::size_t i = 0; i < 192; ++i)
            ones += testBit(words.data(), i) ? 1 : 0;
        CHECK(ones == 1);
        CHECK(testBit(words.data(), bit));
        clearBit(words.data(), bit);
        CHECK_FALSE(testBit(words.data(), bit));
    }
}

TEST_CASE("bits are copied from any offset to any offset and nothing else changes", "[core]") {
    const Bytes source = randomBytes(64, 1);
    const Bytes before = randomBytes(64, 2);
    std::size_t wrong = 0;
    for (std::size_t from = 0; from < 17; ++from)
        for (std::size_t to = 0; to < 17; ++to)
            for (const std::size_t count : {0, 1, 2, 7, 8, 9, 55, 56, 57, 63, 64, 65, 113, 200}) {
                Bytes target = before;
                copyBits(source.data(), from, target.data(), to, count);
                for (std::size_t bit = 0; bit < target.size() * 8; ++bit) {
                    const bool inside = bit >= to && bit < to + count;
                    const bool want = inside ? bitOf(source, bit - to + from) : bitOf(before, bit);
                    wrong += bitOf(target, bit) == want ? 0 : 1;
                }
            }
    CHECK(wrong == 0);
}

TEST_CASE("a copy reads and writes no byte beyond the last one it needs", "[core]") {
    for (std::size_t from = 0; from < 8; ++from)
        for (std::size_t to = 0; to < 8; ++to)
            for (const std::size_t count : {1, 5, 8, 56, 57, 64, 120}) {
                const Exact source(randomBytes((from + count + 7) / 8, 3));
                const Exact target(Bytes((to + count + 7) / 8, 0));
                copyBits(source.data.get(), from, target.data.get(), to, count);
                const auto bit = [](const Exact &bytes, std::size_t at) {
                    return (bytes.data[at / 8] >> (at % 8)) & 1;
                };
                REQUIRE(bit(target, to) == bit(source, from));
                REQUIRE(bit(target, to + count - 1) == bit(source, from + count - 1));
            }
}

TEST_CASE("planes of a continuous stream are unpacked at any bit, flipped or not, padding is zero",
          "[core]") {
    for (const PlaneShape shape : shapes())
        for (const bool flip : {false, true})
            for (const std::size_t padding : {0, 1, 16}) {
                CAPTURE(toString(shape), flip, padding);
                const std::size_t rowBits = shape.width + padding;
                const std::size_t planeBits = rowBits * shape.height;
                const std::size_t planes = 5;
                const Bytes stream = randomBytes((planes * planeBits + 7) / 8, 4);
                const Exact exact(stream);
                std::size_t wrong = 0;
                for (std::size_t plane = 0; plane < planes; ++plane) {
                    std::vector<std::uint64_t> words(shape.wordStride(), ~std::uint64_t{0});
                    unpackPlane(exact.data.get(), plane * planeBits, rowBits, flip, shape,
                                words.data());
                    for (std::size_t row = 0; row < shape.height; ++row)
                        for (std::size_t column = 0; column < shape.width; ++column) {
                            const std::size_t stored = flip ? shape.height - 1 - row : row;
                            const bool want =
                                bitOf(stream, plane * planeBits + stored * rowBits + column);
                            wrong +=
                                testBit(words.data(), row * shape.width + column) == want ? 0 : 1;
                        }
                    for (std::size_t bit = shape.pixels(); bit < shape.wordStride() * 64; ++bit)
                        wrong += testBit(words.data(), bit) ? 1 : 0;
                }
                CHECK(wrong == 0);
            }
}

TEST_CASE("packing is the inverse of unpacking and leaves the neighbours alone", "[core]") {
    for (const PlaneShape shape : shapes())
        for (const bool flip : {false, true}) {
            CAPTURE(toString(shape), flip);
            const std::size_t planes = 3;
            const std::size_t bits = planes * shape.pixels();
            const Bytes stream = randomBytes((bits + 7) / 8, 5);
            Bytes packed((bits + 7) / 8, 0);
            // Written backwards: a plane that touched its neighbours' bits would destroy them.
            for (std::size_t plane = planes; plane-- > 0;) {
                std::vector<std::uint64_t> words(shape.wordStride());
                unpackPlane(stream.data(), plane * shape.pixels(), shape.width, flip, shape,
                            words.data());
                packPlane(words.data(), flip, shape, packed.data(), plane * shape.pixels());
            }
            std::size_t wrong = 0;
            for (std::size_t bit = 0; bit < bits; ++bit)
                wrong += bitOf(packed, bit) == bitOf(stream, bit) ? 0 : 1;
            CHECK(wrong == 0);
        }
}

TEST_CASE("spikes are counted", "[core]") {
    for (const PlaneShape shape : shapes()) {
        CAPTURE(toString(shape));
        std::vector<std::uint64_t> words(shape.wordStride(), 0);
        CHECK(countSpikes(words.data(), shape) == 0);
        std::size_t set = 0;
        for (std::size_t pixel = 0; pixel < shape.pixels(); pixel += 3, ++set)
            setBit(words.data(), pixel);
        CHECK(countSpikes(words.data(), shape) == set);
        for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel)
            setBit(words.data(), pixel);
        CHECK(countSpikes(words.data(), shape) == shape.pixels());
    }
}
