// SPDX-License-Identifier: Apache-2.0
// The entry of the trainer: options, run, bench.
#include "app/exit_code.h"
#include "app/fovea-train/run_training.h"
#include "app/fovea-train/training_bench.h"
#include "app/output_file.h"
#include "engine/core/text.h"

#include <CLI/CLI.hpp>
#include <iostream>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Not `using namespace fovea`: libtorch has a Device and a Backend, too.
namespace fovea {

namespace {

std::string commandLine(int argc, char **argv) {
    std::string line = "fovea-train";
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const bool plain = word.find_first_of(" '\"$;&|()<>*?") == std::string::npos;
        line += plain ? " " + word : " '" + word + "'";
    }
    return line;
}

/// PART as K/N and MEET as HOST:PORT.
Result<std::optional<MeetingPlace>> readMeeting(const std::string &part, const std::string &meet) {
    if (part.empty() && meet.empty())
        return std::optional<MeetingPlace>();
    const auto behind = [](const std::string &text, std::size_t mark) {
        return mark == std::string::npos ? std::string() : text.substr(mark + 1);
    };
    const std::size_t slash = part.find('/');
    const std::size_t colon = meet.rfind(':');
    const auto number = parseNumber<std::size_t>(part.substr(0, slash));
    const auto parts = parseNumber<std::size_t>(behind(part, slash));
    const auto port = parseNumber<std::uint16_t>(behind(meet, colon));
    if (!number || !parts || *number < 1 || *number > *parts)
        return fail(ErrorCode::Usage, "--part: found '{}', expected K/N, for example 1/2", part);
    if (!port || *port == 0 || colon == 0)
        return fail(ErrorCode::Usage, "--meet: found '{}', expected HOST:PORT of part 1", meet);
    return MeetingPlace{meet.substr(0, colon), *port, *number - 1, *parts};
}

/// A step frees what the next one takes again; given back to the kernel in between, hundreds of
/// megabytes would come as new pages every time.
void keepFreedMemory() {
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}

int runProgram(int argc, char **argv) {
    keepFreedMemory();
    const Interrupts interrupts;  // first, so that a signal is never too early
    CLI::App app("Fovea trainer: pictures or spikes in, networks for spike cameras out");
    app.require_subcommand(1);
    app.set_version_flag("--version", "fovea-train " + std::string(version()));
    RunSettings run;
    run.command = commandLine(argc, argv);
    Verbosity verbosity;
    CLI::App *const runApp = app.add_subcommand("run", "Train by a preset");
    runApp->add_option("PRESET", run.preset, "YAML file, see app/fovea-train/README.md")
        ->required();
    runApp->add_option("--set", run.changes, "Change a field of the preset")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    runApp->add_option("-o,--output", run.folder, "Folder for model, report and curve")->required();
    runApp->add_flag("--resume", run.resume, "Go on from the folder's checkpoint");
    std::string part, meet;
    runApp->add_option("--part", part, "Train together with other processes, as the K-th of N")
        ->type_name("K/N");
    runApp->add_option("--meet", meet, "Where they meet: part 1 listens there")
        ->type_name("HOST:PORT");
    addVerbosity(*runApp, verbosity);
    BenchSettings bench;
    CLI::App *const benchApp = app.add_subcommand("bench", "Measure training steps");
    benchApp->add_flag("--json", bench.json, "JSON instead of a table");
    benchApp->add_option("--filter", bench.filter, "Only cases whose name holds this");
    benchApp->add_option("--threads", bench.threads, "Threads of libtorch (default 1)");
    benchApp->add_option("--seconds", bench.seconds, "At least so long for each case (default 2)");
    app.footer("Exit codes: 0 done, 1 failed, 2 options or preset, 4 bad file, 130 interrupted.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success &success) {
        return app.exit(success);
    } catch (const CLI::ParseError &error) {
        printError("fovea-train", error.what());
        return static_cast<int>(ExitCode::Usage);
    }
    setUpLog(verbosity);
    const auto done = withoutThrowing([&]() -> Result<void> {
        if (!benchApp->parsed()) {
            auto meeting = readMeeting(part, meet);
            if (!meeting)
                return failed(meeting);
            run.meeting = std::move(*meeting);
            return runTraining(run, verbosity, interrupts);
        }
        return printOut(benchTraining(bench));
    });
    if (done)
        return 0;
    if (done.error().code == ErrorCode::Cancelled && interrupts.requested())
        return 128 + interrupts.signal();
    printError("fovea-train", done.error().message);
    return static_cast<int>(exitCode(done.error().code));
}

}  // namespace

}  // namespace fovea

int main(int argc, char **argv) {
    return fovea::runProgram(argc, argv);
}
