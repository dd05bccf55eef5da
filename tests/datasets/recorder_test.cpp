// SPDX-License-Identifier: Apache-2.0
// The recorder as a session drives it.
#include "datasets/recorder.h"

#include "tests/datasets/recorder_input.h"

using namespace fovea;
using namespace fovea::test;

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

TEST_CASE("R1: a split recording loses and doubles no plane") {
    for (const bool bySize : {true, false})
        for (const PackingWish packing : {PackingWish::None, PackingWish::Zstd}) {
            TemporaryFolder folder;
            const PlaneShape shape{40, 25};
            const SpikeBlock planes = randomPlanes(shape, 205, 3, 7000);
            RecorderOptions options;
            options.path = folder / "a.dat";
            options.packing = packing;
            if (bySize)
                options.splitBytes = 60 * shape.bytes();
            else
                options.splitSeconds = 50.0 / 20000;
            RecorderSink sink(options);
            REQUIRE(sink.begin(sourceOf(shape)));
            feed(sink, planes);
            CHECK(sink.status().planes == 205);
            CHECK(sink.status().part > 1);
            REQUIRE(sink.finish());
            CHECK(sink.recordings().size() == sink.status().part);
            std::uint64_t next = 7000;
            for (std::size_t i = 0; i < sink.recordings().size(); ++i) {
                const auto part = SpikeFile::open(sink.recordings()[i]);
                REQUIRE(part);
                CHECK(part->info().warnings.empty());
                CHECK(part->info().descriptor->part == i + 1);
                CHECK(part->info().descriptor->firstPlane == next);
                next += part->info().planes;
                if (bySize && packing == PackingWish::None)
                    CHECK(part->info().fileBytes <= options.splitBytes);
            }
            CHECK(next == 7205);
            const auto whole = SpikeFile::open(folder / "a.dat");
            REQUIRE(whole);
            CHECK(whole->info().planes == 205);
            CHECK(isPrefix(*readPlanes(*whole), planes));
            // Another one of that name is another one.
            RecorderSink second(options);
            REQUIRE(second.begin(sourceOf(shape)));
            feed(second, planes, 200);
            REQUIRE(second.finish());
            CHECK(second.recordings().front().string().find("a-1-001.dat") != std::string::npos);
        }
}

TEST_CASE("R1: a recorder that holds writes what came before the trigger, too") {
    TemporaryFolder folder;
    const PlaneShape shape{40, 25};
    const SpikeBlock planes = randomPlanes(shape, 400, 5);
    RecorderOptions options;
    options.path = folder / "a.dat";
    options.holdSeconds = 50.0 / 20000;
    RecorderSink sink(options);
    REQUIRE(sink.begin(sourceOf(shape)));
    SpikeBlock before(shape, 200);
    before.begin(0, 20000);
    for (std::uint32_t i = 0; i < 200; ++i)
        std::memcpy(before.append(), planes.plane(i), shape.wordStride() * 8);
    feed(sink, before);
    CHECK(sink.status().armed);
    CHECK(sink.status().planes == 0);
    CHECK(sink.status().heldSeconds == Approx(0.0025));
    sink.trigger();
    feed(sink, planes, 200);
    CHECK_FALSE(sink.status().armed);
    REQUIRE(sink.finish());
    const auto file = SpikeFile::open(folder / "a.dat");
    REQUIRE(file);
    // The 50 planes before the trigger, and all after it.
    CHECK(file->info().descriptor->firstPlane == 150);
    CHECK(file->info().planes == 250);
    const auto read = readPlanes(*file);
    for (std::uint32_t i = 0; i < 250; ++i)
        REQUIRE(samePlane(*read, i, planes, i + 150));
}

TEST_CASE("R1: what was lost before the kept planes is no loss of the recording") {
    const TemporaryFolder folder;
    const PlaneShape shape{40, 25};
    const SpikeBlock planes = randomPlanes(shape, 40, 5);
    RecorderOptions options;
    options.path = folder / "a.dat";
    options.holdSeconds = 20.0 / 20000;
    RecorderSink sink(options);
    REQUIRE(sink.begin(sourceOf(shape)));
    SpikeBlock block(shape, 10);
    const auto give = [&](std::uint64_t first, std::uint64_t lost) {
        block.begin(first, 20000);
        for (std::uint32_t i = 0; i < 10; ++i)
            std::memcpy(block.append(), planes.plane(i), shape.wordStride() * 8);
        block.appendGap(lost, DropReason::Buffer);
        REQUIRE(sink.write(block));
    };
    give(0, 100);
    give(110, 0);
    give(125, 7);
    sink.trigger();
    give(142, 0);
    REQUIRE(sink.finish());
    CHECK(SpikeFile::open(folder / "a.dat")->info().descriptor->firstPlane == 110);
    CHECK(sink.status().planes == 30);
    CHECK(sink.status().lost == 5 + 7);
}

TEST_CASE("a rate that nothing says stays an assumption in what is recorded from it") {
    for (const bool assumed : {true, false}) {
        const TemporaryFolder folder;
        RecorderOptions options;
        options.path = folder / "a.dat";
        options.splitSeconds = 10.0 / 20000;
        RecorderSink sink(options);
        SourceInfo info = sourceOf({16, 8});
        info.rateAssumed = assumed;
        REQUIRE(sink.begin(info));
        feed(sink, randomPlanes({16, 8}, 30, 1));
        REQUIRE(sink.finish());
        CHECK(sink.recordings().size() == 3);
        CHECK(SpikeFile::open(folder / "a.dat")->info().rateAssumed == assumed);
    }
}

