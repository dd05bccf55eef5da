// SPDX-License-Identifier: Apache-2.0
// What all subcommands have in common, and their list.
#pragma once

#include "app/frame_json.h"
#include "app/interrupts.h"
#include "app/options.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace fovea {

/// One subcommand: its constructor declares the options, run() does the work.
///
/// Threads: one at a time.
class Command {
public:
    Command(CLI::App &program, const std::string &name, const std::string &help);
    Command(const Command &) = delete;
    Command &operator=(const Command &) = delete;
    virtual ~Command() = default;

    /// It is the one on the command line.
    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    [[nodiscard]] const Verbosity &verbosity() const { return verbosity_; }
    /// Data goes to stdout or to the output file, everything else to stderr. ErrorCode::Cancelled
    /// when `interrupts` was heeded before the work was done.
    [[nodiscard]] virtual Result<void> run(const Interrupts &interrupts) = 0;

protected:
    /// A positional FILE.
    void addInput(std::string &path, const std::string &help = "Recording: .dat, .bin, .npz");
    /// -o, --output.
    void addOutput(std::string &path, const std::string &help);
    /// --json.
    void addJson(bool &json, const std::string &help);
    /// One line on stderr unless --quiet: "fovea: text".
    void note(std::string_view text) const;
    /// What was made: one object on stdout with --json, else a note.
    [[nodiscard]] Result<void> tell(bool json, const Json &made, std::string_view text) const;
    void warn(const std::vector<std::string> &warnings) const;

    CLI::App &app_;
    Verbosity verbosity_;
};

[[nodiscard]] std::unique_ptr<Command> makeInfoCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makePlayCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeReconstructCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeDetectCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeRunCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeRecordCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeSimulateCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeNoiseCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeExportCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeEvaluateCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeBenchCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeModelCommand(CLI::App &program);
[[nodiscard]] std::unique_ptr<Command> makeListCommand(CLI::App &program);

}  // namespace fovea
