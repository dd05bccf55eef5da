// SPDX-License-Identifier: Apache-2.0
// Runs real programs: start, signal, collect output and exit status.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace fovea::test {

struct ProgramResult {
    int exitCode = -1;      ///< 128 + signal when a signal ended it
    bool timedOut = false;  ///< it was killed
    std::string out;
    std::string err;
};

/// A child process whose stdout and stderr are collected by threads while it runs.
///
/// Threads: one at a time.
class Program {
public:
    struct Options {
        std::map<std::string, std::string> environment;  ///< added to ours; "" removes
        std::filesystem::path folder;                    ///< where it runs; empty: here
        bool closeOut = false;  ///< nobody reads its stdout: writing is EPIPE
    };
    Program(const std::string &path, const std::vector<std::string> &arguments,
            const Options &options);
    Program(const std::string &path, const std::vector<std::string> &arguments);
    /// Kills it when it still runs.
    ~Program();
    Program(const Program &) = delete;
    Program &operator=(const Program &) = delete;

    void signal(int number) const;
    [[nodiscard]] pid_t id() const { return child_; }
    /// Waits for the end, at most `limit` (times slowness()), then kills.
    [[nodiscard]] ProgramResult wait(std::chrono::milliseconds limit = std::chrono::minutes{2});

private:
    pid_t child_ = -1;
    ProgramResult result_;
    std::thread outReader_;
    std::thread errReader_;
};

/// Starts and waits.
[[nodiscard]] ProgramResult runProgram(const std::string &path,
                                       const std::vector<std::string> &arguments,
                                       const Program::Options &options = {});

}  // namespace fovea::test
