// SPDX-License-Identifier: Apache-2.0
// Blocks cover all planes, and their checksums are those of the file.
#include "datasets/block_writer.h"

#include "tests/datasets/recordings.h"

#include <sys/resource.h>

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

namespace {

// No file of this process may grow beyond `bytes` while it lives.
class FileLimit {
public:
    explicit FileLimit(std::uint64_t bytes) {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
        rlimit lower = before_;
        lower.rlim_cur = bytes;
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &lower) == 0);
    }
    FileLimit(const FileLimit &) = delete;
    FileLimit &operator=(const FileLimit &) = delete;
    ~FileLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("what a full disk leaves of the last block is listed, too") {
    const PlaneShape shape{40, 25};  // 125 bytes
    const SpikeBlock planes = randomPlanes(shape, 1000, 1);
    for (const std::uint64_t most : {60U, 125U, 20'000U, 100'000U}) {
        CAPTURE(most);
        const TemporaryFolder folder;
        BlockWriter::Settings settings;
        settings.layout = {shape, 0, true};
        settings.rateHz = 10000;  // 250 planes in 25 ms
        auto writer = BlockWriter::create(folder / "a.dat", settings);
        REQUIRE(writer);
        {
            const FileLimit limit(most);
            for (std::uint32_t i = 0; i < 1000; ++i)
                (void)writer->append(planes.plane(i));
            (void)writer->flush();
            CHECK(writer->settle().error().code == ErrorCode::Io);
        }
        REQUIRE(writer->finish());
        CHECK(writer->planes() == most / shape.bytes());
        const Bytes bytes = readBytes(folder / "a.dat");
        CHECK(bytes.size() == writer->planes() * shape.bytes());
        const auto index = readIndex(indexPath(folder / "a.dat"), bytes.size());
        REQUIRE(index);
        CHECK((index->blocks.empty() ? 0 : index->blocks.back().endPlane()) == writer->planes());
        for (const BlockRecord &block : index->blocks)
            CHECK(block.crc == checksum(std::span(bytes).subspan(block.offset, block.bytes)));
    }
}
