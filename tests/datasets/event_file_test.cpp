// SPDX-License-Identifier: Apache-2.0
// Events of N-MNIST's files, and the two forms in which its files come.
#include "datasets/event_file.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <fstream>

using namespace fovea;
using namespace fovea::test;

namespace {

std::string messageOf(const std::filesystem::path &path, ErrorCode code = ErrorCode::BadFile) {
    const auto events = readEvents(path);
    REQUIRE_FALSE(events);
    CHECK(events.error().code == code);
    return events.error().message;
}

}  // namespace

TEST_CASE("five bytes are an event, and row 240 is time that overflows", "[datasets]") {
    const TemporaryFolder folder;
    writeBytes(folder / "a.bin", std::vector<unsigned char>{3,  7,   0x80, 0x01, 0x02,  //
                                                            0,  240, 0,    0,    0,     //
                                                            33, 0,   0x7F, 0xFF, 0xFF,  //
                                                            9,  240, 0,    0,    0,     //
                                                            1,  2,   0x01, 0,    5});
    const auto events = readEvents(folder / "a.bin");
    REQUIRE(events);
    REQUIRE(events->size() == 3);
    CHECK((*events)[0].x == 3);
    CHECK((*events)[0].y == 7);
    CHECK((*events)[0].brighter);
    CHECK((*events)[0].microseconds == 0x102);
    CHECK_FALSE((*events)[1].brighter);
    CHECK((*events)[1].microseconds == 0x7FFFFF + 8192);
    CHECK((*events)[2].microseconds == 0x10005 + 2 * 8192);
}

TEST_CASE("files that are no events are told", "[datasets]") {
    const TemporaryFolder folder;
    writeBytes(folder / "cut.bin", std::vector<unsigned char>(12));
    writeBytes(folder / "empty.bin", std::vector<unsigned char>());
    CHECK(messageOf(folder / "cut.bin").find("12 bytes") != std::string::npos);
    CHECK(messageOf(folder / "empty.bin").find("0 bytes") != std::string::npos);
    CHECK(messageOf(folder / "none.bin", ErrorCode::NoDevice).find("none.bin") !=
          std::string::npos);
    CHECK_FALSE(messageOf(folder.path()).empty());
}

TEST_CASE("a set is folders of classes, or a list", "[datasets]") {
    const TemporaryFolder folder;
    const std::vector<unsigned char> event(5);
    std::filesystem::create_directories(folder / "Train" / "3");
    std::filesystem::create_directories(folder / "Train" / "0");
    writeBytes(folder / "Train" / "3" / "00002.bin", event);
    writeBytes(folder / "Train" / "3" / "readme.txt", event);
    writeBytes(folder / "Train" / "0" / "00009.bin", event);
    auto files = listEventFiles(folder.path(), PictureSplit::Train);
    REQUIRE(files);
    REQUIRE(files->size() == 2);
    CHECK((*files)[0].label == 0);
    CHECK((*files)[1].label == 3);
    CHECK((*files)[1].path.filename() == "00002.bin");
    CHECK(listEventFiles(folder.path(), PictureSplit::Train, 1)->size() == 1);
    const auto none = listEventFiles(folder.path(), PictureSplit::Test);
    REQUIRE(none);
    CHECK(none->empty());

    const TemporaryFolder listed;
    std::ofstream(listed / "train2.txt") << "#sample\t#class\r\n12\t5\r\n7\t1\r\n\r\n";
    writeBytes(listed / "12.bs2", event);
    files = listEventFiles(listed.path(), PictureSplit::Train);
    REQUIRE(files);
    REQUIRE(files->size() == 2);
    CHECK((*files)[0].path == listed / "12.bs2");
    CHECK((*files)[0].label == 5);
    CHECK((*files)[1].path == listed / "7.bin");
}

TEST_CASE("sets that are none are told", "[datasets]") {
    const auto told = [](const std::filesystem::path &path, const std::string &part) {
        const auto files = listEventFiles(path, PictureSplit::Train);
        REQUIRE_FALSE(files);
        CHECK(files.error().code == ErrorCode::BadFile);
        INFO(files.error().message);
        CHECK(files.error().message.find(part) != std::string::npos);
    };
    const TemporaryFolder folder;
    told(folder.path(), "expected folders Train and Test");
    told(folder / "nowhere", "expected folders Train and Test");
    std::filesystem::create_directories(folder / "Train" / "cats");
    told(folder.path(), "found a folder 'cats'");
    const TemporaryFolder listed;
    std::ofstream(listed / "train.txt") << "1 5\n2 three\n";
    told(listed.path(), "line 2: found '2 three'");
    std::ofstream(listed / "train.txt") << "# nothing\n";
    told(listed.path(), "lists no file");
}
