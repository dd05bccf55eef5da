// SPDX-License-Identifier: Apache-2.0
// Error codes to exit codes, and the one way to print an error.
#include "app/exit_code.h"

#include <algorithm>
#include <cstdio>

namespace fovea {

ExitCode exitCode(ErrorCode code) {
    switch (code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::Usage:
        return ExitCode::Usage;
    case ErrorCode::BadFile:
        return ExitCode::BadFile;
    case ErrorCode::NoDevice:
        return ExitCode::NoDevice;
    case ErrorCode::DeviceLost:
        return ExitCode::DeviceLost;
    case ErrorCode::Cancelled:
        return ExitCode::Interrupted;
    case ErrorCode::Io:
    case ErrorCode::WrongState:
    case ErrorCode::Unsupported:
        break;
    }
    return ExitCode::Failed;
}

void printError(std::string_view program, std::string_view message) {
    std::string line(message);
    while (!line.empty() && line.back() == '\n')
        line.pop_back();
    std::replace(line.begin(), line.end(), '\n', ' ');
    line = fmt::format("{}: {}\n", program, line);
    // Nothing sensible is left to do when even stderr is gone.
    static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
    static_cast<void>(std::fflush(stderr));
}

Error asInputError(Error error) {
    if (error.code == ErrorCode::NoDevice || error.code == ErrorCode::Io)
        error.code = ErrorCode::BadFile;
    return error;
}

}  // namespace fovea
