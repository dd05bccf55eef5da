// SPDX-License-Identifier: Apache-2.0
// From transfers to frames: what the ring brings, through the parser.
#pragma once

#include "datasets/usb_frames.h"
#include "drivers/usb/transfer_ring.h"

#include <optional>

namespace fovea {

/// Takes pieces from the ring, gives their buffers back when they are read, tells the parser where
/// bytes are missing.
///
/// Threads: one at a time.
class FrameReader {
public:
    /// All three must outlive it.
    FrameReader(TransferRing &ring, PlaneShape shape, Clock &clock);

    /// The next frame, which lives until the next call; nothing when none came within `limit` or
    /// somebody woke the ring.
    [[nodiscard]] std::optional<UsbFrame> next(std::chrono::nanoseconds limit);
    /// The ring will bring nothing more and all of it was given.
    [[nodiscard]] bool ended() const { return ended_; }
    /// When the last byte came of which next() knows.
    [[nodiscard]] Clock::TimePoint arrived() const { return arrived_; }
    [[nodiscard]] const UsbFrameCounts &counts() const { return parser_.counts(); }

private:
    [[nodiscard]] bool nextPiece(std::chrono::nanoseconds limit);

    TransferRing &ring_;
    Clock &clock_;
    UsbFrameParser parser_;
    std::optional<TransferRing::Piece> piece_;
    bool waitsBehindCut_ = false;  ///< the piece is fed when what was before the cut is read
    bool tailCut_ = false;
    bool ended_ = false;
    Clock::TimePoint arrived_{};
};

}  // namespace fovea
