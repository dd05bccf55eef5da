// SPDX-License-Identifier: Apache-2.0
// Frames in the USB stream: any pieces, faults of every kind counted exactly, decoys, wrap, cuts.
#include "datasets/usb_frames.h"

#include "engine/core/random.h"
#include "tests/fakes/usb_frame_stream.h"

#include <catch2/catch.hpp>

#include <cstring>
#include <functional>
#include <iostream>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape small{40, 10};  // 50 bytes: a frame is no multiple of 4

struct Parsed {
    UsbFrameParser parser;
    std::vector<std::uint64_t> numbers;
    std::vector<std::uint32_t> counters;
    std::vector<std::vector<std::uint8_t>> payloads;
    std::vector<UsbFrame> holes;

    explicit Parsed(PlaneShape shape) : parser(shape), payload_(shape.bytes()) {}
    void drain() {
        while (const auto frame = parser.next()) {
            numbers.push_back(frame->number);
            counters.push_back(frame->counter);
            payloads.emplace_back(frame->bytes, frame->bytes + payload_);
            if (frame->lostOnLink + frame->lostOnHost > 0 || frame->restarted)
                holes.push_back(*frame);
        }
    }
    void feed(std::span<const std::uint8_t> bytes) {
        parser.feed(bytes);
        drain();
        fed += bytes.size();
    }
    void cut(std::uint64_t bytes) {
        parser.cut(bytes);
        drain();
    }
    void checkSums() const {
        const UsbFrameCounts &counts = parser.counts();
        REQUIRE(counts.frames == numbers.size());
        REQUIRE(numbers.empty() == (counts.frames == 0));
        if (!numbers.empty())
            REQUIRE(numbers.back() - numbers.front() + 1 ==
                    counts.frames + counts.lostOnLink + counts.lostOnHost + counts.damaged);
        REQUIRE(fed == (counts.frames + counts.repeated + counts.late) * parser.frameBytes() +
                           counts.skippedBytes);
    }

    std::size_t fed = 0;

private:
    std::size_t payload_;
};

std::vector<std::uint8_t> bytesOf(UsbFrameStream &stream, std::size_t bytes) {
    std::vector<std::uint8_t> all(bytes);
    stream.read(all);
    return all;
}

// Whole frames of a stream with one fault in the middle, in pieces of 37 bytes.
Parsed parseWith(const std::map<std::uint64_t, FrameFault> &faults, std::size_t frames,
                 std::uint32_t firstCounter = 0) {
    UsbFrameStream stream(small, firstCounter);
    for (const auto &[frame, fault] : faults)
        stream.setFault(frame, fault);
    Parsed parsed(small);
    std::vector<std::uint8_t> bytes = bytesOf(stream, frames * UsbFrameHeader::frameBytes(small));
    for (std::size_t at = 0; at < bytes.size(); at += 37)
        parsed.feed(std::span(bytes).subspan(at, std::min<std::size_t>(37, bytes.size() - at)));
    parsed.cut(0);
    parsed.checkSums();
    return parsed;
}

}  // namespace

TEST_CASE("the header is what the vendor's library looks for", "[datasets]") {
    std::array<std::uint8_t, 16> bytes{};
    UsbFrameHeader{0x04030201}.write(bytes.data());
    const std::array<std::uint8_t, 16> wanted{0x00, 0x63, 0x60, 0x63, 0, 0, 0, 0,
                                              0,    0,    0,    0,    1, 2, 3, 4};
    REQUIRE(bytes == wanted);
    REQUIRE(UsbFrameHeader::read(bytes.data())->counter == 0x04030201);
    bytes[3] = 0;
    REQUIRE_FALSE(UsbFrameHeader::read(bytes.data()));
    REQUIRE(UsbFrameHeader::frameBytes({400, 250}) == 12516);
}

