// SPDX-License-Identifier: Apache-2.0
// Blocks cover all planes, and their checksums are those of the file.
#include "datasets/block_writer.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("the index lists every plane of a plain recording with its checksum") {
    for (const PlaneShape shape : {PlaneShape{13, 7}, PlaneShape{64, 50}, PlaneShape{1, 1}}) {
        CAPTURE(shape.width, shape.height);
        const TemporaryFolder folder;
        const auto path = folder / "a.dat";
        const SpikeBlock planes = randomPlanes(shape, 101, 1);
        BlockWriter::Settings settings;
        settings.layout = {shape, 0, true};
        settings.rateHz = 400;  // ten planes in 25 ms
        auto writer = BlockWriter::create(path, settings);
        REQUIRE(writer);
        for (std::uint32_t i = 0; i < 101; ++i) {
            REQUIRE(writer->append(planes.plane(i)));
            if (i % 3 == 0)
                REQUIRE(writer->flush());
        }
        REQUIRE(writer->settle());
        REQUIRE(writer->finish());
        CHECK(writer->planes() == 101);
        const Bytes bytes = readBytes(path);
        CHECK(bytes == rawBytes(planes, true));
        CHECK(writer->bytes() == bytes.size());
        const auto index = readIndex(indexPath(path), bytes.size());
        REQUIRE(index);
        CHECK(index->badBytes == 0);
        CHECK(index->blocks.size() >= 6);
        std::uint64_t end = 0;
        for (const BlockRecord &block : index->blocks) {
            CHECK(block.offset == end);
            CHECK(block.crc == checksum(std::span(bytes).subspan(block.offset, block.bytes)));
            end = block.endOffset();
        }
        CHECK(end == bytes.size());
        CHECK(index->blocks.back().endPlane() == 101);
    }
}

TEST_CASE("a name that is taken is not written to") {
    const TemporaryFolder folder;
    BlockWriter::Settings settings;
    settings.layout = {{8, 8}, 0, true};
    writeText(indexPath(folder / "a.dat"), "precious");
    CHECK_FALSE(BlockWriter::create(folder / "a.dat", settings));
    CHECK_FALSE(std::filesystem::exists(folder / "a.dat"));
    CHECK(readBytes(indexPath(folder / "a.dat")).size() == 8);
}
