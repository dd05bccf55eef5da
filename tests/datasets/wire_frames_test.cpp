// SPDX-License-Identifier: Apache-2.0
// The wire decoder on bytes in pieces of any size, and that a dump is read by the same rules.
#include "datasets/wire_frames.h"

#include "tests/datasets/recordings.h"
#include "tests/fakes/wire_stream.h"
#include "tests/support/golden.h"

#include <iostream>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr WireLayout layout{6};
constexpr std::size_t frameBytes = 768;

/// What a decoder gave: the numbers of its planes, and that each has its bytes.
struct Decoded {
    std::vector<std::uint64_t> numbers;
    std::vector<std::vector<std::uint8_t>> frames;
    WireFrameCounts counts;
};

Decoded decode(const Bytes &bytes, std::size_t piece, bool atStart = true, WireLayout of = layout) {
    WireFrameParser parser(of, atStart);
    Decoded decoded;
    const auto take = [&] {
        while (const auto frame = parser.next()) {
            decoded.numbers.push_back(frame->number);
            decoded.frames.emplace_back(frame->bytes, frame->bytes + of.frameBytes());
        }
    };
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        parser.feed({bytes.data() + at, std::min(piece, bytes.size() - at)});
        take();
    }
    parser.cut(0);
    take();
    decoded.counts = parser.counts();
    return decoded;
}

Bytes streamed(WireStream stream, std::size_t bytes) {
    Bytes all(bytes);
    stream.read(all);
    return all;
}

/// The same bytes as a dump, through the file reader: it must give the same planes.
void checkDump(const Bytes &bytes, const Decoded &decoded) {
    const TemporaryFolder folder;
    writeBytes(folder / "a.bin", bytes);
    const auto file = SpikeFile::open(folder / "a.bin", withShape(1000, 6, FileFormat::M1k40));
    REQUIRE(file);
    const auto read = readPlanes(*file);
    REQUIRE(read);
    REQUIRE(read->planeCount() == decoded.numbers.size());
    std::vector<std::uint64_t> words(layout.shape().wordStride());
    for (std::uint32_t i = 0; i < read->planeCount(); ++i) {
        CHECK(read->planeNumber(i) == decoded.numbers[i]);
        layout.unpack(decoded.frames[i].data(), false, words.data());
        CHECK(std::equal(words.begin(), words.end(), read->plane(i)));
    }
}

}  // namespace

TEST_CASE("wire dumps that are damaged decode to what the script says", "[wire]") {
    struct Script {
        const char *name;
        std::size_t lead, tail;  // bytes before frame 0, bytes missing at the end
        WireFault fault;         // of frame 7
        std::vector<std::uint64_t> lost;
        std::uint64_t syncs;
    };
    for (const Script &script :
         {Script{"whole", 0, 0, {}, {}, 0}, Script{"misaligned by 32 bytes", 32, 0, {}, {0}, 0},
          Script{"a lost block", 0, 0, {.loseAt = 256, .loseBytes = 64}, {7}, 1},
          Script{"a frame's last block lost", 0, 0, {704, 64, false}, {7, 8}, 1},
          Script{"a frame's first block lost", 0, 0, {.loseAt = 0, .loseBytes = 64}, {6, 7}, 1},
          Script{"half a block lost", 0, 0, {.loseAt = 100, .loseBytes = 32}, {7}, 1},
          Script{"a decoy start", 0, 0, {.decoy = true}, {}, 0},
          Script{"a decoy start where sync is lost",
                 0,
                 0,
                 {.loseAt = 64, .loseBytes = 64, .decoy = true},
                 {7},
                 1},
          Script{"a cut tail", 0, 70, {}, {19}, 0}}) {
        CAPTURE(script.name);
        WireStream stream(layout);
        stream.setLead(script.lead);
        stream.setFault(7, script.fault);
        const Bytes bytes =
            streamed(stream, script.lead + 20 * frameBytes - script.fault.loseBytes - script.tail);
        std::vector<std::uint64_t> wanted;
        for (std::uint64_t i = 0; i < 20; ++i)
            if (std::find(script.lost.begin(), script.lost.end(), i) == script.lost.end())
                wanted.push_back(i);
        for (const std::size_t piece : {1U, 63U, 64U, 1000U, 100'000U}) {
            const Decoded decoded = decode(bytes, piece);
            REQUIRE(decoded.numbers.size() == wanted.size());
            const std::uint64_t shift = script.lead > 0 ? 1 : 0;
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                CHECK(decoded.numbers[i] == wanted[i] - shift);
                CHECK(decoded.frames[i] == stream.frame(wanted[i]));
            }
            CHECK(decoded.counts.lostSyncs == script.syncs);
            CHECK(decoded.counts.frames * frameBytes + decoded.counts.skippedBytes == bytes.size());
            if (piece != 1000)
                continue;
            std::cout << "wire: " << script.name << ": " << decoded.counts.frames
                      << " of 20 frames, " << decoded.counts.lostOnLink << " lost, sync lost "
                      << decoded.counts.lostSyncs << " times, false starts "
                      << decoded.counts.falseStarts << ", " << decoded.counts.skippedBytes
                      << " bytes of no frame\n";
            checkDump(bytes, decoded);
        }
    }
}

