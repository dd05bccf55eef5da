// SPDX-License-Identifier: Apache-2.0
// The recorder as the configuration wants it: for command line, window and service.
#pragma once

#include "datasets/recorder.h"
#include "engine/pipeline/config.h"
#include "engine/pipeline/preflight.h"

#include <string>

namespace fovea {

/// How the recorder writes, whoever started it.
struct RecordSettings {
    std::string compress = "none";  ///< none, auto, zstd
    double splitMegabytes = 0;      ///< a new part before so much; 0 = never
    double splitSeconds = 0;        ///< a new part after so long; 0 = never
    double holdSeconds = 0;         ///< kept before recording is triggered; 0 = records at once
    double holdMegabytes = 256;     ///< and at most so much of it
};

/// As the configuration says.
[[nodiscard]] RecordSettings recordSettings(const RecordConfig &config);

/// Settings of the recorder for `path`, with those of the synthetic scene if that is recorded.
[[nodiscard]] Result<RecorderOptions> recorderOptions(const RecordSettings &settings,
                                                      const SourceConfig &source,
                                                      const std::filesystem::path &path,
                                                      std::string createdBy);

/// What recording needs, from shape and rate and what of link and room can be told without
/// measuring; disk and engine are left empty.
[[nodiscard]] PreflightInput preflightInput(const Config &config, const SourceInfo &source,
                                            const std::filesystem::path &path);

/// "2:07 h" until the disk under a recorder at work is full; empty where nothing is known.
[[nodiscard]] std::string fullIn(const RecorderStatus &status);
/// ", 3.2 GB, full in 2:07 h" of a recorder at work; empty where nothing is known.
[[nodiscard]] std::string roomText(const RecorderStatus &status);

}  // namespace fovea
