// SPDX-License-Identifier: Apache-2.0
// The command line: picks the subcommand, runs it, turns its error into message and exit status.
#include "app/exit_code.h"
#include "app/fovea/command.h"
#include "app/output_file.h"
#include "engine/core/text.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>
#include <spdlog/spdlog.h>

namespace fovea {

namespace {

constexpr const char *footer =
    "Data goes to stdout or to the named file, everything else to stderr.\n"
    "Exit status: 0 done, 1 failed, 2 command line or configuration, 3 no such device,\n"
    "4 bad input file, 5 device lost, 130 stopped by SIGINT, 143 by SIGTERM or SIGHUP.";

std::vector<std::unique_ptr<Command>> makeCommands(CLI::App &program) {
    std::vector<std::unique_ptr<Command>> commands;
    for (const auto make :
         {makeInfoCommand, makePlayCommand, makeReconstructCommand, makeDetectCommand,
          makeRunCommand, makeRecordCommand, makeSimulateCommand, makeNoiseCommand,
          makeExportCommand, makeEvaluateCommand, makeBenchCommand, makeModelCommand,
          makeListCommand})
        commands.push_back(make(program));
    return commands;
}

std::string unknown(std::string_view what, const std::string &word,
                    const std::vector<std::string> &known) {
    const std::string nearest = nearestName(word, known);
    return fmt::format("unknown {} '{}'{}", what, word.substr(0, 60),
                       nearest.empty() ? "" : ", nearest is " + nearest);
}

/// The word that is wrong, where the library only tells what is missing then.
std::string wrongWord(const CLI::App &program, std::span<char *const> words) {
    std::vector<std::string> known;
    const std::vector<CLI::App *> chosen = program.get_subcommands();
    if (chosen.empty()) {
        for (const CLI::App *command :
             program.get_subcommands([](const CLI::App *) { return true; }))
            known.push_back(command->get_name());
        const bool command = !words.empty() && words.front()[0] != '-';
        return command ? unknown("command", words.front(), known) : std::string();
    }
    for (const CLI::App *command = chosen.front(); command != nullptr;) {
        for (const CLI::Option *option : command->get_options())
            for (const std::string &name : option->get_lnames())
                known.push_back("--" + name);
        const std::vector<CLI::App *> inner = command->get_subcommands();
        command = inner.empty() ? nullptr : inner.front();
    }
    for (const std::string word : words) {
        const std::string name = word.substr(0, word.find('='));
        if (name.starts_with("--") && name.size() > 2 &&
            std::find(known.begin(), known.end(), name) == known.end())
            return unknown("option", name, known);
    }
    return {};
}

/// Help and version go to stdout with 0; anything else is one line on stderr with 2.
ExitCode parseFailed(const CLI::App &program, const CLI::ParseError &error,
                     std::span<char *const> words) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
        program.exit(error, std::cout, std::cerr);
        if (std::cout.flush())
            return ExitCode::Ok;
        printError("fovea", "stdout cannot be written to");
        return ExitCode::Failed;
    }
    std::string where = "fovea";
    for (const CLI::App *command = &program; !command->get_subcommands().empty();) {
        command = command->get_subcommands().front();
        where += " " + command->get_name();
    }
    const std::string wrong = wrongWord(program, words);
    printError("fovea",
               fmt::format("{} (see {} --help)", wrong.empty() ? error.what() : wrong, where));
    return ExitCode::Usage;
}

ExitCode runChosen(Command &command, const Interrupts &interrupts) {
    setUpLog(command.verbosity());
    // Whatever ends a command is told by its own message, once; the log is for the curious.
    if (!command.verbosity().verbose)
        spdlog::set_level(spdlog::level::off);
    const Result<void> done = command.run(interrupts);
    if (done)
        return ExitCode::Ok;
    if (stdoutReaderLeft())
        return ExitCode::BrokenPipe;
    if (done.error().code == ErrorCode::Cancelled) {
        printError("fovea", "stopped");
        return interrupts.signal() == SIGINT ? ExitCode::Interrupted : ExitCode::Terminated;
    }
    printError("fovea", done.error().message);
    return exitCode(done.error().code);
}

ExitCode runProgram(int argc, char **argv) {
    const Interrupts interrupts;  // first, so that a signal is never too early
    CLI::App program("Fovea: real-time vision for spike cameras", "fovea");
    program.set_version_flag("--version", fmt::format("fovea {}", version()));
    program.require_subcommand(1);
    program.footer(footer);
    const auto commands = makeCommands(program);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return parseFailed(program, error,
                           std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    }
    for (const auto &command : commands)
        if (command->chosen())
            return runChosen(*command, interrupts);
    return ExitCode::Usage;
}

}  // namespace

}  // namespace fovea

int main(int argc, char **argv) {
    try {
        return static_cast<int>(fovea::runProgram(argc, argv));
    } catch (const std::exception &error) {
        fovea::printError("fovea", error.what());
        return static_cast<int>(fovea::ExitCode::Failed);
    }
}
