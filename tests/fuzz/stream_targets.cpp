// SPDX-License-Identifier: Apache-2.0
// The byte streams of the cameras, in pieces of any size, with holes; the books must balance.
#include "datasets/usb_frames.h"
#include "datasets/wire_frames.h"
#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <cstdlib>

namespace fovea::fuzz {

namespace {

/// Feeds all bytes; the first two say the piece size and where holes are. Gives how many were fed.
template <class Parser, class Use> std::uint64_t feedAll(Parser &parser, Bytes bytes, Use use) {
    const std::size_t piece = std::size_t{takeByte(bytes)} * 3 + 1;
    const std::uint8_t holes = takeByte(bytes);
    const auto drain = [&] {
        while (const auto frame = parser.next())
            use(*frame);
    };
    std::uint64_t fed = 0;
    for (std::size_t at = 0, count = 1; at < bytes.size(); at += piece, ++count) {
        const Bytes next = bytes.subspan(at, std::min(piece, bytes.size() - at));
        if (holes != 0 && count % holes == 0) {
            parser.cut(next.size());
        } else {
            parser.feed(next);
            fed += next.size();
        }
        drain();
    }
    parser.cut(0);
    drain();
    return fed;
}

void must(bool holds) {
    if (!holds)
        std::abort();
}

}  // namespace

void usbFrames(Bytes bytes) {
    constexpr PlaneShape shape{16, 3};
    UsbFrameParser parser(shape);
    std::uint64_t next = 0;
    unsigned sum = 0;
    const std::uint64_t fed = feedAll(parser, bytes, [&](const UsbFrame &frame) {
        must(frame.number == next + frame.lostOnLink + frame.lostOnHost);
        next = frame.number + 1;
        for (std::size_t i = 0; i < shape.bytes(); ++i)
            sum += frame.bytes[i];
    });
    const UsbFrameCounts &counts = parser.counts();
    must(sum <= counts.frames * shape.bytes() * 255);
    must(fed == (counts.frames + counts.repeated + counts.late) * parser.frameBytes() +
                    counts.skippedBytes);
    must(next == counts.frames + counts.lostOnLink + counts.lostOnHost + counts.damaged);
}

void wireBlocks(Bytes bytes) {
    const WireLayout layout{bytes.size() % 2 == 0 ? 2U : 4U};
    WireFrameParser parser(layout, bytes.size() % 3 == 0);
    std::vector<std::uint64_t> words(layout.shape().wordStride());
    std::uint64_t next = 0;
    const std::uint64_t fed = feedAll(parser, bytes, [&](const WireFrame &frame) {
        must(frame.number == next + frame.lostOnLink + frame.lostOnHost);
        must(layout.isFrame(frame.bytes, false));
        next = frame.number + 1;
        layout.unpack(frame.bytes, frame.number % 2 == 0, words.data());
    });
    const WireFrameCounts &counts = parser.counts();
    must(fed == counts.frames * layout.frameBytes() + counts.skippedBytes);
    must(next == counts.frames + counts.lostOnLink + counts.lostOnHost);
}

}  // namespace fovea::fuzz
