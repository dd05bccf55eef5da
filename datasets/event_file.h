// SPDX-License-Identifier: Apache-2.0
// Files of event cameras, and the sets in which they come: N-MNIST (Orchard et al. 2015).
#pragma once

#include "datasets/labelled_pictures.h"

#include <filesystem>

namespace fovea {

/// A pixel became brighter or darker.
struct SensorEvent {
    std::uint8_t x = 0, y = 0;
    bool brighter = false;
    std::uint32_t microseconds = 0;  ///< since the recording began
};

/// A file of N-MNIST or N-Caltech101 (.bin, .bs2), five bytes an event: x, y, then, highest byte
/// first, a bit that says brighter and 23 of time; y = 240 is no event but adds 8192 us to all
/// times behind it. BadFile (or what FileHandle says) names the file and what is wrong; memory
/// is bounded by the file's size.
[[nodiscard]] Result<std::vector<SensorEvent>> readEvents(const std::filesystem::path &path);

struct LabelledEventFile {
    std::filesystem::path path;
    std::uint8_t label = 0;
};

/// The files of a set, in order: `Train` and `Test` in `folder` with a folder for each class (its
/// number) and .bin or .bs2 files in it, as published; or a list train*.txt, test*.txt beside the
/// files, a line each: number of the file, class. The first `most`; none of a split that is not
/// there. BadFile when neither form is found, and names file, line and what is wrong.
[[nodiscard]] Result<std::vector<LabelledEventFile>>
listEventFiles(const std::filesystem::path &folder, PictureSplit split,
               std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace fovea
