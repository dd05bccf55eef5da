// SPDX-License-Identifier: Apache-2.0
// Sizes that no file can hold, wrong kinds, links that lead away.
#include "engine/snn/hdf5_reader.h"

#include "engine/snn/hdf5_writer.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <hdf5.h>

using namespace fovea;
using namespace fovea::test;

namespace {

/// A dataset of that shape of which nothing is stored.
void addHollow(const std::filesystem::path &path, const std::string &name,
               std::vector<hsize_t> sides, std::vector<hsize_t> chunk) {
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(static_cast<int>(sides.size()), sides.data(), nullptr);
    const hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, static_cast<int>(chunk.size()), chunk.data());
    const hid_t set =
        H5Dcreate2(file, name.c_str(), H5T_IEEE_F32LE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    REQUIRE(set >= 0);
    H5Dclose(set);
    H5Pclose(plan);
    H5Sclose(space);
    H5Fclose(file);
}

void writeSmall(const std::filesystem::path &path) {
    auto file = Hdf5Writer::create(path).value();
    const std::vector<float> equal(300000, 2);
    const std::vector<std::uint64_t> side = {300000};
    file.numbers("/equal", std::span<const float>(equal), side);
    file.text("/word", "x");
    file.group("/group");
    REQUIRE(file.close());
}

}  // namespace

TEST_CASE("equal numbers are joined, others are not", "[snn]") {
    const TemporaryFolder folder;
    writeSmall(folder / "x.h5");
    {
        auto file = Hdf5Writer::create(folder / "y.h5").value();
        std::vector<float> late(300000, 2);
        late[299999] = 3;
        const std::vector<std::uint64_t> sides = {300, 1000};
        file.numbers("/late", std::span<const float>(late), sides);
        REQUIRE(file.close());
        const auto root = Hdf5Group::openFile(folder / "y.h5").value();
        CHECK(root.floats("late", true)->values == late);
    }
    const auto root = Hdf5Group::openFile(folder / "x.h5").value();
    CHECK(root.floats("equal", true)->values == std::vector<float>{2});
    CHECK(root.floats("equal", true)->elements() == 300000);
    CHECK(root.floats("equal")->values.size() == 300000);
}

TEST_CASE("sizes beyond the file are refused before memory is taken", "[snn]") {
    const TemporaryFolder folder;
    const auto path = folder / "x.h5";
    writeSmall(path);
    addHollow(path, "/wide", {2500000000}, {1024});
    addHollow(path, "/tall", {1 << 20, 1 << 20, 1 << 20}, {16, 16, 16});
    addHollow(path, "/lump", {1 << 29}, {1 << 29});
    const auto root = Hdf5Group::openFile(path).value();
    for (const char *name : {"wide", "tall", "lump"}) {
        const auto numbers = root.floats(name);
        REQUIRE_FALSE(numbers);
        CHECK(numbers.error().code == ErrorCode::BadFile);
        CHECK(numbers.error().message.find(std::string("/") + name) != std::string::npos);
    }
}

TEST_CASE("wrong kinds are refused by name", "[snn]") {
    const TemporaryFolder folder;
    const auto path = folder / "x.h5";
    writeSmall(path);
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Lcreate_external("/etc/other.h5", "/", file, "away", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/group", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    const auto root = Hdf5Group::openFile(path).value();
    CHECK_FALSE(root.has("away"));
    CHECK_FALSE(root.has("soft"));
    CHECK_FALSE(root.has(""));
    CHECK_FALSE(root.group("away"));
    CHECK_FALSE(root.group("equal"));
    CHECK_FALSE(root.group("none"));
    CHECK_FALSE(root.floats("word"));
    CHECK_FALSE(root.floats("group"));
    CHECK_FALSE(root.text("equal"));
    CHECK_FALSE(root.texts("word", 2));
    CHECK(root.isText("word"));
    CHECK_FALSE(root.isText("equal"));
    CHECK(root.isGroup("group"));
    CHECK(root.group("none").error().message == path.string() + ": /none: there is no such group");
}

TEST_CASE("a file that is none is refused", "[snn]") {
    const TemporaryFolder folder;
    writeBytes(folder / "text", {'h', 'i'});
    CHECK(Hdf5Group::openFile(folder / "text").error().code == ErrorCode::BadFile);
    CHECK(Hdf5Group::openFile(folder / "none").error().code == ErrorCode::BadFile);
    CHECK(Hdf5Group::openFile(folder.path()).error().code == ErrorCode::BadFile);
}
