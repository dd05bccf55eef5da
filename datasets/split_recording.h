// SPDX-License-Identifier: Apache-2.0
// The parts of a split recording as one.
#pragma once

#include "datasets/open_recording.h"
#include "datasets/recording_names.h"

namespace fovea {

/// Opens `parts` (not empty, in order). The numbers of their first planes say where they belong:
/// what is missing between two of them is a gap, and a part that is missing a warning. BadFile when
/// they do not belong together: another shape, rate or recording.
[[nodiscard]] Result<OpenedRecording> openSplit(const std::filesystem::path &whole,
                                                const std::vector<std::filesystem::path> &parts,
                                                const SpikeFileOptions &options);

}  // namespace fovea
