// SPDX-License-Identifier: Apache-2.0
// From the card's pieces to frames: what it brings, through the parser.
#pragma once

#include "datasets/wire_frames.h"
#include "drivers/pcie/card_reader.h"

#include <optional>

namespace fovea {

/// Takes pieces from the card, gives their memory back when they are read, tells the parser where
/// bytes are missing.
///
/// Threads: one at a time.
class WireReader {
public:
    /// `card` must outlive it.
    WireReader(CardReader &card, WireLayout layout);

    /// The next frame, which lives until the next call; nothing when none came within `limit`,
    /// somebody woke the card, or it has failed.
    [[nodiscard]] std::optional<WireFrame> next(std::chrono::nanoseconds limit);
    /// The card will bring nothing more and all of it was given.
    [[nodiscard]] bool ended() const { return ended_; }
    /// When the last byte came of which next() knows.
    [[nodiscard]] CardReader::TimePoint arrived() const { return arrived_; }
    [[nodiscard]] const WireFrameCounts &counts() const { return parser_.counts(); }

private:
    [[nodiscard]] bool nextPiece(std::chrono::nanoseconds limit);

    CardReader &card_;
    WireFrameParser parser_;
    std::optional<CardReader::Piece> piece_;
    bool waitsBehindCut_ = false;  ///< the piece is fed when what was before the cut is read
    bool tailCut_ = false;
    bool ended_ = false;
    CardReader::TimePoint arrived_{};
};

}  // namespace fovea
