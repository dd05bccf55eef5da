// SPDX-License-Identifier: Apache-2.0
// Records come back, damaged ones do not; an index is never believed beyond its recording.
#include "datasets/block_index.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

namespace {

std::vector<BlockRecord> someBlocks(std::uint64_t count) {
    std::vector<BlockRecord> blocks;
    for (std::uint64_t i = 0; i < count; ++i)
        blocks.push_back({i, i * 7, i * 100, 7, 100, 100, static_cast<std::uint32_t>(i)});
    return blocks;
}

void writeIndex(const std::filesystem::path &path, const std::vector<BlockRecord> &blocks) {
    auto index = IndexWriter::create(path, {10, 3});
    REQUIRE(index);
    for (const BlockRecord &block : blocks)
        REQUIRE(index->add(block));
}

}  // namespace

TEST_CASE("a record is one only when every bit of it is right") {
    const BlockRecord record{3, 1ULL << 40, 1ULL << 50, 9, 1234, 5678, 0xDEADBEEF};
    const auto bytes = encode(record);
    CHECK(decodeBlock(bytes) == record);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto damaged = bytes;
        damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ 1U << bit % 8);
        REQUIRE_FALSE(decodeBlock(damaged));
    }
    CHECK_FALSE(decodeBlock(encode({0, 0, 0, 0, 10, 10, 0})));  // no plane
    CHECK_FALSE(decodeBlock(encode({0, 0, 0, 1, BlockRecord::maxBytes + 1, 10, 0})));
}

TEST_CASE("an index is read up to what is damaged or beyond the recording") {
    const TemporaryFolder folder;
    const auto path = folder / "a.index";
    const auto blocks = someBlocks(3000);
    writeIndex(path, blocks);
    const auto whole = readIndex(path, 300'000);
    REQUIRE(whole);
    CHECK(whole->blocks == blocks);
    CHECK(whole->shape == PlaneShape{10, 3});
    CHECK(whole->badBytes == 0);
    CHECK(readIndex(path, 299'999)->blocks.size() == 2999);
    CHECK(readIndex(path, 0)->blocks.empty());
    Bytes bytes = readBytes(path);
    for (const std::size_t length : {bytes.size() - 1, std::size_t{32 + 48 * 5 + 47}}) {
        writeBytes(path, Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)));
        CHECK(readIndex(path, 300'000)->blocks.size() == (length - 32) / 48);
    }
    bytes[32 + 48 * 1500] ^= 1;
    writeBytes(path, bytes);
    CHECK(readIndex(path, 300'000)->blocks.size() == 1500);
    CHECK(readIndex(path, 300'000)->badBytes == 1500 * 48);
    writeText(path, "hello");
    CHECK(readIndex(path, 300'000).error().code == ErrorCode::BadFile);
}

TEST_CASE("records out of order end an index") {
    const TemporaryFolder folder;
    auto blocks = someBlocks(5);
    blocks[3].firstPlane += 1;
    writeIndex(folder / "a", blocks);
    CHECK(readIndex(folder / "a", 1000)->blocks.size() == 3);
    blocks = someBlocks(5);
    blocks[2].offset -= 1;
    writeIndex(folder / "b", blocks);
    CHECK(readIndex(folder / "b", 1000)->blocks.size() == 2);
}

TEST_CASE("an index takes the place of another one, never of somebody's file") {
    const TemporaryFolder folder;
    writeIndex(folder / "new", someBlocks(2));
    writeIndex(folder / "a", someBlocks(1));
    placeIndex(folder / "new", folder / "a");
    CHECK(readIndex(folder / "a", 1000)->blocks.size() == 2);
    writeIndex(folder / "new", someBlocks(2));
    writeText(folder / "b", "precious");
    placeIndex(folder / "new", folder / "b");
    CHECK(readBytes(folder / "b").size() == 8);
    CHECK_FALSE(std::filesystem::exists(folder / "new"));
}