TEST_CASE("frames come out whole and in order however the bytes are cut", "[datasets]") {
    const PlaneShape shape = GENERATE(PlaneShape{40, 10}, PlaneShape{1, 1}, PlaneShape{33, 7});
    const std::size_t piece = GENERATE(1U, 3U, 16U, 64U, 67U, 1024U, 100000U);
    UsbFrameStream stream(shape, 77);
    const std::size_t frame = UsbFrameHeader::frameBytes(shape);
    const std::vector<std::uint8_t> bytes = bytesOf(stream, frame * 200);
    Parsed parsed(shape);
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        parsed.feed(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    REQUIRE(parsed.numbers.size() == 199);  // whether the last one is whole is not known yet
    parsed.cut(0);
    REQUIRE(parsed.numbers.size() == 200);
    for (std::size_t i = 0; i < 200; ++i) {
        REQUIRE(parsed.numbers[i] == i);
        REQUIRE(parsed.counters[i] == 77 + i);
        REQUIRE(std::ranges::equal(parsed.payloads[i], stream.payload(i)));
    }
    parsed.checkSums();
    REQUIRE(parsed.parser.counts().skippedBytes == 0);
}

TEST_CASE("it locks wherever it comes in", "[datasets]") {
    UsbFrameStream stream(small);
    const std::vector<std::uint8_t> bytes = bytesOf(stream, 66 * 8);
    for (std::size_t begin = 0; begin < 67; ++begin) {
        Parsed parsed(small);
        parsed.feed(std::span(bytes).subspan(begin));
        parsed.cut(0);
        REQUIRE(parsed.numbers.front() == 0);
        REQUIRE(parsed.counters.front() == (begin + 65) / 66);
        REQUIRE(parsed.counters.back() == 7);
        REQUIRE(parsed.parser.counts().lostOnLink == 0);
    }
}

TEST_CASE("A2: planes that the device loses are a hole of exactly that length at that place",
          "[datasets]") {
    for (const std::uint32_t lost : {1U, 7U, 1000U, 70000U}) {
        const Parsed parsed = parseWith({{20, {.lose = lost}}}, 60, 0xFFFFFFF0U);
        REQUIRE(parsed.holes.size() == 1);
        REQUIRE(parsed.holes[0].number == 20 + lost);
        REQUIRE(parsed.holes[0].lostOnLink == lost);
        REQUIRE(parsed.holes[0].lostOnHost == 0);
        REQUIRE(parsed.parser.counts().lostOnLink == lost);
        REQUIRE(parsed.parser.counts().frames == 60);
        std::cout << "A2: injected " << lost << " lost, gap found before plane "
                  << parsed.holes[0].number << " of " << parsed.holes[0].lostOnLink << "\n";
    }
}

TEST_CASE("the counter wraps", "[datasets]") {
    const Parsed parsed = parseWith({}, 40, 0xFFFFFFEBU);
    REQUIRE(parsed.holes.empty());
    REQUIRE(parsed.numbers.back() == 39);
    REQUIRE(parsed.counters.back() == 18);
}

TEST_CASE("B4: repeated, late, damaged and short frames: each counted, back within a frame",
          "[datasets]") {
    struct Row {
        const char *name;
        FrameFault fault;
        std::uint64_t repeated, late, damaged, lost;
    };
    const std::vector<Row> table = {
        {"repeated", {.repeats = 3}, 3, 0, 0, 0},
        {"wrong magic", {.badSync = true}, 0, 0, 2, 0},  // the one before has no proof of its end
        {"lacks a byte", {.cutBytes = 1}, 0, 0, 0, 1},   // less than a frame came
        {"lacks 30 bytes", {.cutBytes = 30}, 0, 0, 0, 1},
        {"counter far ahead", {.counterXor = 1U << 20U}, 0, 0, 1, 0},
        {"counter beyond reason", {.counterXor = 1U << 31U}, 0, 0, 1, 0},
        {"counter a little behind", {.counterXor = 16}, 0, 1, 0, 1},
    };
    for (const Row &row : table) {
        const Parsed parsed = parseWith({{48, row.fault}}, 100);
        const UsbFrameCounts &counts = parsed.parser.counts();
        std::cout << "B4: " << row.name << ": repeated " << counts.repeated << ", late "
                  << counts.late << ", damaged " << counts.damaged << ", lost " << counts.lostOnLink
                  << ", searched " << counts.resyncs << " times\n";
        INFO(row.name);
        REQUIRE(counts.repeated == row.repeated);
        REQUIRE(counts.late == row.late);
        REQUIRE(counts.damaged == row.damaged);
        REQUIRE(counts.lostOnLink == row.lost);
        REQUIRE(counts.lostOnHost == 0);
        // Every frame that came out is the one that its counter says.
        UsbFrameStream truth(small);
        for (std::size_t i = 0; i < parsed.numbers.size(); ++i) {
            REQUIRE(parsed.numbers[i] == parsed.counters[i]);
            REQUIRE(std::ranges::equal(parsed.payloads[i], truth.payload(parsed.numbers[i])));
        }
        REQUIRE(std::ranges::count(parsed.numbers, 50U) == 1);
        REQUIRE(std::ranges::count(parsed.numbers, 46U) == 1);
    }
}

TEST_CASE("bytes that the host drops are lost on the host, the device's losses stay its own",
          "[datasets]") {
    const std::size_t frame = UsbFrameHeader::frameBytes(small);
    const std::uint32_t deviceLost = GENERATE(0U, 5U);
    for (const std::size_t dropped : {frame, 3 * frame, 10 * frame + 17, std::size_t{1}}) {
        for (const std::size_t at : {20 * frame, 20 * frame + 1, 20 * frame + 40}) {
            UsbFrameStream stream(small);
            if (deviceLost > 0)
                stream.setFault(22, {.lose = deviceLost});
            const std::vector<std::uint8_t> bytes = bytesOf(stream, 60 * frame);
            Parsed parsed(small);
            parsed.feed(std::span(bytes).first(at));
            parsed.cut(dropped);
            parsed.feed(std::span(bytes).subspan(at + dropped));
            parsed.cut(0);
            const std::uint64_t touched = (at + dropped + frame - 1) / frame - at / frame;
            INFO(dropped << " bytes at " << at << ", touching " << touched);
            const UsbFrameCounts &counts = parsed.parser.counts();
            REQUIRE(counts.lostOnHost == touched);
            REQUIRE(counts.lostOnLink == deviceLost);
            REQUIRE(counts.damaged == 0);
            REQUIRE(parsed.numbers.back() == 59 + deviceLost);
            parsed.checkSums();
        }
    }
}

TEST_CASE("a plane that looks like headers deceives nobody", "[datasets]") {
    // Every plane is the same and full of sync words, at the same place in each.
    const PlaneShape shape{128, 8};
    UsbFrameStream stream(shape);
    std::vector<unsigned char> plane(shape.bytes());
    for (std::size_t i = 0; i + 16 <= plane.size(); i += 16)
        UsbFrameHeader{99}.write(plane.data() + i);
    stream.useRecording(plane);
    const std::vector<std::uint8_t> bytes = bytesOf(stream, 10 * UsbFrameHeader::frameBytes(shape));
    for (std::size_t begin = 0; begin < UsbFrameHeader::frameBytes(shape); begin += 4) {
        Parsed parsed(shape);
        parsed.feed(std::span(bytes).subspan(begin));
        parsed.cut(0);
        REQUIRE(parsed.counters.back() == 9);
        REQUIRE(parsed.parser.counts().frames == (begin == 0 ? 10 : 9));
    }
}

TEST_CASE("a device that begins to count anew is told, its planes go on", "[datasets]") {
    UsbFrameStream before(small, 5000000);
    UsbFrameStream after(small, 3);
    std::vector<std::uint8_t> bytes = bytesOf(before, 66 * 10);
    const std::vector<std::uint8_t> more = bytesOf(after, 66 * 10);
    bytes.insert(bytes.end(), more.begin(), more.end());
    Parsed parsed(small);
    parsed.feed(bytes);
    parsed.cut(0);
    REQUIRE(parsed.numbers.size() == 20);
    REQUIRE(parsed.numbers.back() == 19);
    REQUIRE(parsed.holes.size() == 1);
    REQUIRE(parsed.holes[0].restarted);
    REQUIRE(parsed.holes[0].number == 10);
    REQUIRE(parsed.parser.counts().counterRestarts == 1);
    parsed.checkSums();
}

TEST_CASE("A1: random faults, pieces and drops: every plane and every byte accounted for",
          "[datasets]") {
    std::uint64_t frames = 0;
    std::uint64_t lost = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        UsbFrameStream stream(small, static_cast<std::uint32_t>(randomAt(seed, 0, 0)));
        for (std::uint64_t i = 10; i < 500; i += 1 + randomAt(seed, 1, i) % 30) {
            const std::uint64_t kind = randomAt(seed, 2, i) % 4;
            const auto size = static_cast<std::uint32_t>(1 + randomAt(seed, 3, i) % 20);
            stream.setFault(i, kind == 0   ? FrameFault{.lose = size}
                               : kind == 1 ? FrameFault{.repeats = size % 4}
                               : kind == 2 ? FrameFault{.cutBytes = size}
                                           : FrameFault{.badSync = true});
        }
        Parsed parsed(small);
        for (std::uint64_t piece = 0; piece < 100; ++piece) {
            const auto bytes = bytesOf(stream, 1 + randomAt(seed, 4, piece) % 700);
            if (randomAt(seed, 5, piece) % 10 == 0)
                parsed.cut(bytes.size());
            else
                parsed.feed(bytes);
        }
        parsed.cut(0);
        parsed.checkSums();
        for (std::size_t i = 0; i < parsed.numbers.size(); ++i) {
            const std::uint64_t index = parsed.counters[i] - parsed.counters[0];
            REQUIRE(parsed.numbers[i] == index);
        }
        frames += parsed.parser.counts().frames;
        lost += parsed.parser.counts().lostOnLink + parsed.parser.counts().lostOnHost +
                parsed.parser.counts().damaged;
    }
    std::cout << "A1: 200 random streams: " << frames << " planes given, " << lost
              << " lost, 0 unaccounted for\n";
    REQUIRE(frames > 20000);
    REQUIRE(lost > 2000);
}

TEST_CASE("noise holds no frames and needs no memory", "[datasets]") {
    UsbFrameParser parser({400, 250});
    std::vector<std::uint8_t> noise(1 << 18);
    for (std::size_t i = 0; i < noise.size(); ++i)
        noise[i] = static_cast<std::uint8_t>(randomAt(3, 0, i));
    for (int i = 0; i < 20; ++i) {
        parser.feed(noise);
        REQUIRE_FALSE(parser.next());
        REQUIRE_FALSE(parser.locked());
    }
    REQUIRE(parser.counts().skippedBytes + 12532 >= 20 * noise.size());
}
