// SPDX-License-Identifier: Apache-2.0
// A look into a recording before it is opened.
#pragma once

#include "engine/core/picture.h"
#include "engine/pipeline/recordings.h"

namespace fovea {

/// A picture from the middle of the recording and what it is.
struct Preview {
    RecordingLook look;
    Picture picture;
    double meanRate = 0;  ///< share of pixels that spike, over the planes used
};

/// Rate picture of the 33 planes (fewer when there are no more) in the middle.
/// Threads: any; reads the file.
[[nodiscard]] Result<Preview> makePreview(RecordingShelf &shelf, const SourceConfig &source);

}  // namespace fovea
