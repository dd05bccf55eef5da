// SPDX-License-Identifier: Apache-2.0
// Dumps of the 1000-column camera's transport stream.
#pragma once

#include "datasets/file_handle.h"
#include "datasets/spike_file.h"

namespace fovea {

/// The stream is 64-byte blocks: 500 pixels (least significant bit first), then 12 bits: line id
/// (10 bits, 1 to height / 2) and channel id (2 bits). Row r is block 2r (columns 0 to 499) and
/// block 2r + 1 (columns 500 to 999). The last block of a frame is (channel 3, line height / 2),
/// the first one (channel 0, line height / 2); nothing else is known of the order of ids.
struct WireLayout {
    static constexpr std::uint32_t width = 1000;
    static constexpr std::uint32_t maxHeight = 2046;
    static constexpr std::size_t blockBytes = 64;

    std::uint32_t height = 1000;
    bool flip = false;

    [[nodiscard]] std::uint64_t frameBytes() const {
        return std::uint64_t{height} * 2 * blockBytes;
    }
    [[nodiscard]] bool valid() const {
        return height >= 2 && height <= maxHeight && height % 2 == 0;
    }
};

/// Where the whole frames of a dump lie. A frame counts when the start pair (end id, start id) is
/// before it and, exactly frameBytes() later, behind it; the rest is lost. Frames carry no numbers:
/// a gap is as long as the bytes between its ends can prove, and the loss of exactly whole frames
/// cannot be seen.
struct WireIndex {
    struct Run {
        std::uint64_t firstFrame = 0;  ///< stored number
        std::uint64_t offset = 0;      ///< byte of its first frame
        std::uint64_t frames = 0;
    };
    std::vector<Run> runs;           ///< frames that follow each other without loss
    std::vector<RecordingGap> gaps;  ///< between runs: frames with missing or damaged bytes
    std::uint64_t frames = 0;
    std::uint64_t leadingBytes = 0;   ///< before the first whole frame
    std::uint64_t lostBytes = 0;      ///< that the frames in gaps lack
    std::uint64_t trailingBytes = 0;  ///< after the last whole frame
};

/// True when the first frames of the file show two start pairs one frame apart.
[[nodiscard]] bool looksLikeWire(const FileHandle &file, WireLayout layout);

/// Finds the frames; BadFile when the first 16 MiB hold none. After a loss the next frame start is
/// looked for in 128 MiB (1 GiB for all losses together); what follows is trailing bytes. Files of
/// more than 65,536 frames are checked at as many places, and every frame again when it is read.
[[nodiscard]] Result<WireIndex> indexWire(const FileHandle &file, WireLayout layout);

[[nodiscard]] std::unique_ptr<PlaneStore> makeWirePlanes(FileHandle file, WireLayout layout,
                                                         std::vector<WireIndex::Run> runs);

}  // namespace fovea
