// SPDX-License-Identifier: Apache-2.0
// Makes recordings of every format in memory, independently of the readers under test.
#pragma once

#include "datasets/spike_file.h"
#include "engine/core/random.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>
#include <zlib.h>

namespace fovea::test {

using Bytes = std::vector<unsigned char>;
constexpr std::uint64_t toTheEnd = std::numeric_limits<std::uint64_t>::max();

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

inline SpikeFileOptions withShape(std::uint32_t width, std::uint32_t height,
                                  FileFormat format = FileFormat::Auto) {
    SpikeFileOptions options;
    options.shape = PlaneShape{width, height};
    options.format = format;
    return options;
}

/// Planes of random pixels, about a third of them spikes.
inline SpikeBlock randomPlanes(PlaneShape shape, std::uint32_t planes, std::uint64_t seed,
                               std::uint64_t firstPlane = 0) {
    SpikeBlock block(shape, planes);
    block.begin(firstPlane, 20000);
    Random random(seed);
    for (std::uint32_t i = 0; i < planes; ++i) {
        std::uint64_t *words = block.append();
        std::memset(words, 0, shape.wordStride() * 8);
        for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel)
            if (random.below(3) == 0)
                setBit(words, pixel);
    }
    return block;
}

inline bool samePlane(const SpikeBlock &a, std::uint32_t i, const SpikeBlock &b, std::uint32_t j) {
    return a.shape() == b.shape() &&
           std::memcmp(a.plane(i), b.plane(j), a.shape().wordStride() * 8) == 0;
}

/// The first planes of `whole` are those of `part`, bit by bit.
inline bool isPrefix(const SpikeBlock &part, const SpikeBlock &whole) {
    if (part.planeCount() > whole.planeCount())
        return false;
    for (std::uint32_t i = 0; i < part.planeCount(); ++i)
        if (!samePlane(part, i, whole, i))
            return false;
    return true;
}

inline Result<SpikeBlock> readPlanes(const SpikeFile &file) {
    SpikeBlock block(file.info().shape, static_cast<std::uint32_t>(file.info().storedPlanes));
    if (auto read = file.read(0, toTheEnd, block); !read)
        return failed(read);
    return block;
}

/// Bits one after the other, pixel by pixel; `head` bits of ones after each row.
inline Bytes rawBytes(const SpikeBlock &block, bool flip, std::uint32_t head = 0) {
    const PlaneShape shape = block.shape();
    const std::size_t bits =
        std::size_t{block.planeCount()} * (shape.width + head) * std::size_t{shape.height};
    Bytes bytes((bits + 7) / 8);
    std::size_t bit = 0;
    for (std::uint32_t plane = 0; plane < block.planeCount(); ++plane)
        for (std::size_t row = 0; row < shape.height; ++row)
            for (std::size_t x = 0; x < shape.width + std::size_t{head}; ++x, ++bit) {
                const std::size_t from = flip ? shape.height - 1 - row : row;
                if (x >= shape.width || testBit(block.plane(plane), from * shape.width + x))
                    bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] | 1U << bit % 8);
            }
    return bytes;
}

inline void setWireId(unsigned char *block, unsigned channel, unsigned line) {
    block[62] = static_cast<unsigned char>((block[62] & 0x0F) | (line & 0x0F) << 4);
    block[63] = static_cast<unsigned char>(channel << 6 | line >> 4);
}

/// Frames of the 1000-column camera as on the wire.
inline Bytes wireBytes(const SpikeBlock &block) {
    const std::uint32_t height = block.shape().height;
    Bytes bytes(std::size_t{block.planeCount()} * height * 128);
    unsigned char *at = bytes.data();
    for (std::uint32_t plane = 0; plane < block.planeCount(); ++plane)
        for (std::uint32_t row = 0; row < height; ++row)
            for (unsigned half = 0; half < 2; ++half, at += 64) {
                for (std::size_t x = 0; x < 500; ++x)
                    if (testBit(block.plane(plane), row * std::size_t{1000} + half * 500 + x))
                        at[x / 8] = static_cast<unsigned char>(at[x / 8] | 1U << x % 8);
                const bool upper = row < height / 2;
                setWireId(at, (upper ? 0 : 2) + half,
                          upper ? height / 2 - row : row - height / 2 + 1);
            }
    return bytes;
}

