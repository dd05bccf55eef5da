// SPDX-License-Identifier: Apache-2.0
// Named arrays in a file: what training goes on from.
#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace fovea {

/// Doubles hold what floats and counters hold, exactly.
using Checkpoint = std::map<std::string, std::vector<double>>;

/// Whole or not at all: written beside, then renamed.
[[nodiscard]] Result<void> writeCheckpoint(const Checkpoint &checkpoint,
                                           const std::filesystem::path &path);
/// BadFile names the file and what is wrong; memory is bounded by the file's size.
[[nodiscard]] Result<Checkpoint> readCheckpoint(const std::filesystem::path &path);

}  // namespace fovea
