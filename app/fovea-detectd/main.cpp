// SPDX-License-Identifier: Apache-2.0
// The entry of the detection service: options, configuration, run.
#include "app/catalog.h"
#include "app/fovea-detectd/service.h"
#include "app/model_use.h"
#include "app/options.h"
#include "app/output_file.h"

#include <spdlog/spdlog.h>

namespace {

using namespace fovea;

struct Options {
    bool check = false;
    bool print = false;
    bool stay = false;
    Verbosity verbosity;
};

void addOptions(CLI::App &app, Options &options) {
    app.get_option("--config")->required();
    app.add_flag("--check-config", options.check, "Say whether the configuration is good and end");
    app.add_flag("--print-config", options.print,
                 "Print the configuration that would be used, with comments, and end");
    app.add_flag("--stay", options.stay, "Go on answering when the source has ended");
    app.set_version_flag("--version", "fovea-detectd " + std::string(version()));
    addVerbosity(app, options.verbosity);
    app.footer("Exit codes: 0 ended as asked, 1 failed, 2 options or configuration, 3 no device,\n"
               "4 bad file, 5 device lost, 130 a second signal,\n"
               "141 whoever read the detections has left.\n"
               "SIGTERM and SIGINT end it within two seconds, SIGHUP reads the configuration "
               "again.");
}

Result<Config> load(const ConfigOptions &options, SourceCatalog &catalog) {
    Result<Config> config = options.resolve();
    if (!config)
        return config;
    if (auto prepared = prepareModel(*config); !prepared)
        return failed(prepared);
    if (auto checked = checkService(*config, catalog); !checked)
        return failed(checked);
    return config;
}

ExitCode printText(const std::string &text) {
    if (auto printed = printOut(text); !printed) {
        if (stdoutReaderLeft())
            return ExitCode::BrokenPipe;
        printError("fovea-detectd", printed.error().message);
        return ExitCode::Failed;
    }
    return ExitCode::Ok;
}

ExitCode serve(const std::string &file, const ConfigOptions &configOptions, const Options &options,
               const Interrupts &interrupts) {
    SteadyClock clock;
    const std::unique_ptr<SourceCatalog> catalog = makeSourceCatalog(clock);
    Result<Config> config = load(configOptions, *catalog);
    if (!config) {
        printError("fovea-detectd", config.error().message);
        return exitCode(config.error().code);
    }
    if (options.check)
        return printText(file + ": ok\n");
    if (options.print)
        return printText(commentedYaml(*config));
    const auto reload = [&] { return load(configOptions, *catalog); };
    Service service(*config, {file, options.stay, reload}, *catalog, clock);
    return service.run(interrupts);
}

}  // namespace

int main(int argc, char **argv) {
    const Interrupts interrupts;  // first, so that a signal is never too early
    CLI::App app("Fovea detection service: spikes in, detections as JSON lines out");
    ConfigOptions configOptions(app);
    Options options;
    addOptions(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success &success) {
        return app.exit(success);
    } catch (const CLI::ParseError &error) {
        printError("fovea-detectd", error.what());
        return static_cast<int>(ExitCode::Usage);
    }
    setUpLog(options.verbosity);
    if (!options.verbosity.quiet && !options.verbosity.verbose)
        spdlog::set_level(spdlog::level::info);
    const std::string file = app.get_option("--config")->as<std::string>();
    return static_cast<int>(serve(file, configOptions, options, interrupts));
}
