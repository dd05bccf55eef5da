// SPDX-License-Identifier: Apache-2.0
// What a program's exit status means.
#pragma once

#include "engine/core/error.h"

#include <string>
#include <string_view>

namespace fovea {

/// Documented in `fovea --help`, app/README.md and checked by scripts: never renumber.
enum class ExitCode : int {
    Ok = 0,
    Failed = 1,         ///< started, and something went wrong
    Usage = 2,          ///< command line or configuration
    NoDevice = 3,       ///< the camera or backend is not there
    BadFile = 4,        ///< an input file is missing, unreadable or not what it should be
    DeviceLost = 5,     ///< the camera went away
    Interrupted = 130,  ///< stopped by SIGINT (128 + 2), as shells expect; SIGTERM: 143
    Terminated = 143,
    BrokenPipe = 141,  ///< whoever read our output has left (128 + SIGPIPE); nothing is printed
};

[[nodiscard]] ExitCode exitCode(ErrorCode code);

/// One line on stderr: "program: message". Line breaks inside become spaces.
void printError(std::string_view program, std::string_view message);

/// The error of a recording that is read: a missing or unreadable input file is BadFile for the
/// person who named it, whatever the reason.
[[nodiscard]] Error asInputError(Error error);

}  // namespace fovea