TEST_CASE("R1: memory limits what is held; without a trigger nothing is written") {
    TemporaryFolder folder;
    const PlaneShape shape{40, 25};
    RecorderOptions options;
    options.path = folder / "a.dat";
    options.holdSeconds = 10;
    options.holdBytes = 30 * shape.wordStride() * 8;
    RecorderSink sink(options);
    REQUIRE(sink.begin(sourceOf(shape)));
    feed(sink, randomPlanes(shape, 200, 5));
    CHECK(sink.status().heldSeconds * 20000 <= 30.5);
    CHECK(sink.status().heldSeconds * 20000 >= 10);
    REQUIRE(sink.finish());
    CHECK(sink.recordings().empty());
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("packing is chosen by the first planes, and said") {
    TemporaryFolder folder;
    const PlaneShape shape{400, 250};
    RecorderOptions options;
    options.packing = PackingWish::Auto;
    for (const bool dark : {true, false}) {
        options.path = folder / (dark ? "dark.dat" : "noise.dat");
        RecorderSink sink(options);
        SourceInfo info = sourceOf(shape);
        info.planeRateHz = 10;  // slow enough for any machine
        REQUIRE(sink.begin(info));
        SpikeBlock planes(shape, 20);
        planes.begin(0, 10);
        Random random(1);
        for (std::uint32_t i = 0; i < 20; ++i) {
            std::uint64_t *words = planes.append();
            for (std::size_t w = 0; w < shape.wordStride(); ++w)
                words[w] = 0;
            for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel)
                if (random.below(dark ? 100 : 2) == 0)
                    setBit(words, pixel);
        }
        REQUIRE(sink.write(planes));
        INFO(sink.status().packing);
        CHECK(sink.status().packing.find(dark ? "zstd: " : "plain: ") == 0);
        REQUIRE(sink.finish());
        CHECK(sink.recordings().front().extension() == (dark ? ".zst" : ".dat"));
        CHECK(isPrefix(*readPlanes(*SpikeFile::open(sink.recordings().front())), planes));
    }
}

TEST_CASE("a recording of some seconds ends at its plane, lost ones and other epochs counted") {
    const PlaneShape shape{16, 8};
    const SpikeBlock planes = randomPlanes(shape, 60, 1, 500);
    RecorderOptions options;
    options.seconds = 45.0 / 20000;
    for (const bool held : {false, true}) {
        const TemporaryFolder folder;
        options.path = folder / "a.dat";
        options.holdSeconds = held ? 1 : 0;
        RecorderSink sink(options);
        REQUIRE(sink.begin(sourceOf(shape)));
        sink.trigger();
        feed(sink, planes);
        REQUIRE(sink.finish());
        CHECK(sink.status().complete);
        CHECK(sink.status().planes == 45);
        CHECK(isPrefix(*readPlanes(*SpikeFile::open(options.path)), planes));
    }
    const TemporaryFolder folder;
    options.path = folder / "a.dat";
    options.holdSeconds = 0;
    RecorderSink sink(options);
    REQUIRE(sink.begin(sourceOf(shape)));
    SpikeBlock block = randomPlanes(shape, 20, 1, 500);
    block.appendGap(8, DropReason::Ring);
    REQUIRE(sink.write(block));
    block.begin(530, 20000);  // 2 were lost before it
    for (std::uint32_t i = 0; i < 5; ++i)
        std::memcpy(block.append(), planes.plane(i), shape.wordStride() * 8);
    REQUIRE(sink.write(block));
    CHECK_FALSE(sink.status().complete);
    block.begin(7, 20000, 1);  // 10 are left
    for (std::uint32_t i = 0; i < 4; ++i)
        std::memcpy(block.append(), planes.plane(i), shape.wordStride() * 8);
    block.appendGap(3, DropReason::Link);
    for (std::uint32_t i = 4; i < 20; ++i)
        std::memcpy(block.append(), planes.plane(i), shape.wordStride() * 8);
    REQUIRE(sink.write(block));
    CHECK(sink.status().complete);
    REQUIRE(sink.write(block));
    REQUIRE(sink.finish());
    CHECK(sink.status().lost == 8 + 2 + 3);
    CHECK(SpikeFile::open(folder / "a.dat")->info().planes == 35);
    const auto rest = SpikeFile::open(folder / "a-1.dat");
    REQUIRE(rest);
    CHECK(rest->info().planes == 10);
    CHECK(rest->info().storedPlanes == 7);
}

TEST_CASE("that nothing can be written is told before how much room there is") {
    RecorderOptions options;
    options.path = "/proc/a.dat";
    options.seconds = 1e12;
    const auto begun = RecorderSink(options).begin(sourceOf({400, 250}));
    REQUIRE_FALSE(begun);
    CHECK(begun.error().message.find("cannot be made") != std::string::npos);
}

TEST_CASE("a recording for which there is no room makes no file") {
    const TemporaryFolder folder;
    RecorderOptions options;
    options.path = folder / "a.dat";
    options.seconds = 1e12;
    RecorderSink sink(options);
    const auto begun = sink.begin(sourceOf({400, 250}));
    REQUIRE_FALSE(begun);
    CHECK(begun.error().message.find(" are free") != std::string::npos);
    CHECK(std::filesystem::is_empty(folder.path()));
}
