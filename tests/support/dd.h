// SPDX-License-Identifier: Apache-2.0
// The measure of a disk: dd as the recorder writes.
#pragma once

#include "tests/support/program.h"

namespace fovea::test {

/// Bytes a second of dd with the recorder's block, flags and sync; 0 when it cannot write so.
inline double ddSpeed(const std::filesystem::path &path, std::uint64_t megabytes) {
    const std::uint64_t blocks = (megabytes + 3) / 4;
    const auto begin = std::chrono::steady_clock::now();
    const ProgramResult result =
        runProgram("/bin/dd", {"if=/dev/zero", "of=" + path.string(), "bs=4M",
                               "count=" + std::to_string(blocks), "oflag=direct", "conv=fsync"});
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    return result.exitCode == 0 ? static_cast<double>(blocks << 22) / spent.count() : 0;
}

}  // namespace fovea::test
