// SPDX-License-Identifier: Apache-2.0
// Wire dumps: the golden one, and dumps with lost, shifted, damaged and deceiving bytes.
#include "datasets/wire_planes.h"

#include "tests/datasets/recordings.h"
#include "tests/support/golden.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape card{1000, 6};
constexpr std::size_t cardFrameBytes = 6 * 128;

class Dump {
public:
    explicit Dump(Bytes bytes) { writeBytes(path(), bytes); }
    [[nodiscard]] std::filesystem::path path() const { return folder_ / "a.bin"; }
    [[nodiscard]] Result<SpikeFile> open() const {
        return SpikeFile::open(path(), withShape(1000, 6, FileFormat::M1k40));
    }

private:
    TemporaryFolder folder_;
};

void erase(Bytes &bytes, std::size_t at, std::size_t count) {
    REQUIRE(at + count <= bytes.size());
    Bytes kept;
    kept.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (i < at || i >= at + count)
            kept.push_back(bytes[i]);
    bytes = std::move(kept);
}

void insert(Bytes &bytes, std::size_t at, const Bytes &more) {
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
}

// Reads all; every stored plane must be plane `numbers[i]` of `planes`.
void checkPlanes(const SpikeFile &file, const SpikeBlock &planes,
                 const std::vector<std::uint32_t> &numbers) {
    const auto read = readPlanes(file);
    REQUIRE(read);
    REQUIRE(read->planeCount() == numbers.size());
    for (std::uint32_t i = 0; i < numbers.size(); ++i) {
        CHECK(read->planeNumber(i) == numbers[i]);
        CHECK(samePlane(*read, i, planes, numbers[i]));
    }
}

}  // namespace

TEST_CASE("wire dumps decode as the camera's own library decodes them", "[golden]") {
    if (!goldenFolder()) {
        WARN("golden folder is absent: skipped");
        return;
    }
    const auto cases = goldenCases(
        {"findFrameStartCode / SpikeLinkDummy + column removal 500..511 and 1012..1023"});
    REQUIRE_FALSE(cases.empty());
    for (const GoldenCase &one : cases) {
        CAPTURE(one.id);
        const auto file = SpikeFile::open(one.input);
        REQUIRE(file);
        CHECK(file->info().format == FileFormat::M1k40);
        CHECK_FALSE(file->info().flip);
        const std::size_t planeBytes = file->info().shape.bytes();
        const auto read = readPlanes(*file);
        REQUIRE(read);
        REQUIRE(read->planeCount() == one.json.at("params").at("frames").get<std::uint32_t>());
        CHECK(read->gaps().empty());
        Bytes bytes;
        for (std::uint32_t i = 0; i < read->planeCount(); ++i) {
            const auto *plane = reinterpret_cast<const unsigned char *>(read->plane(i));
            bytes.insert(bytes.end(), plane, plane + planeBytes);
        }
        CHECK(sha256(bytes.data(), bytes.size()) == one.json.at("sha256_raw").get<std::string>());
        if (!one.file.empty())
            CHECK(readNpy(one.file).bytes == bytes);
    }
    WARN(cases.size() << " golden wire-dump cases ran");
}

TEST_CASE("a dump may begin and end anywhere") {
    const SpikeBlock planes = randomPlanes(card, 6, 1);
    const Bytes all = wireBytes(planes);
    for (const std::size_t cut : {0U, 1U, 32U, 64U, 96U, 700U, 766U}) {
        CAPTURE(cut);
        Bytes head = all;
        erase(head, 0, cut);
        const Dump begun(head);
        const auto file = begun.open();
        REQUIRE(file);
        CHECK(file->info().planes == (cut == 0 ? 6 : 5));
        CHECK(file->info().warnings.size() == (cut == 0 ? 0 : 1));
        CHECK(samePlane(*readPlanes(*file), 0, planes, cut == 0 ? 0 : 1));

        Bytes tail = all;
        tail.resize(all.size() - cut);
        const Dump ended(tail);
        const auto other = ended.open();
        REQUIRE(other);
        CHECK(other->info().planes == (cut == 0 ? 6 : 5));
        CHECK(isPrefix(*readPlanes(*other), planes));
    }
}

TEST_CASE("a stream that is not aligned to its blocks is found") {
    const SpikeBlock planes = randomPlanes(card, 3, 2);
    for (const std::size_t shift : {32U, 31U, 480U}) {
        Bytes bytes = wireBytes(planes);
        insert(bytes, 0, Bytes(shift, 0xA5));
        // Without the block before it the first frame start cannot be told from pixels.
        const Dump dump(bytes);
        const auto file = dump.open();
        REQUIRE(file);
        CHECK(file->info().planes == 2);
        CHECK(samePlane(*readPlanes(*file), 0, planes, 1));
    }
}

