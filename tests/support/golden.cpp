// SPDX-License-Identifier: Apache-2.0
// Reads the golden manifest, NumPy arrays and raw spike files, without using what is tested.
#include "tests/support/golden.h"

#include "tests/support/files.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fovea::test {

namespace fs = std::filesystem;

namespace {

template <class T>
void appendAs(const std::vector<std::uint8_t> &bytes, std::vector<double> &values) {
    for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
        T value;
        std::memcpy(&value, bytes.data() + at, sizeof(T));
        values.push_back(static_cast<double>(value));
    }
}

std::string between(const std::string &text, const std::string &after, char open, char close) {
    const auto key = text.find(after);
    const auto begin = key == std::string::npos ? key : text.find(open, key + after.size());
    const auto end = begin == std::string::npos ? begin : text.find(close, begin + 1);
    if (end == std::string::npos)
        throw std::runtime_error("npy header without " + after);
    return text.substr(begin + 1, end - begin - 1);
}

}  // namespace

std::vector<double> NpyArray::values() const {
    std::vector<double> result;
    const std::string kind = dtype.substr(1);
    if (kind == "u1" || kind == "b1")
        appendAs<std::uint8_t>(bytes, result);
    else if (kind == "i4")
        appendAs<std::int32_t>(bytes, result);
    else if (kind == "i8")
        appendAs<std::int64_t>(bytes, result);
    else if (kind == "f4")
        appendAs<float>(bytes, result);
    else if (kind == "f8")
        appendAs<double>(bytes, result);
    else
        throw std::runtime_error("npy type " + dtype + " is not known to the tests");
    return result;
}

NpyArray readNpy(const fs::path &path) {
    const std::vector<unsigned char> all = readBytes(path);
    if (all.size() < 12 || std::memcmp(all.data(), "\x93NUMPY", 6) != 0)
        throw std::runtime_error(path.string() + ": not an npy file");
    const std::size_t lengthBytes = all[6] >= 2 ? 4 : 2;
    std::uint32_t length = 0;
    std::memcpy(&length, all.data() + 8, lengthBytes);
    const std::size_t start = 8 + lengthBytes;
    const std::string header(all.begin() + static_cast<std::ptrdiff_t>(start),
                             all.begin() + static_cast<std::ptrdiff_t>(start + length));
    if (header.find("'fortran_order': True") != std::string::npos)
        throw std::runtime_error(path.string() + ": Fortran order");
    NpyArray array;
    array.dtype = between(header, "'descr':", '\'', '\'');
    std::string dims = between(header, "'shape':", '(', ')');
    std::replace(dims.begin(), dims.end(), ',', ' ');
    std::istringstream stream(dims);
    for (std::size_t side = 0; stream >> side;)
        array.shape.push_back(side);
    array.bytes.assign(all.begin() + static_cast<std::ptrdiff_t>(start + length), all.end());
    return array;
}

std::vector<GoldenCase> goldenCases(const std::vector<std::string> &algorithms) {
    const fs::path base = goldenFolder().value() / "spike";
    const fs::path path = base / "shared" / "manifest.json";
    std::ifstream in(path);
    if (!in)
        throw std::runtime_error(path.string() + " is missing");
    const nlohmann::json manifest = nlohmann::json::parse(in);
    std::vector<GoldenCase> result;
    for (const auto &entry : manifest.at("cases")) {
        const std::string algorithm = entry.at("algorithm");
        if (!algorithms.empty() &&
            std::find(algorithms.begin(), algorithms.end(), algorithm) == algorithms.end())
            continue;
        GoldenCase one{entry.at("id"), algorithm, entry, {}, {}, {}};
        if (entry.contains("input") && entry["input"].is_string()) {
            one.input = base / entry["input"].get<std::string>();
            if (!fs::exists(one.input))
                throw std::runtime_error(one.id + ": input " + one.input.string() + " is missing");
            for (const auto &[name, input] : manifest.at("inputs").items())
                if (input.at("path") == entry["input"] && input.contains("w"))
                    one.shape = {input.at("w"), input.at("h")};
        }
        if (entry.contains("file") && entry["file"].is_string()) {
            one.file = base / entry["file"].get<std::string>();
            if (!fs::exists(one.file))
                throw std::runtime_error(one.id + ": file " + one.file.string() + " is missing");
        }
        result.push_back(std::move(one));
    }
    return result;
}

SpikeBlock loadPlanes(const fs::path &path, PlaneShape shape, bool flip) {
    const std::vector<unsigned char> bytes = readBytes(path);
    const std::size_t planes = bytes.size() * 8 / shape.pixels();
    SpikeBlock block(shape, static_cast<std::uint32_t>(planes));
    block.begin(0, 40000);
    for (std::size_t plane = 0; plane < planes; ++plane) {
        std::uint64_t *words = block.append();
        std::memset(words, 0, shape.wordStride() * 8);
        for (std::size_t row = 0; row < shape.height; ++row) {
            const std::size_t from = flip ? shape.height - 1 - row : row;
            for (std::size_t column = 0; column < shape.width; ++column) {
                const std::size_t bit = plane * shape.pixels() + from * shape.width + column;
                if (((bytes[bit / 8] >> (bit % 8)) & 1) != 0)
                    setBit(words, row * shape.width + column);
            }
        }
    }
    return block;
}

std::string sha256(const std::uint8_t *bytes, std::size_t count) {
    static constexpr std::array<std::uint32_t, 64> k = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
        0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
        0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
        0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
        0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
        0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
        0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2};
    std::array<std::uint32_t, 8> h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const auto round = [&](const std::uint8_t *p) {
        std::array<std::uint32_t, 64> w{};
        for (std::size_t i = 0; i < 16; ++i)
            w[i] = (std::uint32_t{p[4 * i]} << 24) | (std::uint32_t{p[4 * i + 1]} << 16) |
                   (std::uint32_t{p[4 * i + 2]} << 8) | p[4 * i + 3];
        for (std::size_t i = 16; i < 64; ++i) {
            const auto s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
            const auto s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        auto v = h;
        for (std::size_t i = 0; i < 64; ++i) {
            const auto s1 = std::rotr(v[4], 6) ^ std::rotr(v[4], 11) ^ std::rotr(v[4], 25);
            const auto t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
            const auto s0 = std::rotr(v[0], 2) ^ std::rotr(v[0], 13) ^ std::rotr(v[0], 22);
            const auto t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
        }
        for (std::size_t i = 0; i < 8; ++i)
            h[i] += v[i];
    };
    std::size_t at = 0;
    for (; at + 64 <= count; at += 64)
        round(bytes + at);
    std::array<std::uint8_t, 128> tail{};
    const std::size_t rest = count - at;
    if (rest > 0)
        std::memcpy(tail.data(), bytes + at, rest);
    tail[rest] = 0x80;
    const std::size_t length = rest < 56 ? 64 : 128;
    for (std::size_t i = 0; i < 8; ++i)
        tail[length - 1 - i] = static_cast<std::uint8_t>((std::uint64_t{count} * 8) >> (8 * i));
    round(tail.data());
    if (length == 128)
        round(tail.data() + 64);
    std::string text;
    for (const std::uint32_t word : h)
        text += fmt::format("{:08x}", word);
    return text;
}

}  // namespace fovea::test
