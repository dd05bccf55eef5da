// SPDX-License-Identifier: Apache-2.0
// Opening and reading recordings: golden loads, numbers around gaps, sizes that do not fit.
#include "datasets/spike_file.h"

#include "tests/support/files.h"
#include "tests/support/golden.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <limits>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr std::uint64_t whole = std::numeric_limits<std::uint64_t>::max();

SpikeFileOptions withShape(std::uint32_t width, std::uint32_t height) {
    SpikeFileOptions options;
    options.shape = PlaneShape{width, height};
    return options;
}

// One byte a pixel, planes one after the other.
std::vector<std::uint8_t> unpacked(const SpikeBlock &block) {
    const std::size_t pixels = block.shape().pixels();
    std::vector<std::uint8_t> bytes(pixels * block.planeCount());
    for (std::uint32_t plane = 0; plane < block.planeCount(); ++plane)
        for (std::size_t pixel = 0; pixel < pixels; ++pixel)
            bytes[plane * pixels + pixel] = testBit(block.plane(plane), pixel) ? 1 : 0;
    return bytes;
}

SpikeBlock readAll(const SpikeFile &file) {
    SpikeBlock block(file.info().shape, static_cast<std::uint32_t>(file.info().storedPlanes));
    const auto read = file.read(0, whole, block);
    REQUIRE(read);
    return block;
}

}  // namespace

TEST_CASE("raw recordings load as SpikeCV loads them", "[golden]") {
    if (!goldenFolder()) {
        WARN("golden folder is absent: skipped");
        return;
    }
    const auto cases = goldenCases({"SpikeStream.get_spike_matrix"});
    REQUIRE_FALSE(cases.empty());
    for (const GoldenCase &one : cases) {
        CAPTURE(one.id);
        SpikeFileOptions options;
        options.shape = one.shape;
        options.flip = one.json.at("params").at("flipud").get<bool>();
        const auto file = SpikeFile::open(one.input, options);
        REQUIRE(file);
        std::vector<std::uint8_t> bytes;
        if (one.json.at("frame").is_number()) {
            SpikeBlock block(one.shape, 1);
            const std::uint64_t plane = one.json.at("frame");
            REQUIRE(file->read(plane, plane + 1, block));
            REQUIRE(block.firstPlane() == plane);
            bytes = unpacked(block);
        } else {
            REQUIRE(one.json.at("frame") == "all");
            REQUIRE(file->info().planes == one.json.at("shape").at(0).get<std::uint64_t>());
            bytes = unpacked(readAll(*file));
        }
        CHECK(sha256(bytes.data(), bytes.size()) == one.json.at("sha256_raw").get<std::string>());
        if (!one.file.empty())
            CHECK(readNpy(one.file).bytes == bytes);
    }
    WARN(cases.size() << " golden loader cases ran");
}

TEST_CASE("what is no recording gets one clear error") {
    TemporaryFolder folder;
    const auto errorOf = [](const std::filesystem::path &path, const SpikeFileOptions &options) {
        const auto file = SpikeFile::open(path, options);
        REQUIRE_FALSE(file);
        INFO(file.error().message);
        CHECK(file.error().message.find(path.string()) != std::string::npos);
        return file.error();
    };
    CHECK(errorOf(folder / "absent.dat", withShape(8, 8)).code == ErrorCode::NoDevice);
    CHECK(errorOf(folder.path(), withShape(8, 8)).code == ErrorCode::BadFile);
    writeBytes(folder / "empty.dat", {});
    CHECK(errorOf(folder / "empty.dat", withShape(8, 8)).code == ErrorCode::BadFile);
    writeBytes(folder / "short.dat", std::vector<unsigned char>(7));
    CHECK(errorOf(folder / "short.dat", withShape(8, 8)).code == ErrorCode::BadFile);
    writeBytes(folder / "shapeless.dat", std::vector<unsigned char>(25000));
    const Error shapeless = errorOf(folder / "shapeless.dat", {});
    CHECK(shapeless.code == ErrorCode::Usage);
    CHECK(shapeless.message.find("400x250 (2 planes)") != std::string::npos);
}
