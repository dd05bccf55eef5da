// SPDX-License-Identifier: Apache-2.0
// From the bytes of a camera, which come in pieces, to its frames.
#pragma once

#include "engine/core/clock.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace fovea {

/// A frame that was found in a stream of bytes.
struct StreamFrame {
    std::uint64_t number = 0;      ///< plane number: 0 for the first one
    std::uint64_t lostOnLink = 0;  ///< planes missing just before it: never sent, or damaged
    std::uint64_t lostOnHost = 0;  ///< planes missing just before it: in bytes that were let go
    bool restarted = false;        ///< the device began to count anew: how many are lost is
                                   ///< unknown, the number goes on by one
    const std::uint8_t *bytes = nullptr;  ///< of the plane as sent; until the next one is asked for
};

/// Frames as they come.
///
/// Threads: one at a time.
class FrameStream {
public:
    FrameStream() = default;
    FrameStream(const FrameStream &) = delete;
    FrameStream &operator=(const FrameStream &) = delete;
    virtual ~FrameStream() = default;

    /// The next frame, which lives until the next call; nothing when none came within `limit`,
    /// somebody woke the link, or nothing more will come.
    [[nodiscard]] virtual std::optional<StreamFrame> next(std::chrono::nanoseconds limit) = 0;
    /// What is counted begins with the next frame.
    virtual void beginCounting() = 0;

    /// Nothing more will come and all of it was given.
    [[nodiscard]] bool ended() const { return ended_; }
    /// When the last byte came of which next() knows.
    [[nodiscard]] Clock::TimePoint arrived() const { return arrived_; }
    /// How long, and how many, bytes have come since the last frame.
    [[nodiscard]] Clock::TimePoint::duration timeSinceFrame() const {
        return bytesSinceFrame_ > 0 ? arrived_ - sinceFrame_ : Clock::TimePoint::duration{0};
    }
    [[nodiscard]] std::uint64_t bytesSinceFrame() const { return bytesSinceFrame_; }

protected:
    void noteBytes(std::size_t bytes, Clock::TimePoint arrived) {
        if (bytesSinceFrame_ == 0)
            sinceFrame_ = arrived;
        bytesSinceFrame_ += bytes;
        arrived_ = arrived;
    }
    void noteFrame() { bytesSinceFrame_ = 0; }
    void noteEnd() { ended_ = true; }

private:
    bool ended_ = false;
    Clock::TimePoint arrived_{};
    Clock::TimePoint sinceFrame_{};  ///< arrival of the first bytes behind the last frame
    std::uint64_t bytesSinceFrame_ = 0;
};

/// Takes pieces from a link, gives their memory back when they are read, tells the parser where
/// bytes are missing. `Link` has take(limit), giveBack(piece) and ended(), its pieces have bytes,
/// cutBefore and arrived; `Parser` has feed(), cut(), next(), counts() and beginCounting().
template <class Link, class Parser> class PieceReader final : public FrameStream {
public:
    /// `link` and `clock` must outlive it.
    PieceReader(Link &link, Parser parser, Clock &clock)
        : link_(link), clock_(clock), parser_(std::move(parser)) {}

    [[nodiscard]] std::optional<StreamFrame> next(std::chrono::nanoseconds limit) override {
        const Clock::TimePoint deadline = clock_.now() + limit;
        do {
            auto frame = parser_.next();
            if (seen_ != parser_.counts().seen())
                noteFrame();
            seen_ = parser_.counts().seen();
            if (frame)
                return *frame;
        } while (nextPiece(std::max(deadline - clock_.now(), Clock::TimePoint::duration{0})));
        return std::nullopt;
    }
    void beginCounting() override {
        parser_.beginCounting();
        seen_ = 0;
    }
    [[nodiscard]] const auto &counts() const { return parser_.counts(); }

private:
    /// The parser has read all it was given.
    bool nextPiece(std::chrono::nanoseconds limit) {
        if (std::exchange(waitsBehindCut_, false)) {
            parser_.feed(piece_->bytes);
            return true;
        }
        if (piece_)
            link_.giveBack(std::move(*piece_));
        piece_ = link_.take(limit);
        if (piece_) {
            noteBytes(piece_->bytes.size(), piece_->arrived);
            waitsBehindCut_ = piece_->cutBefore.has_value();
            waitsBehindCut_ ? parser_.cut(*piece_->cutBefore) : parser_.feed(piece_->bytes);
            return true;
        }
        if (ended() || !link_.ended())
            return false;
        // The last frame has nothing behind it that would prove it.
        if (std::exchange(tailCut_, true))
            noteEnd();
        else
            parser_.cut(0);
        return !ended();
    }

    Link &link_;
    Clock &clock_;
    Parser parser_;
    std::optional<typename Link::Piece> piece_;
    bool waitsBehindCut_ = false;  ///< the piece is fed when what was before the cut is read
    bool tailCut_ = false;
    std::uint64_t seen_ = 0;  ///< frames, also those that the parser left out
};

}  // namespace fovea
