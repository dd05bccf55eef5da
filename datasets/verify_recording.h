// SPDX-License-Identifier: Apache-2.0
// Checks a recording against the checksums of its blocks, and makes an index anew.
#pragma once

#include "datasets/block_index.h"
#include "datasets/spike_file.h"

#include <functional>

namespace fovea {

/// What was found.
struct RecordingCheck {
    std::uint64_t blocks = 0;           ///< that were checked
    std::uint64_t checkedPlanes = 0;    ///< in them
    std::vector<BlockRecord> damaged;   ///< whose bytes are not those that were recorded
    std::uint64_t uncheckedPlanes = 0;  ///< that no block covers
    std::string note;                   ///< why planes are unchecked; empty when all are covered
};

/// Called with the bytes read so far; false ends the work with ErrorCode::Cancelled.
using ByteProgress = std::function<bool(std::uint64_t bytes)>;

/// Reads every block of one file (not of a split recording). Unsupported when recordings of this
/// format have no blocks.
[[nodiscard]] Result<RecordingCheck> verifyRecording(const SpikeFileInfo &info,
                                                     const ByteProgress &progress);

/// Writes a new index for a plain recording. It says what the file holds now: damage that is there
/// already can no longer be found with it.
[[nodiscard]] Result<void> rebuildIndex(const SpikeFileInfo &info, const ByteProgress &progress);

}  // namespace fovea
