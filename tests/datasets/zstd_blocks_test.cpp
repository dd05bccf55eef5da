// SPDX-License-Identifier: Apache-2.0
// Packed recordings: the same planes, in any order, with or without an index, and what is damaged.
#include "datasets/zstd_blocks.h"

#include "datasets/spike_writer.h"
#include "tests/datasets/recordings.h"

#include <zstd.h>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape shape{40, 31};

// A packed recording of 100 planes in several blocks.
SpikeBlock record(const std::filesystem::path &path) {
    SpikeBlock planes = randomPlanes(shape, 100, 7);
    Descriptor descriptor;
    descriptor.shape = shape;
    descriptor.rateHz = 400;
    auto writer = SpikeWriter::create(path, descriptor, IfExists::Refuse, Packing::Zstd);
    REQUIRE(writer);
    REQUIRE(writer->write(planes));
    CHECK(writer->close().value() == path.native() + ".zst");
    return planes;
}

// What zstd itself makes of the file.
Bytes unpacked(const Bytes &packed) {
    const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream *)> stream(
        ZSTD_createDStream(), ZSTD_freeDStream);
    Bytes out(1 << 20);
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    ZSTD_inBuffer from{packed.data(), packed.size(), 0};
    while (from.pos < from.size)
        REQUIRE(ZSTD_isError(ZSTD_decompressStream(stream.get(), &to, &from)) == 0);
    out.resize(to.pos);
    return out;
}

}  // namespace

TEST_CASE("a packed recording is what zstd makes a plain one of") {
    const TemporaryFolder folder;
    const SpikeBlock planes = record(folder / "a.dat");
    const auto path = folder / "a.dat.zst";
    CHECK(unpacked(readBytes(path)) == rawBytes(planes, true));
    for (const bool indexed : {true, false}) {
        if (!indexed)
            std::filesystem::remove(indexPath(path));
        const auto file = SpikeFile::open(path);
        REQUIRE(file);
        CHECK(file->info().warnings.empty());
        CHECK(file->info().format == FileFormat::Zstd);
        CHECK(file->info().planes == 100);
        CHECK(isPrefix(*readPlanes(*file), planes));
        std::vector<std::uint64_t> words(shape.wordStride());
        for (const std::uint64_t plane : {99U, 3U, 50U, 49U}) {
            REQUIRE(file->readPlane(plane, words).value());
            CHECK(std::memcmp(words.data(), planes.plane(static_cast<std::uint32_t>(plane)),
                              words.size() * 8) == 0);
        }
    }
}

TEST_CASE("a damaged block costs its own planes only") {
    const TemporaryFolder folder;
    const SpikeBlock planes = record(folder / "a.dat");
    const auto path = folder / "a.dat.zst";
    const auto handle = FileHandle::open(path);
    const auto found = findZstdBlocks(*handle, {shape, 0, true});
    REQUIRE(found);
    CHECK(found->indexed);
    REQUIRE(found->blocks.size() > 5);
    const BlockRecord hit = found->blocks[2];
    const Bytes good = readBytes(path);
    const Bytes index = readBytes(indexPath(path));
    for (const std::uint64_t at : {hit.offset + hit.bytes / 2, hit.offset - 30})
        for (const bool indexed : {true, false}) {
            Bytes bytes = good;
            bytes[at] ^= 4;
            writeBytes(path, bytes);
            writeBytes(indexPath(path), index);
            if (!indexed)
                std::filesystem::remove(indexPath(path));
            const auto file = SpikeFile::open(path);
            REQUIRE(file);
            const auto read = readPlanes(*file);
            REQUIRE(read);
            // Its front is only needed without the index.
            const bool lost = at >= hit.offset || !indexed;
            CHECK(read->planeCount() == 100 - (lost ? hit.planes : 0));
            for (std::uint32_t i = 0; i < read->planeCount(); ++i)
                REQUIRE(
                    samePlane(*read, i, planes, static_cast<std::uint32_t>(read->planeNumber(i))));
        }
}

TEST_CASE("an index of something else changes nothing") {
    const TemporaryFolder folder;
    const SpikeBlock planes = record(folder / "a.dat");
    const auto path = folder / "a.dat.zst";
    const Bytes index = readBytes(indexPath(path));
    Bytes other = index;
    for (const auto &wrong : {Bytes{}, Bytes(200, 7), Bytes(index.begin(), index.end() - 60), [&] {
                                  other[40] ^= 1;
                                  return other;
                              }()}) {
        writeBytes(indexPath(path), wrong);
        const auto file = SpikeFile::open(path);
        REQUIRE(file);
        CHECK(isPrefix(*readPlanes(*file), planes));
        CHECK(file->info().planes == 100);
    }
}

