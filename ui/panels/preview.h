// SPDX-License-Identifier: Apache-2.0
// A look into a recording before it is opened.
#pragma once

#include "datasets/spike_file.h"
#include "engine/core/picture.h"

#include <string>

namespace fovea {

/// A picture from the middle of the recording and what it is.
struct Preview {
    SpikeFileInfo info;
    Picture picture;
    double meanRate = 0;  ///< share of pixels that spike, over the planes used
};

/// Rate picture of the 33 planes (fewer when there are no more) in the middle.
/// Threads: any; reads the file.
[[nodiscard]] Result<Preview> makePreview(const std::filesystem::path &path,
                                          const SpikeFileOptions &options);

}  // namespace fovea
