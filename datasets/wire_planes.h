// SPDX-License-Identifier: Apache-2.0
// Dumps of the 1000-column camera's transport stream.
#pragma once

#include "datasets/file_handle.h"
#include "datasets/spike_file.h"
#include "datasets/wire_frames.h"

namespace fovea {

/// Where the whole frames of a dump lie, as WireFrameParser finds them.
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

[[nodiscard]] std::unique_ptr<PlaneStore>
makeWirePlanes(FileHandle file, WireLayout layout, bool flip, std::vector<WireIndex::Run> runs);

}  // namespace fovea
