// SPDX-License-Identifier: Apache-2.0
// idx files: whole, packed, cut off, absurd.
#include "datasets/idx_file.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <zlib.h>

using namespace fovea;
using namespace fovea::test;

namespace {

const std::vector<unsigned char> threePictures = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0,
                                                  1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6};

std::string refusal(const std::vector<unsigned char> &bytes) {
    const TemporaryFolder folder;
    writeBytes(folder / "x-idx", bytes);
    const auto idx = readIdx(folder / "x-idx", 100);
    REQUIRE_FALSE(idx);
    CHECK(idx.error().code == ErrorCode::BadFile);
    CHECK(idx.error().message.find("x-idx: ") != std::string::npos);
    return idx.error().message;
}

}  // namespace

TEST_CASE("items are read, packed or not, all or the first", "[datasets]") {
    const TemporaryFolder folder;
    writeBytes(folder / "plain", threePictures);
    const gzFile packed = gzopen((folder / "packed").c_str(), "wb");
    gzwrite(packed, threePictures.data(), static_cast<unsigned>(threePictures.size()));
    gzclose(packed);
    for (const char *name : {"plain", "packed"}) {
        const auto all = readIdx(folder / name, 100);
        REQUIRE(all);
        CHECK(all->sides == std::vector<std::uint32_t>{3, 1, 2});
        CHECK(all->values == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6});
        const auto two = readIdx(folder / name, 2);
        CHECK(two->sides[0] == 2);
        CHECK(two->values.size() == 4);
    }
}

TEST_CASE("every cut and every absurd side is refused", "[datasets]") {
    for (std::size_t size = 0; size < threePictures.size(); ++size)
        refusal({threePictures.begin(), threePictures.begin() + static_cast<std::ptrdiff_t>(size)});
    auto bytes = threePictures;
    bytes[2] = 0x0D;
    CHECK(refusal(bytes).find("not an idx file") != std::string::npos);
    bytes = threePictures;
    bytes[3] = 5;
    CHECK(refusal(bytes).find("1 to 4 sides") != std::string::npos);
    bytes = threePictures;
    bytes[8] = 0xFF;  // 4 billion rows
    CHECK(refusal(bytes).find("side 2") != std::string::npos);
    bytes = threePictures;
    bytes[4] = 0xFF;  // 4 billion pictures are announced; the first 100 are wanted, 3 are there
    CHECK(refusal(bytes).find("ends early") != std::string::npos);
    const TemporaryFolder folder;
    CHECK(readIdx(folder.path(), 1).error().code == ErrorCode::BadFile);
    CHECK(readIdx(folder / "no", 1).error().code == ErrorCode::BadFile);
}
