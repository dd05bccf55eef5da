// SPDX-License-Identifier: Apache-2.0
// Names of recordings and their parts.
#include "datasets/recording_names.h"

#include "datasets/spike_writer.h"
#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("numbers go before the ending") {
    CHECK(numberedPath("a/scene.dat", 0) == "a/scene.dat");
    CHECK(numberedPath("a/scene.dat", 3) == "a/scene-3.dat");
    CHECK(numberedPath("a.b/scene.dat.zst", 3) == "a.b/scene-3.dat.zst");
    CHECK(partPath("scene.dat", 1) == "scene-001.dat");
    CHECK(partPath("scene.dat.zst", 1234) == "scene-1234.dat.zst");
    CHECK(packedPath("scene.dat", Packing::None) == "scene.dat");
    CHECK(packedPath("scene.dat", Packing::Zstd) == "scene.dat.zst");
    CHECK(packedPath("scene.dat.zst", Packing::Zstd) == "scene.dat.zst");
    CHECK(unfinishedPath("scene.dat") == "scene.dat.part");
}

TEST_CASE("parts are found, finished, packed or not, and beyond a missing one") {
    const TemporaryFolder folder;
    const auto whole = folder / "a.dat";
    CHECK(findParts(whole).empty());
    for (const char *name :
         {"a-001.dat", "a-002.dat.zst", "a-004.dat.part", "a-040.dat", "a-1.dat"})
        writeText(folder / name, "x");
    CHECK(findParts(whole) == std::vector<std::filesystem::path>{folder / "a-001.dat",
                                                                 folder / "a-002.dat.zst",
                                                                 folder / "a-004.dat.part"});
}

TEST_CASE("what belongs to a recording keeps its name taken") {
    const TemporaryFolder folder;
    const auto path = folder / "a.dat";
    CHECK(nameRefusal(path, IfExists::Refuse).empty());
    for (const char *name : {"a.dat", "a.dat.yaml"}) {
        writeText(folder / name, "x");
        CHECK(nameRefusal(path, IfExists::Refuse).find("exists") != std::string::npos);
        CHECK(nameRefusal(path, IfExists::Replace).empty());
        std::filesystem::remove(folder / name);
    }
    for (const char *name : {"a.dat.part", "a.dat.part.yaml", "a.dat.part.index"}) {
        writeText(folder / name, "x");
        CHECK(nameRefusal(path, IfExists::Replace).find("interrupted") != std::string::npos);
        std::filesystem::remove(folder / name);
    }
}

TEST_CASE("a recording takes the place of another one in one step, or not at all") {
    const TemporaryFolder folder;
    const SpikeBlock old = randomPlanes({16, 8}, 20, 1);
    const SpikeBlock next = randomPlanes({9, 5}, 30, 2);
    const auto write = [&](const char *name, const SpikeBlock &planes) {
        Descriptor descriptor;
        descriptor.shape = planes.shape();
        auto writer = SpikeWriter::create(folder / name, descriptor);
        REQUIRE(writer);
        REQUIRE(writer->write(planes));
        REQUIRE(writer->close());
    };
    write("a.dat", old);
    write("b.dat", next);
    const auto descriptor = readSidecar(sidecarPath(folder / "b.dat"));
    REQUIRE(descriptor);
    CHECK_FALSE(replaceRecording(folder / "b.dat", folder / "absent" / "a.dat", *descriptor));
    CHECK(isPrefix(*readPlanes(*SpikeFile::open(folder / "b.dat")), next));
    writeText(folder / "b.dat.yaml.new", "somebody's");
    CHECK_FALSE(replaceRecording(folder / "b.dat", folder / "a.dat", *descriptor));
    CHECK(isPrefix(*readPlanes(*SpikeFile::open(folder / "a.dat")), old));
    std::filesystem::remove(folder / "b.dat.yaml.new");
    REQUIRE(replaceRecording(folder / "b.dat", folder / "a.dat", *descriptor));
    const auto file = SpikeFile::open(folder / "a.dat");
    REQUIRE(file);
    CHECK(isPrefix(*readPlanes(*file), next));
    CHECK(file->info().descriptor->name == "a.dat");
    CHECK(readIndex(indexPath(folder / "a.dat"), file->info().fileBytes)->blocks.size() == 1);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 3);
}
