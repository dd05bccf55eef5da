// SPDX-License-Identifier: Apache-2.0
// The sources of this build: synthetic scenes and files; cameras join here.
#pragma once

#include "datasets/spike_file.h"
#include "engine/core/clock.h"
#include "engine/pipeline/source_catalog.h"

#include <memory>

namespace fovea {

/// What every program hands to its Session. Kinds: "synthetic" (always listed), "usb" (those
/// plugged in are listed), "file" (made on demand, never listed), "pcie" (known, but there is no
/// driver yet: ErrorCode::NoDevice that says so, as for usb in a build without libusb). `clock`
/// paces the sources and must outlive them.
[[nodiscard]] std::unique_ptr<SourceCatalog> makeSourceCatalog(Clock &clock);

/// How to open the recording that `config` describes: shape, rate, flip and format as far as said.
[[nodiscard]] Result<SpikeFileOptions> spikeFileOptions(const SourceConfig &config);

}  // namespace fovea
