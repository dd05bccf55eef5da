// SPDX-License-Identifier: Apache-2.0
// Damage is found and named; an index that is missing, wrong or cut never makes a file unreadable.
#include "datasets/verify_recording.h"

#include "datasets/spike_writer.h"
#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape shape{40, 31};

std::filesystem::path record(const TemporaryFolder &folder, Packing packing) {
    Descriptor descriptor;
    descriptor.shape = shape;
    descriptor.rateHz = 400;
    auto writer = SpikeWriter::create(folder / "a.dat", descriptor, IfExists::Refuse, packing);
    REQUIRE(writer);
    REQUIRE(writer->write(randomPlanes(shape, 100, 7)));
    return writer->close().value();
}

RecordingCheck check(const std::filesystem::path &path) {
    const auto file = SpikeFile::open(path);
    REQUIRE(file);
    const auto done = verifyRecording(file->info(), [](std::uint64_t) { return true; });
    REQUIRE(done);
    return *done;
}

}  // namespace

TEST_CASE("a damaged bit is found in its block") {
    for (const Packing packing : {Packing::None, Packing::Zstd}) {
        const TemporaryFolder folder;
        const auto path = record(folder, packing);
        RecordingCheck result = check(path);
        CHECK(result.damaged.empty());
        CHECK(result.checkedPlanes == 100);
        CHECK(result.uncheckedPlanes == 0);
        CHECK(result.blocks > 5);
        Bytes bytes = readBytes(path);
        bytes[bytes.size() / 2] ^= 16;
        writeBytes(path, bytes);
        result = check(path);
        REQUIRE(result.damaged.size() == 1);
        CHECK(result.damaged[0].offset <= bytes.size() / 2 + 56);
        CHECK(result.damaged[0].endOffset() > bytes.size() / 2);
    }
}

TEST_CASE("an index that is missing or wrong is told, and made anew") {
    const TemporaryFolder folder;
    const auto path = record(folder, Packing::None);
    const Bytes index = readBytes(indexPath(path));
    writeBytes(indexPath(path), Bytes(index.begin(), index.begin() + 32 + 48 * 3 + 5));
    RecordingCheck result = check(path);
    CHECK(result.blocks == 3);
    CHECK(result.checkedPlanes + result.uncheckedPlanes == 100);
    CHECK_FALSE(result.note.empty());
    std::filesystem::remove(indexPath(path));
    result = check(path);
    CHECK(result.uncheckedPlanes == 100);
    CHECK(result.note.find("no index") != std::string::npos);
    const auto file = SpikeFile::open(path);
    CHECK(rebuildIndex(file->info(), [](std::uint64_t) { return false; }).error().code ==
          ErrorCode::Cancelled);
    CHECK_FALSE(std::filesystem::exists(indexPath(path)));
    REQUIRE(rebuildIndex(file->info(), [](std::uint64_t) { return true; }));
    result = check(path);
    CHECK(result.checkedPlanes == 100);
    CHECK(result.damaged.empty());
    // One of another recording.
    auto other = IndexWriter::create(folder / "other", {8, 8});
    REQUIRE(other->add({0, 0, 0, 1, 8, 8, 0}));
    std::filesystem::rename(folder / "other", indexPath(path));
    CHECK(check(path).note.find("another recording") != std::string::npos);
    CHECK(readPlanes(*SpikeFile::open(path))->planeCount() == 100);
}

TEST_CASE("other formats have no blocks") {
    SpikeFileInfo info;
    info.format = FileFormat::Npz;
    CHECK(verifyRecording(info, [](std::uint64_t) { return true; }).error().code ==
          ErrorCode::Unsupported);
}