TEST_CASE("lost bytes cost the frames they belong to and nothing else") {
    const SpikeBlock planes = randomPlanes(card, 8, 3);
    const auto lose = [&](std::size_t at, std::size_t count) {
        Bytes bytes = wireBytes(planes);
        erase(bytes, at, count);
        return bytes;
    };
    SECTION("one block") {
        for (const std::size_t block : {1U, 5U, 11U}) {
            const Dump dump(lose(2 * cardFrameBytes + block * 64, 64));
            const auto file = dump.open();
            REQUIRE(file);
            CHECK(file->info().planes == 8);
            // Without its last block (11) frame 2 runs into frame 3, whose start is then unproven.
            CHECK(file->info().storedPlanes >= 6);
            const auto read = readPlanes(*file);
            REQUIRE(read);
            for (std::uint32_t i = 0; i < read->planeCount(); ++i)
                CHECK(
                    samePlane(*read, i, planes, static_cast<std::uint32_t>(read->planeNumber(i))));
            CHECK(file->info().warnings.size() == 1);
        }
    }
    SECTION("one byte") {
        const Dump dump(lose(2 * cardFrameBytes + 100, 1));
        const auto file = dump.open();
        REQUIRE(file);
        checkPlanes(*file, planes, {0, 1, 3, 4, 5, 6, 7});
        CHECK(file->info().gaps == std::vector<RecordingGap>{{2, 1, DropReason::Link}});
    }
    SECTION("more than a frame") {
        const Dump dump(lose(2 * cardFrameBytes + 128, cardFrameBytes + 256));
        const auto file = dump.open();
        REQUIRE(file);
        // Frames have no numbers: what is missing beyond the broken frame cannot be seen.
        CHECK(file->info().gaps == std::vector<RecordingGap>{{2, 1, DropReason::Link}});
        const auto read = readPlanes(*file);
        REQUIRE(read);
        REQUIRE(read->planeCount() == 6);
        for (std::uint32_t i = 0; i < 6; ++i)
            CHECK(samePlane(*read, i, planes, i < 2 ? i : i + 2));
    }
    SECTION("within two frames") {
        const Dump dump(lose(2 * cardFrameBytes + 400, cardFrameBytes - 300));
        const auto file = dump.open();
        REQUIRE(file);
        checkPlanes(*file, planes, {0, 1, 4, 5, 6, 7});
    }
    SECTION("twice") {
        Bytes bytes = lose(5 * cardFrameBytes + 128, 64);
        erase(bytes, cardFrameBytes + 192, 128);
        const Dump dump(bytes);
        const auto file = dump.open();
        REQUIRE(file);
        checkPlanes(*file, planes, {0, 2, 3, 4, 6, 7});
    }
}

TEST_CASE("pixels that look like a frame start do not deceive") {
    SpikeBlock planes = randomPlanes(card, 5, 4);
    Bytes bytes = wireBytes(planes);
    // A pair of blocks with the ids of a start in the middle of frame 0 and of frame 2, the first
    // of them before the true first start that the reader can see.
    const auto fake = [&](std::size_t at) {
        setWireId(&bytes[at - 64], 3, 3);
        setWireId(&bytes[at], 0, 3);
    };
    fake(6 * 64);
    fake(2 * cardFrameBytes + 4 * 64);
    erase(bytes, 0, 128);
    const Dump dump(bytes);
    const auto file = dump.open();
    REQUIRE(file);
    const auto read = readPlanes(*file);
    REQUIRE(read);
    REQUIRE(read->planeCount() == 4);
    CHECK(read->gaps().empty());
    for (std::uint32_t i = 0; i < 4; ++i)
        CHECK(samePlane(*read, i, planes, i + 1));
}

TEST_CASE("a damaged frame start makes the frames beside it lost") {
    const SpikeBlock planes = randomPlanes(card, 7, 5);
    Bytes bytes = wireBytes(planes);
    bytes[3 * cardFrameBytes + 63] ^= 0x10;
    const Dump dump(bytes);
    const auto file = dump.open();
    REQUIRE(file);
    checkPlanes(*file, planes, {0, 1, 4, 5, 6});
}

TEST_CASE("a frame that changed after opening is a lost plane") {
    const SpikeBlock planes = randomPlanes(card, 4, 6);
    Bytes bytes = wireBytes(planes);
    const Dump dump(bytes);
    const auto file = dump.open();
    REQUIRE(file);
    bytes[2 * cardFrameBytes + 63] ^= 0x40;
    writeBytes(dump.path(), bytes);
    checkPlanes(*file, planes, {0, 1, 3});
    std::vector<std::uint64_t> words(card.wordStride());
    CHECK(*file->readPlane(2, words) == false);
    CHECK(*file->readPlane(3, words) == true);
}

TEST_CASE("long dumps are checked at some places and found to be whole") {
    const PlaneShape least{1000, 2};
    const SpikeBlock one = randomPlanes(least, 1, 7);
    const Bytes frame = wireBytes(one);
    Bytes bytes;
    constexpr std::size_t frames = 200'000;
    bytes.reserve(frames * frame.size());
    for (std::size_t i = 0; i < frames; ++i)
        bytes.insert(bytes.end(), frame.begin(), frame.end());
    erase(bytes, 150'001 * frame.size() + 70, 10);
    TemporaryFolder folder;
    writeBytes(folder / "a.bin", bytes);
    const auto file = SpikeFile::open(folder / "a.bin", withShape(1000, 2, FileFormat::M1k40));
    REQUIRE(file);
    CHECK(file->info().planes == frames);
    CHECK(file->info().gaps == std::vector<RecordingGap>{{150'001, 1, DropReason::Link}});
}

TEST_CASE("a dump without frames, or of zeros, is refused") {
    CHECK_FALSE(Dump(Bytes(100'000)).open());
    CHECK_FALSE(Dump(Bytes(63)).open());
    CHECK_FALSE(Dump(Bytes(100'000, 0xFF)).open());
    // Every second byte could be a start: the reader gives up instead of trying them all.
    Bytes evil;
    for (std::size_t i = 0; i < 400'000; ++i)
        evil.push_back(i % 2 == 0 ? 0x30 : i / 64 % 5 == 0 ? 0xC0 : i / 64 % 5 == 1 ? 0x00 : 0x55);
    CHECK_FALSE(Dump(evil).open());
}