TEST_CASE("bytes too many cost the frame that they are in, and not one more", "[wire]") {
    const WireStream stream(layout);
    const Bytes clean = streamed(stream, 20 * frameBytes);
    for (const std::size_t at : {7 * frameBytes + 100, 7 * frameBytes + 640, 8 * frameBytes})
        for (const std::size_t count : {1U, 64U}) {
            CAPTURE(at, count);
            Bytes bytes = clean;
            bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), count, 0xA5);
            const Decoded decoded = decode(bytes, 1000);
            // Between two frames they part the start pair, which is in both.
            const std::uint64_t lost = at == 8 * frameBytes ? 2 : 1;
            CHECK(decoded.counts.lostOnLink == lost);
            REQUIRE(decoded.numbers.size() == 20 - lost);
            for (std::size_t i = 0; i < decoded.numbers.size(); ++i) {
                CHECK(decoded.numbers[i] == i + (i < 7 ? 0 : lost));
                CHECK(decoded.frames[i] == stream.frame(decoded.numbers[i]));
            }
            checkDump(bytes, decoded);
        }
}

TEST_CASE("bytes that this computer let go are its own loss, exactly", "[wire]") {
    WireStream stream(layout);
    const Bytes bytes = streamed(stream, 40 * frameBytes);
    for (const std::size_t hole : {64U, 768U, 1000U, 5000U}) {
        for (const std::size_t at : {0U, 1U, 10U, 700U, 767U}) {
            CAPTURE(hole, at);
            const std::size_t begin = 10 * frameBytes + at;
            WireFrameParser parser(layout);
            std::uint64_t given = 0;
            std::uint64_t last = 0;
            const auto take = [&] {
                while (const auto frame = parser.next()) {
                    CHECK(std::equal(frame->bytes, frame->bytes + frameBytes,
                                     stream.frame(frame->number).begin()));
                    last = frame->number;
                    ++given;
                }
            };
            parser.feed({bytes.data(), begin});
            take();
            parser.cut(hole);
            take();
            parser.feed({bytes.data() + begin + hole, bytes.size() - begin - hole});
            take();
            parser.cut(0);
            take();
            CHECK(last == 39);
            CHECK(parser.counts().lostOnLink == 0);
            CHECK(given + parser.counts().lostOnHost == 40);
            CHECK(parser.counts().lostOnHost <= (at + hole + frameBytes - 1) / frameBytes + 1);
        }
    }
    // A loss on the link in the same hole is one plane of its own.
    WireFrameParser parser(layout);
    const auto count = [&] {
        std::uint64_t frames = 0;
        while (parser.next())
            ++frames;
        return frames;
    };
    parser.feed({bytes.data(), 3 * frameBytes + 200});
    CHECK(count() == 3);
    parser.cut(frameBytes);
    CHECK(count() == 0);
    parser.feed({bytes.data() + 4 * frameBytes + 264, bytes.size() - 4 * frameBytes - 264});
    CHECK(count() == 34);
    parser.cut(0);
    CHECK(count() == 1);
    CHECK(parser.counts().lostOnLink == 1);
    CHECK(parser.counts().lostOnHost == 1);
}

TEST_CASE("random faults: no wrong frame, nothing unaccounted for", "[wire]") {
    std::uint64_t given = 0;
    std::uint64_t lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        Random random(seed);
        WireStream stream(layout);
        for (std::uint64_t frame = 2; frame < 55; frame += 2 + random.below(6))
            stream.setFault(frame, {.loseAt = random.below(frameBytes),
                                    .loseBytes = random.below(700),
                                    .decoy = random.below(2) == 0});
        const Bytes bytes = streamed(stream, 60 * frameBytes);
        const Decoded decoded = decode(bytes, 1 + random.below(2000));
        const auto whole = stream.whole(0, 60);
        REQUIRE(decoded.frames.size() >= whole.size());
        std::size_t match = 0;
        for (const auto &frame : decoded.frames)
            if (match < whole.size() && frame == stream.frame(whole[match]))
                ++match;
        CHECK(match == whole.size());
        // Frames have no numbers: what is lost twice as long as it shows may be one too few.
        CHECK(decoded.numbers.back() + 1 == decoded.counts.frames + decoded.counts.lostOnLink);
        given += decoded.counts.frames;
        lost += decoded.counts.lostOnLink;
    }
    std::cout << "A1: 100 random wire streams: " << given << " planes given, " << lost
              << " lost, 0 unaccounted for\n";
}

TEST_CASE("the golden wire dump decodes the same in pieces as at once", "[golden]") {
    if (!goldenFolder()) {
        WARN("golden folder is absent: skipped");
        return;
    }
    const auto file = *goldenFolder() / "spike" / "input" / "wire_m1k40_a.bin";
    if (!std::filesystem::exists(file)) {
        WARN("no golden wire dump: skipped");
        return;
    }
    const Bytes bytes = readBytes(file);
    const Decoded decoded = decode(bytes, 1 << 20, true, WireLayout{});
    const auto dump = SpikeFile::open(file);
    REQUIRE(dump);
    std::cout << "wire_m1k40_a.bin: " << decoded.counts.frames << " frames, "
              << decoded.counts.lostOnLink << " lost, " << decoded.counts.skippedBytes
              << " bytes of no frame\n";
    CHECK(decoded.counts.frames == dump->info().storedPlanes);
    CHECK(decoded.counts.frames * WireLayout{}.frameBytes() + decoded.counts.skippedBytes ==
          bytes.size());
    CHECK(decode(bytes, 50'000, true, WireLayout{}).frames == decoded.frames);
}
