// SPDX-License-Identifier: Apache-2.0
// Locks on the start pairs of the wire stream, checks every frame, says what is missing and why.
#include "datasets/wire_frames.h"

#include "engine/core/plane_bits.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace fovea {

void WireLayout::unpack(const std::uint8_t *frame, bool flip, std::uint64_t *words) const {
    constexpr std::size_t half = width / 2;
    std::memset(words, 0, shape().wordStride() * sizeof *words);
    auto *target = reinterpret_cast<std::uint8_t *>(words);
    for (std::size_t row = 0; row < height; ++row, frame += 2 * blockBytes) {
        const std::size_t to = (flip ? height - 1 - row : row) * width;
        copyBits(frame, 0, target, to, half);
        copyBits(frame + blockBytes, 0, target, to + half, half);
    }
}

WireFrameParser::WireFrameParser(WireLayout layout, bool atStart)
    : layout_(layout), atFrame_(atStart) {}

void WireFrameParser::feed(std::span<const std::uint8_t> bytes) {
    assert(window_.needsFood() && !cut_);
    window_.feed(bytes);
}

void WireFrameParser::cut(std::uint64_t bytes) {
    assert(window_.needsFood() && !cut_);
    cut_ = bytes;
}

void WireFrameParser::skip(std::size_t bytes) {
    window_.skip(bytes);
    position_ += bytes;
    skippedSince_ += bytes;
    counts_.skippedBytes += bytes;
}

/// The stream has a cut here: nothing before it can be continued.
void WireFrameParser::endPiece() {
    skip(window_.size());
    window_.keepRest();
    droppedSince_ += *cut_;
    cut_.reset();
    atFrame_ = locked_ = false;
}

/// Goes behind the next last id that a first id follows; false: there is none that is complete.
bool WireFrameParser::findPair() {
    constexpr std::size_t pair = WireLayout::idBytes + WireLayout::blockBytes;
    const std::size_t size = window_.size();
    if (size < pair)
        return false;
    const std::uint8_t *begin = window_.view(0, size);
    const std::uint8_t *end = begin + size;
    const auto lastHigh = static_cast<std::uint8_t>(3U << 6 | layout_.height / 2 >> 4);
    // A pair shows in the upper byte of its last id.
    for (const std::uint8_t *at = begin + 1;; ++at) {
        const auto left = static_cast<std::size_t>(end - WireLayout::blockBytes - at);
        at = static_cast<const std::uint8_t *>(std::memchr(at, lastHigh, left));
        if (at == nullptr)
            break;
        const std::uint8_t *start = at + 1;
        if (layout_.isLast(start) && layout_.isFirst(start + WireLayout::blockBytes)) {
            skip(static_cast<std::size_t>(start - begin));
            return true;
        }
    }
    skip(size - pair + 1);
    return false;
}

std::optional<WireFrame> WireFrameParser::next() {
    const std::size_t frame = layout_.frameBytes();
    while (atFrame_ || findPair()) {
        atFrame_ = true;
        const std::size_t size = window_.size();
        const bool nextIsThere = size >= frame + WireLayout::blockBytes;
        if (!nextIsThere && (!cut_ || size < frame))
            break;
        if (layout_.isFrame(window_.view(0, nextIsThere ? frame + WireLayout::blockBytes : frame),
                            nextIsThere))
            return take();
        if (position_ > 0)
            ++(locked_ ? counts_.lostSyncs : counts_.falseStarts);
        atFrame_ = locked_ = false;
    }
    if (cut_)
        endPiece();
    else
        window_.keepRest();
    return std::nullopt;
}

WireFrame WireFrameParser::take() {
    const std::size_t bytes = layout_.frameBytes();
    WireFrame frame;
    if (begun_) {
        const std::uint64_t missing = skippedSince_ + droppedSince_;
        const std::uint64_t lost = missing > 0 ? layout_.framesIn(missing) : 0;
        const bool linkToo = missing % bytes != 0;
        frame.lostOnHost = droppedSince_ > 0 ? lost - (linkToo ? 1 : 0) : 0;
        frame.lostOnLink = lost - frame.lostOnHost;
        counts_.lostOnHost += frame.lostOnHost;
        counts_.lostOnLink += frame.lostOnLink;
    }
    frame.number = nextNumber_ + frame.lostOnLink + frame.lostOnHost;
    frame.position = position_;
    frame.bytes = window_.view(0, bytes);
    nextNumber_ = frame.number + 1;
    skippedSince_ = droppedSince_ = 0;
    window_.skip(bytes);
    position_ += bytes;
    locked_ = begun_ = true;
    ++counts_.frames;
    return frame;
}

}  // namespace fovea
