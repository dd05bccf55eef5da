// SPDX-License-Identifier: Apache-2.0
// Parts of a recording open one by one and as a whole.
#include "datasets/split_recording.h"

#include "datasets/spike_writer.h"
#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

namespace {

// Part `number` with planes [first, first + count) of `planes`.
void writePart(const std::filesystem::path &whole, int number, const SpikeBlock &planes,
               std::uint32_t first, std::uint32_t count, Packing packing = Packing::None,
               const std::string &id = "7") {
    Descriptor descriptor;
    descriptor.shape = planes.shape();
    descriptor.rateHz = 20000;
    descriptor.part = static_cast<std::uint64_t>(number);
    descriptor.partOf = whole.filename().string();
    descriptor.recordingId = id;
    auto writer =
        SpikeWriter::create(partPath(whole, number), descriptor, IfExists::Refuse, packing);
    REQUIRE(writer);
    SpikeBlock block(planes.shape(), count);
    block.begin(planes.firstPlane() + first, 20000);
    for (std::uint32_t i = first; i < first + count; ++i)
        std::memcpy(block.append(), planes.plane(i), planes.shape().wordStride() * 8);
    REQUIRE(writer->write(block));
    REQUIRE(writer->close());
}

}  // namespace

TEST_CASE("the name of the whole opens all parts") {
    const TemporaryFolder folder;
    const auto whole = folder / "a.dat";
    const SpikeBlock planes = randomPlanes({9, 5}, 40, 1, 1000);
    writePart(whole, 1, planes, 0, 7);
    writePart(whole, 2, planes, 7, 20, Packing::Zstd);
    writePart(whole, 3, planes, 27, 13);
    const auto file = SpikeFile::open(whole);
    REQUIRE(file);
    CHECK(file->info().planes == 40);
    CHECK(file->info().gaps.empty());
    CHECK(file->info().warnings.empty());
    CHECK(file->info().descriptor->firstPlane == 1000);
    CHECK(isPrefix(*readPlanes(*file), planes));
    const auto part = SpikeFile::open(folder / "a-003.dat");
    REQUIRE(part);
    CHECK(part->info().descriptor->part == 3);
    CHECK(part->info().descriptor->partOf == "a.dat");
    CHECK(part->info().descriptor->firstPlane == 1027);
}

TEST_CASE("a missing part is a gap, a strange one an error") {
    const TemporaryFolder folder;
    const auto whole = folder / "a.dat";
    const SpikeBlock planes = randomPlanes({9, 5}, 40, 1);
    writePart(whole, 1, planes, 0, 7);
    writePart(whole, 3, planes, 27, 13);
    auto file = SpikeFile::open(whole);
    REQUIRE(file);
    CHECK(file->info().planes == 40);
    CHECK(file->info().gaps == std::vector<RecordingGap>{{7, 20, DropReason::Sink}});
    CHECK(file->info().warnings == std::vector<std::string>{"part 2 is missing"});
    SpikeBlock all({9, 5}, 40);
    REQUIRE(file->read(0, toTheEnd, all));
    CHECK(all.planeCount() == 20);
    CHECK(samePlane(all, 7, planes, 27));
    writePart(whole, 4, randomPlanes({8, 8}, 3, 1), 0, 3);
    CHECK(SpikeFile::open(whole).error().code == ErrorCode::BadFile);
    removeRecording(partPath(whole, 1));
    removeRecording(partPath(whole, 4));
    CHECK(SpikeFile::open(whole)->info().warnings ==
          std::vector<std::string>{"parts 1 to 2 are missing"});
}

TEST_CASE("a part that is left from another recording is no part of this one") {
    const TemporaryFolder folder;
    const auto whole = folder / "a.dat";
    const SpikeBlock planes = randomPlanes({9, 5}, 40, 1);
    writePart(whole, 1, planes, 0, 7);
    writePart(whole, 2, planes, 7, 13, Packing::None, "8");
    const auto file = SpikeFile::open(whole);
    REQUIRE_FALSE(file);
    CHECK(file.error().code == ErrorCode::BadFile);
    CHECK(file.error().message.find("a-002.dat: its recording_id is '8'") != std::string::npos);
    CHECK(SpikeFile::open(folder / "a-002.dat")->info().planes == 13);
}

TEST_CASE("a part that says it begins at the end of all numbers is refused") {
    const TemporaryFolder folder;
    const auto whole = folder / "a.dat";
    writePart(whole, 1, randomPlanes({9, 5}, 10, 1), 0, 10);
    for (const std::uint64_t first : {Descriptor::maxPlanes - 5, ~std::uint64_t{0} - 20}) {
        writePart(whole, 2, randomPlanes({9, 5}, 10, 1, first), 0, 10);
        const auto file = SpikeFile::open(whole);
        REQUIRE_FALSE(file);
        CHECK(file.error().code == ErrorCode::BadFile);
        CHECK(file.error().message.find("a-002.dat: ") != std::string::npos);
        removeRecording(partPath(whole, 2));
    }
    writePart(whole, 2, randomPlanes({9, 5}, 10, 1, 1000), 0, 10);
    CHECK(SpikeFile::open(whole)->info().planes == 1010);
}
