// SPDX-License-Identifier: Apache-2.0
// Recordings on disk as the window sees them.
#pragma once

#include "engine/pipeline/recordings.h"

#include <memory>

namespace fovea {

/// Reads and writes the formats of `datasets`. A folder is searched 4 levels deep for .dat, .npz,
/// .bin and .raw files, at most 1000 of them; hidden and unfinished (.part) ones are left out.
[[nodiscard]] std::unique_ptr<RecordingShelf> makeRecordingShelf();

}  // namespace fovea
