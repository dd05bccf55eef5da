// SPDX-License-Identifier: Apache-2.0
// Sets of pictures by name: a small one that is made here, the real one when it is there.
#include "datasets/labelled_pictures.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <numeric>

using namespace fovea;
using namespace fovea::test;

namespace {

void writeSet(const TemporaryFolder &folder, const std::string &begin, unsigned char label) {
    writeBytes(folder / (begin + "-images-idx3-ubyte"),
               {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 51, 255, 102});
    writeBytes(folder / (begin + "-labels-idx1-ubyte"), {0, 0, 8, 1, 0, 0, 0, 2, 7, label});
}

}  // namespace

TEST_CASE("both parts of a set are found by their names", "[datasets]") {
    const TemporaryFolder folder;
    writeSet(folder, "train", 1);
    writeSet(folder, "t10k-first5k", 2);
    const std::string name = "mnist:" + folder.path().string();
    const auto train = openPictures(name, PictureSplit::Train);
    const auto test = openPictures(name, PictureSplit::Test);
    REQUIRE(train);
    REQUIRE(test);
    CHECK(train->labels == std::vector<std::uint8_t>{7, 1});
    CHECK(test->labels == std::vector<std::uint8_t>{7, 2});
    CHECK(test->count() == 2);
    CHECK(test->pictureSize() == 2);
    CHECK(test->values(0, 1) == std::vector<float>{0, 0.2F});
    CHECK(test->values(1, 1) == std::vector<float>{1, 0.4F});
    CHECK(openPictures(name, PictureSplit::Test, 1)->count() == 1);
}

TEST_CASE("what is no set is refused", "[datasets]") {
    const TemporaryFolder folder;
    const std::string name = "mnist:" + folder.path().string();
    CHECK(openPictures("imagenet:/x", PictureSplit::Test).error().code == ErrorCode::Usage);
    CHECK(openPictures(name, PictureSplit::Test, 0).error().code == ErrorCode::Usage);
    const auto missing = openPictures(name, PictureSplit::Test);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message.find("t10k*-images-idx3-ubyte") != std::string::npos);
    writeSet(folder, "t10k", 10);
    const auto wrong = openPictures(name, PictureSplit::Test);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().message.find("label 10") != std::string::npos);
    writeBytes(folder / "t10k-labels-idx1-ubyte", {0, 0, 8, 1, 0, 0, 0, 1, 7});
    CHECK(openPictures(name, PictureSplit::Test).error().message.find("1 labels for 2") !=
          std::string::npos);
}

TEST_CASE("the real digits have ten classes in their known numbers", "[datasets]") {
    const auto folder = dataFolder();
    if (!folder || !std::filesystem::exists(*folder / "mnist")) {
        WARN("no data folder (FOVEA_DATA_DIR): skipped");
        return;
    }
    const auto test =
        openPictures("mnist:" + (*folder / "mnist").string(), PictureSplit::Test, 5000);
    REQUIRE(test);
    CHECK(test->count() == 5000);
    CHECK(test->height == 28);
    CHECK(test->width == 28);
    CHECK(std::vector<std::uint8_t>(test->labels.begin(), test->labels.begin() + 5) ==
          std::vector<std::uint8_t>{7, 2, 1, 0, 4});
}
