// SPDX-License-Identifier: Apache-2.0
// Feeds the parser piece by piece.
#include "drivers/pcie/wire_reader.h"

#include <algorithm>
#include <utility>

namespace fovea {

// The stream is entered anywhere, so its first byte begins nothing.
WireReader::WireReader(CardReader &card, WireLayout layout) : card_(card), parser_(layout, false) {}

std::optional<WireFrame> WireReader::next(std::chrono::nanoseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    do {
        if (auto frame = parser_.next())
            return frame;
    } while (nextPiece(
        std::max(deadline - std::chrono::steady_clock::now(), CardReader::TimePoint::duration{0})));
    return std::nullopt;
}

/// The parser has read all it was given.
bool WireReader::nextPiece(std::chrono::nanoseconds limit) {
    if (std::exchange(waitsBehindCut_, false)) {
        parser_.feed(piece_->bytes);
        return true;
    }
    if (piece_)
        card_.giveBack(std::move(*piece_));
    piece_ = card_.take(limit);
    if (piece_) {
        arrived_ = piece_->arrived;
        waitsBehindCut_ = piece_->cutBefore.has_value();
        waitsBehindCut_ ? parser_.cut(*piece_->cutBefore) : parser_.feed(piece_->bytes);
        return true;
    }
    if (ended_ || !card_.exhausted())
        return false;
    // The last frame has no block behind it.
    if (!tailCut_)
        parser_.cut(0);
    ended_ = tailCut_;
    return !std::exchange(tailCut_, true);
}

}  // namespace fovea
