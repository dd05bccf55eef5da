// SPDX-License-Identifier: Apache-2.0
// The sources of this build: synthetic scenes and files; cameras join here.
#pragma once

#include "datasets/spike_file.h"
#include "engine/core/clock.h"
#include "engine/pipeline/source_catalog.h"

#include <memory>

namespace fovea {

/// What every program hands to its Session. Kinds: "synthetic" (always listed), "usb" and "pcie"
/// (those plugged in are listed; usb in a build without libusb is ErrorCode::NoDevice that says
/// so), "file" (made on demand, never listed). `clock` paces the sources and must outlive them.
/// `known`: what the configuration tells of a source that shows nowhere by itself; a capture card
/// is listed, too, when its library is named there.
[[nodiscard]] std::unique_ptr<SourceCatalog> makeSourceCatalog(Clock &clock,
                                                               const SourceConfig &known = {});

/// How to open the recording that `config` describes: shape, rate, flip and format as far as said.
[[nodiscard]] Result<SpikeFileOptions> spikeFileOptions(const SourceConfig &config);

}  // namespace fovea
