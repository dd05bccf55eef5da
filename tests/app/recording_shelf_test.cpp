// SPDX-License-Identifier: Apache-2.0
// The shelf tells what a recording is, finds those of a folder, and makes new ones.
#include "app/recording_shelf.h"

#include "datasets/spike_writer.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <fstream>

namespace fovea::test {
namespace {

constexpr PlaneShape shape{16, 10};

SpikeBlock somePlanes(std::uint32_t planes, std::uint64_t gapAfter = 0, std::uint64_t gap = 0) {
    SpikeBlock block(shape, planes);
    block.begin(0, 10000);
    for (std::uint32_t plane = 0; plane < planes; ++plane) {
        if (gap > 0 && plane == gapAfter)
            block.appendGap(gap, DropReason::Link);
        std::uint64_t *words = block.append();
        std::fill_n(words, shape.wordStride(), 0);
        words[0] = plane + 1;
    }
    return block;
}

std::filesystem::path write(const std::filesystem::path &path, const SpikeBlock &block) {
    std::filesystem::create_directories(path.parent_path());
    Descriptor descriptor;
    descriptor.shape = shape;
    descriptor.rateHz = 10000;
    auto writer = SpikeWriter::create(path, descriptor);
    REQUIRE(writer);
    REQUIRE(writer->write(block));
    const auto closed = writer->close();
    REQUIRE(closed);
    return *closed;
}

SourceConfig fileSource(const std::filesystem::path &path) {
    SourceConfig source;
    source.kind = "file";
    source.path = path.string();
    return source;
}

}  // namespace

TEST_CASE("a look tells shape, length, gaps and gives planes from the middle", "[app]") {
    const TemporaryFolder folder;
    const auto path = write(folder / "a.dat", somePlanes(50, 20, 7));
    const auto shelf = makeRecordingShelf();
    const auto look = shelf->look(fileSource(path), 11);
    REQUIRE(look);
    REQUIRE(look->shape == shape);
    REQUIRE(look->planes == 57);
    REQUIRE(look->rateHz == 10000);
    REQUIRE(look->seconds() == Approx(0.0057));
    REQUIRE(look->gaps == std::vector<PlaneSpan>{{20, 27}});
    REQUIRE(look->middle);
    REQUIRE(look->middle->firstPlane() == 23);
    REQUIRE(look->middle->spanned() == 11);
    const auto brief = shelf->look(fileSource(path), 0);
    REQUIRE(brief);
    REQUIRE_FALSE(brief->middle);
}

TEST_CASE("a look into what is no recording says why", "[app]") {
    const TemporaryFolder folder;
    const auto shelf = makeRecordingShelf();
    REQUIRE(shelf->look(fileSource(folder / "absent.dat"), 0).error().code == ErrorCode::NoDevice);
    writeBytes(folder / "bare.dat", std::vector<unsigned char>(40 * 25, 3));
    REQUIRE(shelf->look(fileSource(folder / "bare.dat"), 0).error().code == ErrorCode::Usage);
    SourceConfig odd = fileSource(folder / "bare.dat");
    odd.format = "nonsense";
    REQUIRE(shelf->look(odd, 0).error().code == ErrorCode::Usage);
}

TEST_CASE("guesses fit the size", "[app]") {
    const TemporaryFolder folder;
    writeBytes(folder / "g.dat", std::vector<unsigned char>(400 * 250 / 8 * 3, 3));
    const auto guesses = makeRecordingShelf()->guesses(folder / "g.dat");
    REQUIRE_FALSE(guesses.empty());
    REQUIRE(guesses.front().shape == PlaneShape{400, 250});
    REQUIRE(guesses.front().format == "raw");
    REQUIRE(guesses.front().planes == 3);
    REQUIRE(makeRecordingShelf()->guesses(folder / "absent").empty());
}

TEST_CASE("the recordings of a folder are found, and nothing else", "[app]") {
    const TemporaryFolder folder;
    const auto b = write(folder.path() / "data" / "b.dat", somePlanes(4));
    const auto a = write(folder.path() / "a.dat", somePlanes(4));
    std::ofstream(folder / "config.yaml") << "spike_w: 16\n";
    std::ofstream(folder / ".hidden.dat") << "x";
    std::ofstream(folder / "c.dat.part") << "x";
    std::filesystem::create_directories(folder.path() / "1/2/3/4/5");
    std::ofstream(folder.path() / "1/2/3/4/5/deep.dat") << "x";
    const auto shelf = makeRecordingShelf();
    const auto found = shelf->find(folder.path());
    REQUIRE(found);
    REQUIRE(*found == std::vector<std::filesystem::path>{a, b});
    std::filesystem::create_directories(folder / "empty");
    REQUIRE(shelf->find(folder / "empty").error().code == ErrorCode::NoDevice);
    REQUIRE_FALSE(shelf->find(folder / "absent"));
}

TEST_CASE("a recorder tells the file that it really wrote", "[app]") {
    const TemporaryFolder folder;
    const auto taken = write(folder / "r.dat", somePlanes(4));
    const Recorder recorder = makeRecordingShelf()->recorder({}, taken, "test").value();
    SourceInfo info;
    info.shape = shape;
    info.planeRateHz = 10000;
    REQUIRE(recorder.sink->begin(info));
    REQUIRE(recorder.sink->write(somePlanes(9)));
    REQUIRE(recorder.sink->finish());
    const auto files = recorder.files();
    REQUIRE(files.size() == 1);
    REQUIRE(files.front() != taken);
    const auto look = makeRecordingShelf()->look(fileSource(files.front()), 0);
    REQUIRE(look);
    REQUIRE(look->planes == 9);
}

}  // namespace fovea::test
