// SPDX-License-Identifier: Apache-2.0
// One training from preset to model.
#pragma once

#include "app/interrupts.h"
#include "app/options.h"
#include "engine/train/data_parallel.h"

#include <optional>
#include <string>
#include <vector>

namespace fovea {

struct RunSettings {
    std::string preset;
    std::vector<std::string> changes;  ///< key=value
    std::string folder;
    bool resume = false;                  ///< go on from the folder's checkpoint
    std::optional<MeetingPlace> meeting;  ///< of several processes that train together
    std::string command;                  ///< as typed, for the report
};

/// Writes NAME.nir, NAME.json, curve.csv, curve.png and checkpoint.bin to the folder. Cancelled
/// after an interrupt: the checkpoint of the last whole epoch is there. Of several processes the
/// first one writes.
[[nodiscard]] Result<void> runTraining(const RunSettings &settings, const Verbosity &verbosity,
                                       const Interrupts &interrupts);

}  // namespace fovea
