// SPDX-License-Identifier: Apache-2.0
// Finds out what a file is and where its facts come from: options, descriptor, or the file itself.
#pragma once

#include "datasets/spike_file.h"

namespace fovea {

/// What SpikeFile is made of. `info.planes` is not yet set.
struct OpenedRecording {
    SpikeFileInfo info;
    std::unique_ptr<PlaneStore> store;
};
[[nodiscard]] Result<OpenedRecording> openRecording(const std::filesystem::path &path,
                                                    const SpikeFileOptions &options);

}  // namespace fovea
