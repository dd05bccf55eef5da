// SPDX-License-Identifier: Apache-2.0
// Recordings come back bit by bit, are never overwritten, and survive crashes and full disks.
#include "datasets/spike_writer.h"

#include "tests/datasets/recordings.h"

#include <csignal>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace fovea;
using namespace fovea::test;

namespace {

Descriptor described(PlaneShape shape, bool flip = true) {
    Descriptor d;
    d.shape = shape;
    d.rateHz = 20000;
    d.flip = flip;
    d.device = "test";
    return d;
}

// The planes [first, first + count) of `block` with their numbers.
SpikeBlock part(const SpikeBlock &block, std::uint32_t first, std::uint32_t count) {
    SpikeBlock result(block.shape(), std::max(1U, count));
    result.begin(block.firstPlane() + first, block.planeRateHz());
    for (std::uint32_t i = first; i < first + count; ++i)
        std::memcpy(result.append(), block.plane(i), block.shape().wordStride() * 8);
    return result;
}

std::size_t filesIn(const TemporaryFolder &folder) {
    std::size_t count = 0;
    for (const auto &entry : std::filesystem::directory_iterator(folder.path()))
        count += entry.exists() ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("what is written is read again, whatever the shape") {
    for (const PlaneShape shape :
         {PlaneShape{1, 1}, PlaneShape{3, 5}, PlaneShape{7, 1}, PlaneShape{1, 9}, PlaneShape{64, 2},
          PlaneShape{250, 250}, PlaneShape{400, 250}, PlaneShape{417, 3}, PlaneShape{1000, 999}})
        for (const bool flip : {true, false})
            for (const std::uint32_t planes : {1U, 2U, 7U, 19U}) {
                CAPTURE(shape.width, shape.height, flip, planes);
                TemporaryFolder folder;
                const SpikeBlock block = randomPlanes(shape, planes, planes, 100);
                auto writer = SpikeWriter::create(folder / "a.dat", described(shape, flip));
                REQUIRE(writer);
                for (std::uint32_t i = 0; i < planes; i += 5)
                    REQUIRE(writer->write(part(block, i, std::min(5U, planes - i))));
                const auto path = writer->close();
                REQUIRE(path);
                CHECK(*path == folder / "a.dat");
                CHECK(filesIn(folder) == 3);
                CHECK(readBytes(*path) == rawBytes(block, flip));

                const auto file = SpikeFile::open(*path);
                REQUIRE(file);
                CHECK(file->info().warnings.empty());
                CHECK(file->info().planes == planes);
                CHECK(file->info().flip == flip);
                CHECK(file->info().rateHz == 20000);
                CHECK(file->info().descriptor->firstPlane == 100);
                CHECK(file->info().descriptor->closed);
                const auto read = readPlanes(*file);
                REQUIRE(read);
                CHECK(isPrefix(*read, block));
            }
}

TEST_CASE("gaps are listed, not filled") {
    TemporaryFolder folder;
    const PlaneShape shape{20, 3};
    const SpikeBlock planes = randomPlanes(shape, 9, 1);
    auto writer = SpikeWriter::create(folder / "a.dat", described(shape));
    REQUIRE(writer);
    SpikeBlock block(shape, 16);
    block.begin(5, 20000);
    block.appendGap(3, DropReason::Ring);
    for (std::uint32_t i = 0; i < 4; ++i)
        std::memcpy(block.append(), planes.plane(i), shape.wordStride() * 8);
    block.appendGap(2, DropReason::Link);
    block.appendGap(1, DropReason::Injected);
    std::memcpy(block.append(), planes.plane(4), shape.wordStride() * 8);
    REQUIRE(writer->write(block));
    block.begin(26, 20000);  // ten planes later
    for (std::uint32_t i = 5; i < 9; ++i)
        std::memcpy(block.append(), planes.plane(i), shape.wordStride() * 8);
    block.appendGap(7, DropReason::Buffer);
    REQUIRE(writer->write(block));
    CHECK(writer->storedPlanes() == 9);
    CHECK(writer->planes() == 32);
    block.begin(30, 20000);
    CHECK(writer->write(block).error().code == ErrorCode::InvalidArgument);
    REQUIRE(writer->close());
    CHECK(std::filesystem::file_size(folder / "a.dat") == (9 * 60 + 7) / 8);

    const auto file = SpikeFile::open(folder / "a.dat");
    REQUIRE(file);
    const std::vector<RecordingGap> gaps{{0, 3, DropReason::Ring},
                                         {4, 2, DropReason::Link},
                                         {4, 1, DropReason::Injected},
                                         {5, 10, DropReason::Sink},
                                         {9, 7, DropReason::Buffer}};
    CHECK(file->info().gaps == gaps);
    CHECK(file->info().planes == 32);
    const auto read = readPlanes(*file);
    REQUIRE(read);
    CHECK(isPrefix(*read, planes));
    CHECK(read->planeNumber(5) == 21);
    CHECK(read->endPlane() == 25);  // the block is full before the last gap
}

TEST_CASE("nothing is overwritten") {
    TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes({8, 8}, 2, 1);
    const auto record = [&](IfExists ifExists) {
        auto writer = SpikeWriter::create(folder / "a.dat", described({8, 8}), ifExists);
        if (!writer)
            return std::string("refused");
        REQUIRE(writer->write(planes));
        return writer->close().value().filename().string();
    };
    CHECK(record(IfExists::Refuse) == "a.dat");
    const Bytes before = readBytes(folder / "a.dat");
    CHECK(record(IfExists::Refuse) == "refused");
    CHECK(record(IfExists::NewName) == "a-1.dat");
    CHECK(record(IfExists::NewName) == "a-2.dat");
    CHECK(readBytes(folder / "a.dat") == before);
    // A leftover of a crash and a lone sidecar block a name too.
    writeText(folder / "a-3.dat.part", "x");
    writeText(folder / "a-4.dat.yaml", "x");
    CHECK(record(IfExists::NewName) == "a-5.dat");
    CHECK(SpikeFile::open(folder / "a-5.dat")->info().planes == 2);
}

TEST_CASE("a name that is taken while recording is not overwritten either") {
    TemporaryFolder folder;
    auto writer = SpikeWriter::create(folder / "a.dat", described({8, 8}));
    REQUIRE(writer);
    REQUIRE(writer->write(randomPlanes({8, 8}, 2, 1)));
    CHECK_FALSE(SpikeWriter::create(folder / "a.dat", described({8, 8})));
    writeText(folder / "a.dat", "somebody else's");
    CHECK(writer->close().value() == folder / "a-1.dat");
    CHECK(readBytes(folder / "a.dat").size() == 15);
    CHECK(SpikeFile::open(folder / "a-1.dat")->info().planes == 2);
    CHECK(writer->close().error().code == ErrorCode::WrongState);
    CHECK(writer->write(randomPlanes({8, 8}, 1, 1)).error().code == ErrorCode::WrongState);
}

TEST_CASE("a recording without a plane leaves nothing behind") {
    TemporaryFolder folder;
    auto writer = SpikeWriter::create(folder / "a.dat", described({8, 8}));
    REQUIRE(writer);
    CHECK(writer->close().error().code == ErrorCode::Io);
    CHECK(filesIn(folder) == 0);
    CHECK_FALSE(SpikeWriter::create(folder.path() / "absent" / "a.dat", described({8, 8})));
    CHECK_FALSE(SpikeWriter::create(folder / "a.dat", described({0, 8})));
    auto other = SpikeWriter::create(folder / "b.dat", described({8, 8}));
    REQUIRE(other);
    CHECK(other->write(randomPlanes({4, 4}, 1, 1)).error().code == ErrorCode::InvalidArgument);
}

TEST_CASE("a writer that nobody closed closes itself") {
    TemporaryFolder folder;
    {
        auto writer = SpikeWriter::create(folder / "a.dat", described({8, 8}));
        REQUIRE(writer);
        REQUIRE(writer->write(randomPlanes({8, 8}, 3, 1)));
    }
    CHECK(SpikeFile::open(folder / "a.dat")->info().planes == 3);
}

TEST_CASE("C5: when the file may not grow, what was good is kept, and the loss is told") {
    const bool late = GENERATE(true, false);
    TemporaryFolder folder;
    const PlaneShape shape{50, 50};
    const SpikeBlock planes = randomPlanes(shape, 100, 4);
    const pid_t child = ::fork();
    if (child == 0) {
        // A limit on file size stands in for a full disk. The sidecar fits in it.
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{10'000, 10'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        auto writer = SpikeWriter::create(folder / "a.dat", described(shape));
        if (!writer)
            ::_exit(1);
        for (std::uint32_t i = 0; i < 100; i += 10)
            (void)writer->write(part(planes, i, 10));
        if (late)
            ::usleep(static_cast<useconds_t>(300'000 * slowness()));
        const bool refused = !writer->write(part(planes, 100, 0));
        if (late && !refused)
            ::_exit(2);
        const auto closed = writer->close();
        // The error is told once: by a write or by the end.
        ::_exit(closed.has_value() == refused && writer->path() == folder / "a.dat" ? 0 : 3);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
    const auto file = SpikeFile::open(folder / "a.dat");
    REQUIRE(file);
    CHECK_FALSE(file->info().descriptor->closed);
    REQUIRE(file->info().warnings.size() == 1);
    CHECK(file->info().warnings[0].find("was not closed") != std::string::npos);
    CHECK(file->info().planes == 10'000 * 8 / 2500);
    CHECK(isPrefix(*readPlanes(*file), planes));
}

TEST_CASE("an older recording is replaced when the new one is complete, and only then") {
    const TemporaryFolder folder;
    const auto path = folder / "a.dat";
    Descriptor descriptor;
    descriptor.shape = {8, 2};
    const auto record = [&](IfExists ifExists, std::uint32_t planes, bool keep) {
        auto writer = SpikeWriter::create(path, descriptor, ifExists);
        REQUIRE(writer);
        SpikeBlock block({8, 2}, planes);
        block.begin(0, 40000);
        for (std::uint32_t i = 0; i < planes; ++i)
            block.append()[0] = i;
        if (planes > 0)
            REQUIRE(writer->write(block));
        CHECK(writer->path() == folder / "a.dat.part");
        if (keep)
            return writer->close().has_value();
        writer->discard();
        return false;
    };
    REQUIRE(record(IfExists::Refuse, 3, true));
    CHECK_FALSE(record(IfExists::Replace, 5, false));
    CHECK(SpikeFile::open(path)->info().planes == 3);
    CHECK_FALSE(record(IfExists::Replace, 0, true));
    CHECK(SpikeFile::open(path)->info().planes == 3);
    CHECK(record(IfExists::Replace, 5, true));
    CHECK(SpikeFile::open(path)->info().planes == 5);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator(folder.path()))
        ++files;
    CHECK(files == 3);
    // Two at once: the second is told what is in its way.
    auto first = SpikeWriter::create(path, descriptor, IfExists::Replace);
    REQUIRE(first);
    const auto second = SpikeWriter::create(path, descriptor, IfExists::Replace);
    REQUIRE_FALSE(second);
    CHECK(second.error().message.find("fovea info") != std::string::npos);
}

TEST_CASE("a gap that comes in many pieces is one in the sidecar") {
    const TemporaryFolder folder;
    Descriptor descriptor;
    descriptor.shape = {8, 2};
    auto writer = SpikeWriter::create(folder / "a.dat", descriptor);
    REQUIRE(writer);
    SpikeBlock block({8, 2}, 1);
    for (std::uint64_t first = 0; first <= 1000; first += 100) {
        block.begin(first, 40000);
        if (first % 1000 == 0)
            block.append()[0] = 1;
        block.appendGap(100 - block.planeCount(), DropReason::Skipped);
        REQUIRE(writer->write(block));
    }
    REQUIRE(writer->close());
    const auto file = SpikeFile::open(folder / "a.dat");
    REQUIRE(file);
    CHECK(file->info().gaps.size() == 2);
    CHECK(file->info().planes == 1100);
}
