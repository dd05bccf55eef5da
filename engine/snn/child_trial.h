// SPDX-License-Identifier: Apache-2.0
// Doing something dangerous in a child process first.
#pragma once

#include "engine/core/error.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace fovea {

/// Runs `work` in a child process that may allocate `memory` bytes more than this one has and take
/// `limit` of processor time; what it changes is lost. Gives back its error; BadFile with `what`
/// when it crashed or did not end. For libraries that a damaged file can crash: what went well
/// there may be done here. `work` must wait for nothing but its file: a child that sleeps is taken
/// for one that met a lock held at the fork, and another one is asked. (Sanitizers reserve memory
/// of their own: with them memory is not limited.)
[[nodiscard]] Result<void> tryInChild(const std::string &what, std::uint64_t memory,
                                      std::chrono::seconds limit,
                                      const std::function<Result<void>()> &work);

}  // namespace fovea
