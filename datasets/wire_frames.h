// SPDX-License-Identifier: Apache-2.0
// The transport stream of the 1000-column camera, live or in a dump: its layout and how frames are
// found in it.
#pragma once

#include "datasets/byte_window.h"
#include "engine/core/frame_stream.h"
#include "engine/core/plane_shape.h"

#include <cstdint>
#include <optional>

namespace fovea {

/// The stream is 64-byte blocks: 500 pixels (least significant bit first), then 12 bits: line id
/// (10 bits, 1 to height / 2) and channel id (2 bits). Row r is block 2r (columns 0 to 499) and
/// block 2r + 1 (columns 500 to 999). The last block of a frame is (channel 3, line height / 2),
/// the first one (channel 0, line height / 2); nothing else is known of the order of ids.
struct WireLayout {
    static constexpr std::uint32_t width = 1000;
    static constexpr std::uint32_t maxHeight = 2046;
    static constexpr std::size_t blockBytes = 64;
    static constexpr std::size_t idBytes =
        2;  ///< a block ends with them; 4 of their bits are pixels

    std::uint32_t height = 1000;

    [[nodiscard]] std::size_t frameBytes() const { return std::size_t{height} * 2 * blockBytes; }
    [[nodiscard]] bool valid() const {
        return height >= 2 && height <= maxHeight && height % 2 == 0;
    }
    [[nodiscard]] PlaneShape shape() const { return {width, height}; }
    /// The frames that `bytes` between two frames stand for: at least one. A rest belongs to a
    /// frame that lacks bytes; only up to a block is taken for bytes that were too many.
    [[nodiscard]] std::uint64_t framesIn(std::uint64_t bytes) const {
        const std::uint64_t whole = bytes / frameBytes();
        return whole == 0 || bytes % frameBytes() > blockBytes ? whole + 1 : whole;
    }
    /// The block that ends at `end` begins a frame, or ends one, by its id.
    [[nodiscard]] bool isFirst(const std::uint8_t *end) const { return idAt(end) == height / 2; }
    [[nodiscard]] bool isLast(const std::uint8_t *end) const {
        return idAt(end) == (height / 2 | 3U << 10);
    }
    /// The bytes at `frame` begin and end like a frame; `next`: and another one begins behind it.
    [[nodiscard]] bool isFrame(const std::uint8_t *frame, bool next) const {
        const std::uint8_t *end = frame + frameBytes();
        return isFirst(frame + blockBytes) && isLast(end) && (!next || isFirst(end + blockBytes));
    }
    /// The pixels of a frame as a plane in display orientation.
    void unpack(const std::uint8_t *frame, bool flip, std::uint64_t *words) const;

    /// Line id and, above it, channel id of the block that ends at `end`.
    [[nodiscard]] static std::uint32_t idAt(const std::uint8_t *end) {
        return (end[-2] | std::uint32_t{end[-1]} << 8) >> 4;
    }
};

/// A frame that was found; its `bytes` are all frameBytes().
struct WireFrame : StreamFrame {
    std::uint64_t position = 0;  ///< of its first byte among all that were fed
};

/// All that was seen since construction, or since beginCounting(). Planes: span of the numbers =
/// frames + lostOnLink + lostOnHost. Bytes: fed = frames * frame + skippedBytes + kept.
struct WireFrameCounts {
    std::uint64_t frames = 0;
    std::uint64_t lostOnLink = 0;
    std::uint64_t lostOnHost = 0;
    std::uint64_t skippedBytes = 0;  ///< that belong to no whole frame
    std::uint64_t lostSyncs = 0;     ///< times that a frame did not begin where it should
    std::uint64_t falseStarts = 0;   ///< start pairs that no frame followed: pixels, or more loss

    [[nodiscard]] std::uint64_t seen() const { return frames; }
};

/// Finds frames in bytes that come in pieces of any size.
///
/// A frame counts when the start pair (last id, first id) is before it and, exactly one frame
/// later, behind it; so a frame that lacks bytes is never given out, and what looks like a start
/// among the pixels deceives nobody. Every frame is checked so; when one is wrong, the next pair is
/// looked for at every byte behind its beginning, so a loss costs the frames it hit, and the one
/// before or behind whose start pair it took. Frames carry no numbers: a gap is as long
/// as the bytes that came or were cut can prove (WireLayout::framesIn), and the loss of exactly
/// whole frames on the way cannot be seen. In a gap with a cut, what is no whole number of frames
/// is one plane lost on the link, all others are the host's. Knows nothing of devices: for the
/// card, dumps and the fuzzer alike; use as UsbFrameParser.
///
/// Threads: one at a time.
class WireFrameParser {
public:
    /// `atStart`: the first byte may begin a frame without a pair before it (a dump from its
    /// beginning).
    explicit WireFrameParser(WireLayout layout, bool atStart = true);

    /// Bytes that follow all that came before; they must live until next() gives nothing. What was
    /// fed or cut earlier must have been read to its end.
    void feed(std::span<const std::uint8_t> bytes);
    /// `bytes` of the stream are missing here because the host let them go; 0 at the end of a dump.
    /// Then next() gives the last frame before it.
    void cut(std::uint64_t bytes);
    /// The next frame, or nothing: all was read.
    [[nodiscard]] std::optional<WireFrame> next();

    [[nodiscard]] const WireFrameCounts &counts() const { return counts_; }
    void beginCounting() { counts_ = {}; }
    [[nodiscard]] WireLayout layout() const { return layout_; }

private:
    [[nodiscard]] bool findPair();
    [[nodiscard]] WireFrame take();
    void skip(std::size_t bytes);
    void endPiece();

    const WireLayout layout_;
    ByteWindow window_;
    bool atFrame_;         ///< a frame should begin here
    bool locked_ = false;  ///< because one ended here
    std::uint64_t position_ = 0;
    bool begun_ = false;  ///< a frame was given
    std::uint64_t nextNumber_ = 0;
    std::uint64_t skippedSince_ = 0;  ///< bytes of no frame since the last one
    std::uint64_t droppedSince_ = 0;  ///< bytes dropped by the host since then
    std::optional<std::uint64_t> cut_;
    WireFrameCounts counts_;
};

}  // namespace fovea
