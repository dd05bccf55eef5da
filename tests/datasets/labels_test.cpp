// SPDX-License-Identifier: Apache-2.0
// Label files: forms that occur, errors by line, speed with many rows.
#include "datasets/labels.h"

#include "tests/datasets/recordings.h"

#include <fstream>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("MOTChallenge lines in their forms") {
    const auto rows = parseMot("\xEF\xBB\xBF"
                               "1,2,3.5,4,5,6\r\n"
                               "\n"
                               "# a remark\n"
                               "10 -1 1 2 3 4 0.5\n"
                               "  7,3, 1.5 ,2,3,4,1,-1,-1,-1  \n"
                               "8,3,1,2,3,4,0,11,0.25\n"
                               "9,3,1,2,3,4,1,-1,-1,-1,0,0",
                               "x");
    REQUIRE(rows);
    REQUIRE(rows->size() == 5);
    CHECK(rows->at(0) == MotRow{1, 2, {3.5F, 4, 5, 6}, 1, -1, -1});
    CHECK(rows->at(1) == MotRow{10, -1, {1, 2, 3, 4}, 0.5F, -1, -1});
    CHECK(rows->at(2) == MotRow{7, 3, {1.5F, 2, 3, 4}, 1, -1, -1});
    CHECK(rows->at(3) == MotRow{8, 3, {1, 2, 3, 4}, 0, 11, 0.25F});
    CHECK(rows->at(4).frame == 9);
    CHECK(parseMot("", "x")->empty());
}

TEST_CASE("MOTChallenge errors name file and line") {
    for (const char *bad :
         {"1,2,3,4,5", "1,2,3,4,5,6,7,8,9,10,11,12,13", "1,2,a,4,5,6", "1.5,2,3,4,5,6",
          "-1,2,3,4,5,6", "1,-2,3,4,5,6", "1,2,3,4,-5,6", "1,2,nan,4,5,6", "1,2,inf,4,5,6",
          "1,2,3,4,5,1e99", "1,2,,4,5,6", "1;2;3;4;5;6", "1,2,3,4,5,6x", "1e300,2,3,4,5,6"}) {
        CAPTURE(bad);
        const auto rows = parseMot(std::string("1,2,3,4,5,6\n\n") + bad + "\n", "truth.txt");
        REQUIRE_FALSE(rows);
        CHECK(rows.error().message.starts_with("truth.txt:3: found '"));
    }
}

TEST_CASE("lines that are written are read again") {
    const TemporaryFolder folder;
    const std::vector<MotRow> rows{{7000, 6, {0.25F, 1.5F, 20.75F, 3}, 0.875F, -1, -1},
                                   {8000, 0, {0.5F, 1.5F, 20.75F, 3}, 1, -1, -1}};
    writeText(folder / "a.txt", motLine(rows[0]) + motLine(rows[1]));
    CHECK(readMot(folder / "a.txt").value() == rows);
    CHECK(motLine({12, 3, {1, 2.345F, 3, 4}, 1, 5, 5}) == "12,3,1.00,2.35,3.00,4.00,1,5,-1,-1\n");
    CHECK(readMot(folder / "absent.txt").error().code == ErrorCode::NoDevice);
}

TEST_CASE("200,000 rows are read in one go") {
    std::string text;
    for (std::uint64_t i = 0; i < 200'000; ++i)
        text += motLine({i, 3, {12.25F, 340.5F, 45.75F, 12.5F}, 0.5F, -1, -1});
    const auto rows = parseMot(text, "x");
    REQUIRE(rows);
    CHECK(rows->size() == 200'000);
    CHECK(rows->back().frame == 199'999);
}

TEST_CASE("detection labels in both forms") {
    const auto boxes = parseDetectionLabels("1,2,3,4\n5,6,7,8,2\n"
                                            "0.03 10,20,30,45,0 1,2,1,2,3\n",
                                            "x");
    REQUIRE(boxes);
    REQUIRE(boxes->size() == 4);
    CHECK(boxes->at(0) == LabelledBox{std::nullopt, {1, 2, 3, 4}, -1});
    CHECK(boxes->at(1) == LabelledBox{std::nullopt, {5, 6, 7, 8}, 2});
    CHECK(boxes->at(2) == LabelledBox{0.03, {10, 20, 20, 25}, 0});
    CHECK(boxes->at(3) == LabelledBox{0.03, {1, 2, 0, 0}, 3});
    CHECK(parseDetectionLabels("0.5\n", "x")->empty());  // a time without boxes
    for (const char *bad : {"1,2,3", "a,b,c,d", "1,2,-3,4", "0.1 1,2,3,4", "0.1 9,2,3,4,0",
                            "0.1 1,2,3,4,0,5", "x 1,2,3,4,0", "1,2,3,4,0.5"}) {
        CAPTURE(bad);
        const auto refused = parseDetectionLabels(bad, "x");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().message.starts_with("x:1: found '"));
    }
}

TEST_CASE("a real label file") {
    const auto folder = dataFolder();
    const auto path = folder ? *folder / "pku_vidar_dvs" / "label_00046_rotation_5000K_200r_1.txt"
                             : std::filesystem::path();
    if (!std::filesystem::exists(path)) {
        WARN("pku_vidar_dvs is absent: skipped");
        return;
    }
    const auto boxes = readDetectionLabels(path);
    REQUIRE(boxes);
    CHECK(boxes->size() == 5);
    CHECK(boxes->front().seconds == 0.03);
}
