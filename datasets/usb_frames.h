// SPDX-License-Identifier: Apache-2.0
// The byte stream of the USB camera, live or in a dump: its layout and how frames are found in it.
#pragma once

#include "datasets/byte_window.h"
#include "engine/core/frame_stream.h"
#include "engine/core/plane_shape.h"

#include <cstdint>
#include <optional>
#include <span>

namespace fovea {

/// Frames follow each other without padding and without regard to USB packets: a header of 16
/// bytes, then the plane (1 bit a pixel, least significant bit first, bottom row first).
///
/// Read from the vendor's SpikeLinkUSB3 in SpikeCV's spikelinkapi.dll (disassembled; never seen on
/// a device): bytes 0 to 3 are the sync word, bytes 12 to 15 a little-endian frame counter, which
/// wraps; bytes 4 to 11 are not looked at there. The device may send a frame twice.
struct UsbFrameHeader {
    static constexpr std::size_t bytes = 16;
    static constexpr std::uint32_t syncWord = 0x63606300;  ///< 00 63 60 63 on the wire
    static constexpr std::size_t counterOffset = 12;

    std::uint32_t counter = 0;

    /// Nothing when the 16 bytes at `source` do not begin with the sync word.
    [[nodiscard]] static std::optional<UsbFrameHeader> read(const std::uint8_t *source);
    /// Writes 16 bytes; those without a meaning are 0.
    void write(std::uint8_t *target) const;

    [[nodiscard]] static constexpr std::size_t frameBytes(PlaneShape shape) {
        return bytes + shape.bytes();
    }
};

/// A frame that was found; its `bytes` are those behind the header. The number grows with the
/// counter.
struct UsbFrame : StreamFrame {
    std::uint32_t counter = 0;  ///< as sent
};

/// All that was seen since construction, or since beginCounting(). Planes: span of the numbers =
/// frames + lostOnLink + lostOnHost + damaged. Bytes: fed = (frames + repeated + late) * frame +
/// skippedBytes + kept.
struct UsbFrameCounts {
    std::uint64_t frames = 0;        ///< given out
    std::uint64_t repeated = 0;      ///< same counter as the one before: left out
    std::uint64_t late = 0;          ///< a little older than the one before: left out
    std::uint64_t lostOnLink = 0;    ///< holes in the counter without bytes: lost in the device
    std::uint64_t lostOnHost = 0;    ///< planes in bytes that the host dropped
    std::uint64_t damaged = 0;       ///< planes whose bytes came but were no frame
    std::uint64_t skippedBytes = 0;  ///< that belong to no frame
    std::uint64_t resyncs = 0;       ///< times that the next frame had to be searched for
    std::uint64_t counterRestarts = 0;

    /// Frames, given out or not.
    [[nodiscard]] std::uint64_t seen() const { return frames + repeated + late; }
};

/// Finds frames in bytes that come in pieces of any size.
///
/// A frame counts only when another header follows where it should (or when the bytes are cut
/// there), so a frame that lacks bytes is never given out. To lock, two headers one frame apart
/// must count on. Knows nothing of devices: for transfers, dumps and the fuzzer alike.
///
///     parser.feed(bytes);
///     while (const auto frame = parser.next()) ...
///
/// Threads: one at a time.
class UsbFrameParser {
public:
    /// A counter this much behind is an old frame; further behind, the device has begun anew.
    static constexpr std::uint32_t lateFrames = 1024;
    /// A hole longer than this (seven minutes at 40 kHz) is taken for a new count.
    static constexpr std::uint32_t longestHole = 1U << 24U;

    explicit UsbFrameParser(PlaneShape shape);

    /// Bytes that follow all that came before; they must live until next() gives nothing. What was
    /// fed or cut earlier must have been read to its end.
    void feed(std::span<const std::uint8_t> bytes);
    /// `bytes` of the stream are missing here because the host let them go; 0 when it is not known
    /// whether any are, or at the end of a dump. Then next() gives the last frame before it.
    void cut(std::uint64_t bytes);
    /// The next frame, or nothing: all was read.
    [[nodiscard]] std::optional<UsbFrame> next();

    [[nodiscard]] bool locked() const { return locked_; }
    [[nodiscard]] const UsbFrameCounts &counts() const { return counts_; }
    void beginCounting() { counts_ = {}; }
    [[nodiscard]] std::size_t frameBytes() const { return frameBytes_; }

private:
    enum class Verdict : std::uint8_t { Frame, LeaveOut, Damaged };

    [[nodiscard]] bool findLock();
    [[nodiscard]] bool findSync();
    void skip(std::size_t bytes);
    void endPiece();
    [[nodiscard]] std::optional<UsbFrame> takeFrame(std::optional<std::uint32_t> following);
    [[nodiscard]] Verdict judge(std::uint32_t counter, std::optional<std::uint32_t> following);
    void countHole(std::uint32_t missing, UsbFrame &frame);

    const std::size_t frameBytes_;
    ByteWindow window_;
    bool locked_ = false;
    bool begun_ = false;
    std::uint32_t last_ = 0;  ///< counter of the last frame given out
    std::uint64_t nextNumber_ = 0;
    std::uint64_t skippedSince_ = 0;  ///< bytes of no frame since then
    std::uint64_t droppedSince_ = 0;  ///< bytes dropped by the host since then
    std::optional<std::uint64_t> cut_;
    bool restarted_ = false;
    UsbFrameCounts counts_;
};

}  // namespace fovea
