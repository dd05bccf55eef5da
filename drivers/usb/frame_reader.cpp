// SPDX-License-Identifier: Apache-2.0
// Feeds the parser piece by piece.
#include "drivers/usb/frame_reader.h"

#include <algorithm>
#include <utility>

namespace fovea {

FrameReader::FrameReader(TransferRing &ring, PlaneShape shape, Clock &clock)
    : ring_(ring), clock_(clock), parser_(shape) {}

std::optional<UsbFrame> FrameReader::next(std::chrono::nanoseconds limit) {
    const Clock::TimePoint deadline = clock_.now() + limit;
    do {
        if (auto frame = parser_.next())
            return frame;
    } while (nextPiece(std::max(deadline - clock_.now(), Clock::TimePoint::duration{0})));
    return std::nullopt;
}

/// The parser has read all it was given.
bool FrameReader::nextPiece(std::chrono::nanoseconds limit) {
    if (waitsBehindCut_) {
        waitsBehindCut_ = false;
        parser_.feed(piece_->bytes);
        return true;
    }
    if (piece_)
        ring_.giveBack(piece_->slot);
    piece_ = ring_.take(limit);
    if (piece_) {
        arrived_ = piece_->arrived;
        waitsBehindCut_ = piece_->cutBefore.has_value();
        waitsBehindCut_ ? parser_.cut(*piece_->cutBefore) : parser_.feed(piece_->bytes);
        return true;
    }
    if (ended_ || !ring_.exhausted())
        return false;
    // The last frame has no header behind it.
    if (!tailCut_)
        parser_.cut(0);
    ended_ = tailCut_;
    return !std::exchange(tailCut_, true);
}

}  // namespace fovea