template <class T> void put(Bytes &bytes, T value) {
    const auto *raw = reinterpret_cast<const unsigned char *>(&value);
    for (std::size_t i = 0; i < sizeof value; ++i)
        bytes.push_back(raw[i]);
}

struct ZipInput {
    std::string name;
    Bytes bytes;
    bool deflate = true;
};

inline Bytes deflated(const Bytes &bytes) {
    z_stream stream{};
    REQUIRE(::deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    Bytes packed(::deflateBound(&stream, static_cast<uLong>(bytes.size())));
    stream.next_in = const_cast<unsigned char *>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = packed.data();
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    return packed;
}

inline Bytes zipBytes(const std::vector<ZipInput> &members) {
    Bytes bytes;
    Bytes directory;
    for (const ZipInput &member : members) {
        const Bytes packed = member.deflate ? deflated(member.bytes) : member.bytes;
        const auto offset = static_cast<std::uint32_t>(bytes.size());
        const auto crc = static_cast<std::uint32_t>(
            ::crc32(0, member.bytes.data(), static_cast<uInt>(member.bytes.size())));
        const auto common = [&](Bytes &to) {
            put<std::uint16_t>(to, 20);
            put<std::uint16_t>(to, 0);
            put<std::uint16_t>(to, member.deflate ? 8 : 0);
            put<std::uint32_t>(to, 0);
            put<std::uint32_t>(to, crc);
            put<std::uint32_t>(to, static_cast<std::uint32_t>(packed.size()));
            put<std::uint32_t>(to, static_cast<std::uint32_t>(member.bytes.size()));
            put<std::uint16_t>(to, static_cast<std::uint16_t>(member.name.size()));
            put<std::uint16_t>(to, 0);
        };
        put<std::uint32_t>(bytes, 0x04034b50);
        common(bytes);
        bytes.insert(bytes.end(), member.name.begin(), member.name.end());
        bytes.insert(bytes.end(), packed.begin(), packed.end());
        put<std::uint32_t>(directory, 0x02014b50);
        put<std::uint16_t>(directory, 20);
        common(directory);
        put<std::uint16_t>(directory, 0);  // comment
        put<std::uint32_t>(directory, 0);  // disk, attributes
        put<std::uint32_t>(directory, 0);
        put<std::uint32_t>(directory, offset);
        directory.insert(directory.end(), member.name.begin(), member.name.end());
    }
    const auto at = static_cast<std::uint32_t>(bytes.size());
    bytes.insert(bytes.end(), directory.begin(), directory.end());
    put<std::uint32_t>(bytes, 0x06054b50);
    put<std::uint32_t>(bytes, 0);
    put<std::uint16_t>(bytes, static_cast<std::uint16_t>(members.size()));
    put<std::uint16_t>(bytes, static_cast<std::uint16_t>(members.size()));
    put<std::uint32_t>(bytes, static_cast<std::uint32_t>(directory.size()));
    put<std::uint32_t>(bytes, at);
    put<std::uint16_t>(bytes, 0);
    return bytes;
}

inline Bytes npyBytes(const std::string &type, const std::string &shape, const Bytes &data) {
    std::string dict =
        "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
    dict.append(118 - dict.size() - 1, ' ');
    dict += '\n';
    Bytes bytes{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    put<std::uint16_t>(bytes, static_cast<std::uint16_t>(dict.size()));
    bytes.insert(bytes.end(), dict.begin(), dict.end());
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
}

/// The array `spk`: a byte a pixel.
inline Bytes spikeArray(const SpikeBlock &block) {
    const PlaneShape shape = block.shape();
    Bytes data;
    for (std::uint32_t plane = 0; plane < block.planeCount(); ++plane)
        for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel)
            data.push_back(testBit(block.plane(plane), pixel) ? 1 : 0);
    return npyBytes(
        "|u1", fmt::format("({}, {}, {})", block.planeCount(), shape.height, shape.width), data);
}

inline void writeText(const std::filesystem::path &path, const std::string &text) {
    writeBytes(path, Bytes(text.begin(), text.end()));
}

}  // namespace fovea::test
