// SPDX-License-Identifier: Apache-2.0
// The recorder as a session drives it.
#include "datasets/recorder.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

namespace {

SourceInfo sourceOf(PlaneShape shape) {
    SourceInfo info;
    info.shape = shape;
    info.planeRateHz = 20000;
    info.name = "Camera";
    info.serial = "7";
    return info;
}

}  // namespace

TEST_CASE("a session's blocks become a recording that tells where it came from") {
    TemporaryFolder folder;
    const PlaneShape shape{30, 5};
    const SpikeBlock planes = randomPlanes(shape, 12, 1, 1000);
    RecorderOptions options;
    options.path = folder / "a.dat";
    options.createdBy = "fovea test";
    options.noise = "flip:0.01 seed 3";
    options.settings = {{"gain", "2"}};
    RecorderSink sink(options);
    CHECK(sink.write(planes).error().code == ErrorCode::WrongState);
    REQUIRE(sink.begin(sourceOf(shape)));
    REQUIRE(sink.write(planes));
    REQUIRE(sink.finish());
    REQUIRE(sink.finish());
    REQUIRE(sink.recordings().size() == 1);
    const auto file = SpikeFile::open(sink.recordings().front());
    REQUIRE(file);
    CHECK(isPrefix(*readPlanes(*file), planes));
    const Descriptor &d = *file->info().descriptor;
    CHECK(d.rateHz == 20000);
    CHECK(d.device == "Camera");
    CHECK(d.serial == "7");
    CHECK(d.firstPlane == 1000);
    CHECK(d.noise == options.noise);
    CHECK(d.settings == options.settings);
    CHECK(d.createdBy == "fovea test");
}

TEST_CASE("a jump by seeking begins a new recording") {
    TemporaryFolder folder;
    const PlaneShape shape{8, 8};
    RecorderOptions options;
    options.path = folder / "a.dat";
    RecorderSink sink(options);
    REQUIRE(sink.begin(sourceOf(shape)));
    SpikeBlock block = randomPlanes(shape, 4, 1, 50);
    REQUIRE(sink.write(block));
    const SpikeBlock other = randomPlanes(shape, 3, 2);
    block.begin(7, 20000, 1);
    for (std::uint32_t i = 0; i < 3; ++i)
        std::memcpy(block.append(), other.plane(i), shape.wordStride() * 8);
    REQUIRE(sink.write(block));
    REQUIRE(sink.finish());
    REQUIRE(sink.recordings() ==
            std::vector<std::filesystem::path>{folder / "a.dat", folder / "a-1.dat"});
    CHECK(SpikeFile::open(folder / "a.dat")->info().planes == 4);
    CHECK(isPrefix(*readPlanes(*SpikeFile::open(folder / "a-1.dat")), other));
}

TEST_CASE("an existing file is refused or left alone") {
    TemporaryFolder folder;
    writeText(folder / "a.dat", "precious");
    RecorderOptions options;
    options.path = folder / "a.dat";
    options.ifExists = IfExists::Refuse;
    CHECK_FALSE(RecorderSink(options).begin(sourceOf({8, 8})));
    options.path = folder.path() / "absent" / "a.dat";
    CHECK(RecorderSink(options).begin(sourceOf({8, 8})).error().code == ErrorCode::Io);
    CHECK(readBytes(folder / "a.dat").size() == 8);
}
