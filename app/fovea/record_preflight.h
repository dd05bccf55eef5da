// SPDX-License-Identifier: Apache-2.0
// Before fovea record, and instead of it (--dry-run): measures and tells.
#pragma once

#include "app/frame_json.h"
#include "app/interrupts.h"
#include "engine/core/spike_source.h"
#include "engine/pipeline/preflight.h"

#include <optional>
#include <string>

namespace fovea {

/// Measures the disk under `output` and the engine with `config`, and weighs them.
[[nodiscard]] Result<Preflight> measurePreflight(const Config &config, const SourceInfo &source,
                                                 const std::string &output, double seconds,
                                                 const Interrupts &interrupts, bool quiet);

/// Bytes a second that the disk under `output` takes, after a quarter of a second; nothing when it
/// cannot be written to: the recording says why.
[[nodiscard]] std::optional<double> glanceAtDisk(const std::string &output);
/// What is said before a recording that the disk is too slow for; else empty.
[[nodiscard]] std::string slowDiskText(const Config &config, const SourceInfo &source,
                                       const std::string &output, double bytesPerSecond);

/// A line for each budget, and the verdict.
[[nodiscard]] std::string preflightText(const Preflight &preflight);
[[nodiscard]] Json preflightJson(const Preflight &preflight);

}  // namespace fovea
