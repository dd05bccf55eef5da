// SPDX-License-Identifier: Apache-2.0
// Reading at offsets, past the end, and from what is no file.
#include "datasets/file_handle.h"

#include "tests/datasets/recordings.h"

#include <array>
#include <sys/stat.h>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("bytes are read where asked, or the lack is named") {
    TemporaryFolder folder;
    writeText(folder / "a", "0123456789");
    auto file = FileHandle::open(folder / "a");
    REQUIRE(file);
    CHECK(file->size() == 10);
    char text[4]{};
    REQUIRE(file->readAt(3, text, 3));
    CHECK(std::string(text) == "345");
    const auto past = file->readAt(8, text, 3);
    REQUIRE_FALSE(past);
    CHECK(past.error().message.find("ends at byte 10, expected 1 more") != std::string::npos);
    CHECK_FALSE(file->readAt(~std::uint64_t{0}, text, 1));
    CHECK(file->readAt(10, text, 0));
    char other[4]{};
    std::array<FileHandle::Part, 2> parts{{{text, 2}, {other, 3}}};
    REQUIRE(file->readAt(1, parts));
    CHECK(std::string(text, 2) == "12");
    CHECK(std::string(other) == "345");
    const auto beyond = file->readAt(6, parts);
    REQUIRE_FALSE(beyond);
    CHECK(beyond.error().message.find("ends at byte 10, expected 1 more") != std::string::npos);
    const FileHandle moved = std::move(*file);
    CHECK(moved.readAt(0, text, 1));
    CHECK(*readText(folder / "a", 10) == "0123456789");
    CHECK(readText(folder / "a", 9).error().code == ErrorCode::BadFile);
}

TEST_CASE("what is no regular file is refused without waiting") {
    TemporaryFolder folder;
    CHECK(FileHandle::open(folder.path()).error().code == ErrorCode::BadFile);
    CHECK(FileHandle::open(folder / "absent").error().code == ErrorCode::NoDevice);
    CHECK(FileHandle::open("/dev/null").error().code == ErrorCode::BadFile);
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK(FileHandle::open(folder / "pipe").error().code == ErrorCode::BadFile);
}

TEST_CASE("reading ends when it is told to stop") {
    const test::TemporaryFolder folder;
    test::writeBytes(folder / "a", {1, 2, 3});
    std::stop_source source;
    const auto file = FileHandle::open(folder / "a", source.get_token());
    std::array<char, 3> bytes{};
    REQUIRE(file->readAt(0, bytes.data(), 3));
    source.request_stop();
    CHECK(file->readAt(0, bytes.data(), 3).error().code == ErrorCode::Cancelled);
}
