// SPDX-License-Identifier: Apache-2.0
// Output files are whole or not there, and inputs are safe.
#include "app/output_file.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <string>

using namespace fovea;
namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path &path) {
    const auto bytes = test::readBytes(path);
    return {bytes.begin(), bytes.end()};
}

std::size_t entries(const fs::path &folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a file appears only when it is finished", "[app]") {
    const test::TemporaryFolder folder;
    const fs::path path = folder / "out.txt";
    {
        auto file = ProgramOutput::create(path.string());
        REQUIRE(file);
        REQUIRE(file->write("half"));
        REQUIRE(file->flush());
        CHECK_FALSE(fs::exists(path));
    }
    CHECK(entries(folder.path()) == 0);

    auto file = ProgramOutput::create(path.string());
    REQUIRE(file);
    REQUIRE(file->write("whole"));
    REQUIRE(file->finish());
    CHECK(contents(path) == "whole");
    CHECK(entries(folder.path()) == 1);
}

TEST_CASE("an older file stays as it was until the new one is whole", "[app]") {
    const test::TemporaryFolder folder;
    const fs::path path = folder / "out.txt";
    test::writeBytes(path, {'o', 'l', 'd'});
    {
        auto file = ProgramOutput::create(path.string());
        REQUIRE(file);
        REQUIRE(file->write("new"));
    }
    CHECK(contents(path) == "old");
    auto file = ProgramOutput::create(path.string());
    REQUIRE(file);
    REQUIRE(file->write("new"));
    REQUIRE(file->finish());
    CHECK(contents(path) == "new");
}

TEST_CASE("inputs, folders and lost folders are refused", "[app]") {
    const test::TemporaryFolder folder;
    const fs::path input = folder / "in.dat";
    test::writeBytes(input, {1, 2, 3});
    const fs::path link = folder / "link.dat";
    fs::create_symlink(input, link);
    CHECK(ProgramOutput::create(input.string(), {&input, 1}).error().code == ErrorCode::Usage);
    CHECK(ProgramOutput::create(link.string(), {&input, 1}).error().code == ErrorCode::Usage);
    CHECK(ProgramOutput::create(folder.path().string()).error().code == ErrorCode::Io);
    const auto lost = ProgramOutput::create((folder / "no").string() + "/out.txt");
    REQUIRE_FALSE(lost);
    CHECK(lost.error().message.find("does not exist") != std::string::npos);
    CHECK(test::readBytes(input).size() == 3);
}

TEST_CASE("through a link the file behind it is replaced, the link stays", "[app]") {
    const test::TemporaryFolder folder;
    const fs::path real = folder / "real.txt";
    const fs::path link = folder / "link.txt";
    test::writeBytes(real, {'o'});
    fs::create_symlink(real, link);
    auto file = ProgramOutput::create(link.string());
    REQUIRE(file);
    REQUIRE(file->write("new"));
    REQUIRE(file->finish());
    CHECK(fs::is_symlink(link));
    CHECK(contents(real) == "new");
}

TEST_CASE("devices are written to, never replaced", "[app]") {
    auto null = ProgramOutput::create("/dev/null");
    REQUIRE(null);
    REQUIRE(null->write("gone"));
    REQUIRE(null->finish());
    CHECK(fs::is_character_file("/dev/null"));
    if (!fs::exists("/dev/full")) {
        WARN("no /dev/full here: skipped");
        return;
    }
    auto full = ProgramOutput::create("/dev/full");
    REQUIRE(full);
    REQUIRE(full->write("too much"));
    const auto finished = full->finish();
    REQUIRE_FALSE(finished);
    CHECK(finished.error().code == ErrorCode::Io);
    CHECK(finished.error().message.find("/dev/full") == 0);
}
