// SPDX-License-Identifier: Apache-2.0
// Pieces to frames: what is behind a cut, the end, how long no frame has come.
#include "engine/core/frame_stream.h"

#include <catch2/catch.hpp>
#include <deque>
#include <span>
#include <vector>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

/// Pieces that lie ready.
struct ScriptedLink {
    struct Piece {
        std::vector<std::uint8_t> bytes;
        std::optional<std::uint64_t> cutBefore;
        Clock::TimePoint arrived;
    };
    std::deque<Piece> pieces;
    std::size_t givenBack = 0;
    bool over = false;

    std::optional<Piece> take(std::chrono::nanoseconds) {
        if (pieces.empty())
            return std::nullopt;
        Piece piece = std::move(pieces.front());
        pieces.pop_front();
        return piece;
    }
    void giveBack(const Piece &) { ++givenBack; }
    [[nodiscard]] bool ended() const { return over; }
};

/// Every byte above 0 is a frame; a frame counts once something is behind it.
struct ByteParser {
    struct Counts {
        std::uint64_t frames = 0;
        [[nodiscard]] std::uint64_t seen() const { return frames; }
    };
    std::span<const std::uint8_t> fed;
    std::optional<std::uint8_t> kept;
    std::optional<std::uint64_t> cutHere;
    std::uint64_t lost = 0;
    Counts counted;

    void feed(std::span<const std::uint8_t> bytes) { fed = bytes; }
    void cut(std::uint64_t bytes) { cutHere = bytes; }
    std::optional<StreamFrame> next() {
        while (!fed.empty() || cutHere) {
            const std::uint8_t before = kept.value_or(0);
            if (fed.empty()) {
                kept.reset();
                if (before == 0)
                    lost += *cutHere;
                if (before == 0)
                    cutHere.reset();
            } else {
                kept = fed.front();
                fed = fed.subspan(1);
            }
            if (before == 0)
                continue;
            ++counted.frames;
            StreamFrame frame;
            frame.number = before;
            frame.lostOnHost = std::exchange(lost, 0);
            return frame;
        }
        return std::nullopt;
    }
    [[nodiscard]] const Counts &counts() const { return counted; }
    void beginCounting() { counted = {}; }
};

using Reader = PieceReader<ScriptedLink, ByteParser>;

}  // namespace

TEST_CASE("a piece behind a cut is fed when all before it was read, and memory goes back") {
    ScriptedLink link;
    ManualClock clock;
    Reader reader(link, {}, clock);
    link.pieces = {{{1, 2}, {}, {}}, {{3, 4}, 9, {}}, {{5}, {}, {}}};
    std::vector<std::uint64_t> numbers;
    std::vector<std::uint64_t> lost;
    const auto readAll = [&] {
        while (const auto frame = reader.next(0ns)) {
            numbers.push_back(frame->number);
            lost.push_back(frame->lostOnHost);
        }
    };
    readAll();
    CHECK(numbers == std::vector<std::uint64_t>{1, 2, 3, 4});
    CHECK_FALSE(reader.ended());
    link.over = true;
    readAll();
    CHECK(numbers == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
    CHECK(lost == std::vector<std::uint64_t>{0, 0, 9, 0, 0});
    CHECK(reader.ended());
    CHECK(link.givenBack == 3);
    CHECK(reader.counts().frames == 5);
    CHECK_FALSE(reader.next(0ns));
}

TEST_CASE("how long bytes have come without a frame is told in the time of the bytes") {
    ScriptedLink link;
    ManualClock clock;
    Reader reader(link, {}, clock);
    const Clock::TimePoint begin = clock.now();
    link.pieces = {{{1, 1, 0}, {}, begin}};
    while (reader.next(0ns)) {
    }
    CHECK(reader.bytesSinceFrame() == 0);
    // Nobody read for an hour: that says nothing of the camera.
    clock.advance(1h);
    CHECK(reader.timeSinceFrame() == 0ns);
    link.pieces = {{{0, 0}, {}, begin + 1h}, {{0}, {}, begin + 1h + 3s}};
    CHECK_FALSE(reader.next(0ns));
    CHECK(reader.bytesSinceFrame() == 3);
    CHECK(reader.timeSinceFrame() == 3s);
    CHECK(reader.arrived() == begin + 1h + 3s);
    reader.beginCounting();
    link.pieces = {{{1, 0}, {}, begin + 2h}};
    CHECK(reader.next(0ns));
    CHECK(reader.bytesSinceFrame() == 0);
    CHECK(reader.counts().frames == 1);
}
