// SPDX-License-Identifier: Apache-2.0
// Recordings that take the name of others, whole or in parts, and those that leave it to them.
#include "tests/datasets/recorder_input.h"

using namespace fovea;
using namespace fovea::test;

namespace {

// Records `planes` in parts of 50; what has the asked name goes only when `wanted`.
Result<void> recordSplit(const std::filesystem::path &path, const SpikeBlock &planes,
                         IfExists ifExists, bool wanted, PackingWish packing = PackingWish::None) {
    RecorderOptions options;
    options.path = path;
    options.ifExists = ifExists;
    options.packing = packing;
    options.splitSeconds = 50.0 / 20000;
    RecorderSink sink(options);
    if (auto begun = sink.begin(sourceOf(planes.shape())); !begun)
        return begun;
    feed(sink, planes);
    if (auto done = sink.finish(); !done || !wanted)
        return done;
    return sink.takeName();
}

std::size_t countFiles(const std::filesystem::path &folder) {
    const std::filesystem::directory_iterator files(folder);
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

}  // namespace

TEST_CASE("a split recording replaces all parts of another one, and only when it is complete") {
    const TemporaryFolder folder;
    const auto path = folder / "a.dat";
    const SpikeBlock five = randomPlanes({16, 8}, 250, 1);
    const SpikeBlock two = randomPlanes({16, 8}, 100, 2);
    for (const PackingWish packing : {PackingWish::None, PackingWish::Zstd}) {
        REQUIRE(recordSplit(path, five, IfExists::Replace, true));
        REQUIRE(recordSplit(path, two, IfExists::Replace, false, packing));
        CHECK(isPrefix(five, *readPlanes(*SpikeFile::open(path))));
        CHECK(isPrefix(two, *readPlanes(*SpikeFile::open(folder / "a-1.dat"))));
        for (const auto &part : findParts(folder / "a-1.dat"))
            removeRecording(part);
        REQUIRE(recordSplit(path, two, IfExists::Replace, true, packing));
        const auto file = SpikeFile::open(path);
        REQUIRE(file);
        CHECK(file->info().planes == 100);
        CHECK(isPrefix(two, *readPlanes(*file)));
        CHECK(countFiles(folder.path()) == 2 * 3);
        const auto part = SpikeFile::open(findParts(path).at(1));
        REQUIRE(part);
        CHECK(part->info().descriptor->name == findParts(path).at(1).filename());
        CHECK(part->info().descriptor->partOf == "a.dat");
    }
}

TEST_CASE("a packed recording replaces the plain one whose name it was to have") {
    const TemporaryFolder folder;
    RecorderOptions options;
    options.path = folder / "a.dat";
    options.ifExists = IfExists::Replace;
    for (const PackingWish packing : {PackingWish::None, PackingWish::Zstd}) {
        options.packing = packing;
        RecorderSink sink(options);
        REQUIRE(sink.begin(sourceOf({16, 8})));
        feed(sink, randomPlanes({16, 8}, 20, 1));
        REQUIRE(sink.finish());
        CHECK(countFiles(folder.path()) == (packing == PackingWish::None ? 3U : 6U));
        REQUIRE(sink.takeName());
        CHECK(countFiles(folder.path()) == 3);
    }
    CHECK(SpikeFile::open(folder / "a.dat.zst")->info().planes == 20);
}

TEST_CASE("parts of another recording keep its name taken, whatever is left of them") {
    const TemporaryFolder folder;
    const auto path = folder / "a.dat";
    const SpikeBlock old = randomPlanes({16, 8}, 150, 1);
    const SpikeBlock next = randomPlanes({16, 8}, 150, 2);
    REQUIRE(recordSplit(path, old, IfExists::Refuse, true));
    CHECK_FALSE(recordSplit(path, next, IfExists::Refuse, true, PackingWish::Zstd));
    removeRecording(folder / "a-001.dat");
    CHECK_FALSE(recordSplit(path, next, IfExists::Refuse, true));
    REQUIRE(recordSplit(path, next, IfExists::NewName, true));
    CHECK(isPrefix(next, *readPlanes(*SpikeFile::open(folder / "a-1.dat"))));
    writeText(folder / "a-007.dat.part", "x");
    const auto refused = recordSplit(path, next, IfExists::Replace, true);
    REQUIRE_FALSE(refused);
    CHECK(SpikeFile::open(folder / "a-002.dat")->info().planes == 50);
}
