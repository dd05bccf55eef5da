// SPDX-License-Identifier: Apache-2.0
// fovea record --dry-run: measures and tells.
#pragma once

#include "app/frame_json.h"
#include "app/interrupts.h"
#include "engine/core/spike_source.h"
#include "engine/pipeline/preflight.h"

#include <string>

namespace fovea {

/// Measures the disk under `output` and the engine with `config`, and weighs them.
[[nodiscard]] Result<Preflight> measurePreflight(const Config &config, const SourceInfo &source,
                                                 const std::string &output, double seconds,
                                                 const Interrupts &interrupts, bool quiet);

/// A line for each budget, and the verdict.
[[nodiscard]] std::string preflightText(const Preflight &preflight);
[[nodiscard]] Json preflightJson(const Preflight &preflight);

}  // namespace fovea