TEST_CASE("marks without blocks, and blocks longer than anybody writes, are passed over") {
    const TemporaryFolder folder;
    const SpikeBlock planes = record(folder / "a.dat");
    const Bytes good = readBytes(folder / "a.dat.zst");
    const Bytes mark{0x50, 0x2A, 0x4D, 0x18, 0x30, 0x00, 0x00, 0x00};
    // A right front whose block would take 400 MB.
    BlockRecord claim;
    claim.planes = 400'000'000 / 155 / 8 * 8;
    claim.bytes = 100;
    claim.offset = mark.size() + BlockRecord::encodedBytes;
    claim.rawBytes = claim.planes / 8 * 1240;
    Bytes bytes = mark;
    const auto said = encode(claim);
    bytes.insert(bytes.end(), said.begin(), said.end());
    bytes.resize(bytes.size() + claim.bytes);
    for (int i = 0; i < 1 << 19; ++i)
        bytes.insert(bytes.end(), mark.begin(), mark.end());
    writeBytes(folder / "marks.dat.zst", bytes);
    const auto begin = std::chrono::steady_clock::now();
    const auto file = SpikeFile::open(folder / "marks.dat.zst", withShape(40, 31));
    REQUIRE_FALSE(file);
    CHECK(file.error().code == ErrorCode::BadFile);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    WARN("half a million marks without a block: " << spent.count() * 1e3 << " ms");
    CHECK(spent.count() < 20 * slowness());  // a read for each would take minutes
    // In place of the first block they cost that block.
    const auto handle = FileHandle::open(folder / "a.dat.zst");
    const BlockRecord first = findZstdBlocks(*handle, {shape, 0, true})->blocks.front();
    std::filesystem::remove(indexPath(folder / "a.dat.zst"));
    bytes = good;
    for (std::uint64_t at = 0; at < first.endOffset(); ++at)
        bytes[at] = mark[at % mark.size()];
    writeBytes(folder / "a.dat.zst", bytes);
    const auto rest = SpikeFile::open(folder / "a.dat.zst");
    REQUIRE(rest);
    CHECK(readPlanes(*rest)->planeCount() == planes.planeCount() - first.planes);
}

TEST_CASE("no more planes can be missing before a block than had room in the file") {
    const TemporaryFolder folder;
    const auto path = folder / "a.dat.zst";
    constexpr PlaneShape dot{1, 1};
    constexpr std::uint64_t most = BlockRecord::usualBytes * 8 + 8;  // planes of a block
    constexpr std::size_t hole = 3 * 57;                             // the least that 3 blocks take
    const Bytes raw(1, 0xA5);
    const auto planesOf = [&](std::uint64_t sequence, std::uint64_t firstPlane, bool indexed) {
        BlockRecord record;
        record.sequence = sequence;
        record.firstPlane = firstPlane;
        record.planes = 8;
        BlockPacker packer;
        Bytes bytes(hole);
        const auto packed = packer.pack(raw, record, hole);
        REQUIRE(packed);
        bytes.insert(bytes.end(), packed->begin(), packed->end());
        writeBytes(path, bytes);
        std::filesystem::remove(indexPath(path));
        if (indexed)
            REQUIRE(IndexWriter::create(indexPath(path), dot).value().add(record));
        SpikeFileOptions options = withShape(1, 1);
        options.format = FileFormat::Zstd;
        const auto file = SpikeFile::open(path, options);
        if (!file)
            return std::uint64_t{0};
        // The hole is one gap, however many planes were in it.
        SpikeBlock block(dot, 16);
        REQUIRE(file->read(0, file->info().planes, block));
        CHECK(block.endPlane() == firstPlane + 8);
        CHECK(block.planeCount() == 8);
        CHECK(block.gaps().size() == 1);
        return file->info().planes;
    };
    CHECK(planesOf(3, 3 * most, false) == 3 * most + 8);
    CHECK(planesOf(3, 3, false) == 3 + 8);
    for (const bool indexed : {false, true}) {
        CHECK(planesOf(3, 3 * most + 1, indexed) == 0);
        CHECK(planesOf(4, 3 * most, indexed) == 0);
        CHECK(planesOf(0, 1, indexed) == 0);
        CHECK(planesOf(0, std::uint64_t{1} << 59, indexed) == 0);
        CHECK(planesOf(std::uint64_t{1} << 59, std::uint64_t{1} << 59, indexed) == 0);
    }
}

TEST_CASE("frames of another program are named") {
    const TemporaryFolder folder;
    const Bytes raw = rawBytes(randomPlanes(shape, 10, 1), true);
    Bytes packed(ZSTD_compressBound(raw.size()));
    packed.resize(ZSTD_compress(packed.data(), packed.size(), raw.data(), raw.size(), 1));
    writeBytes(folder / "a.dat.zst", packed);
    const auto file = SpikeFile::open(folder / "a.dat.zst", withShape(40, 31));
    REQUIRE_FALSE(file);
    CHECK(file.error().message.find("zstd -d") != std::string::npos);
}
