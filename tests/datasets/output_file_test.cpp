// SPDX-License-Identifier: Apache-2.0
// New files only; renames that never replace.
#include "datasets/output_file.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("a file is written once, cut, and made safe") {
    TemporaryFolder folder;
    auto file = OutputFile::create(folder / "a");
    REQUIRE(file);
    REQUIRE(file->write("hello world"));
    REQUIRE(file->truncate(5));
    REQUIRE(file->write("!"));
    CHECK(file->bytes() == 6);
    REQUIRE(file->finish());
    const Bytes bytes = readBytes(folder / "a");
    CHECK(std::string(bytes.begin(), bytes.end()) == "hello!");
    CHECK(OutputFile::create(folder / "a").error().code == ErrorCode::InvalidArgument);
    CHECK(OutputFile::create(folder.path() / "b" / "a").error().code == ErrorCode::Io);
}

TEST_CASE("a rename replaces nothing") {
    TemporaryFolder folder;
    writeText(folder / "a", "a");
    writeText(folder / "b", "b");
    CHECK(*renameNew(folder / "a", folder / "b") == false);
    CHECK(*renameNew(folder / "a", folder / "c") == true);
    CHECK_FALSE(std::filesystem::exists(folder / "a"));
    CHECK(readBytes(folder / "c") == Bytes{'a'});
    CHECK(readBytes(folder / "b") == Bytes{'b'});
    CHECK(renameNew(folder / "absent", folder / "d").error().code == ErrorCode::Io);
    syncFolder(folder.path());
    syncFolder(folder / "absent");
}
