// SPDX-License-Identifier: Apache-2.0
// Command-line options that the programs share: configuration keys, verbosity, plain numbers.
#pragma once

#include "engine/pipeline/config.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace fovea {

/// Version of the build, "0.1.0".
[[nodiscard]] std::string_view version();

/// Options that set configuration keys. Later sources win: defaults, --config file, environment
/// (FOVEA_SECTION_KEY), options. A value on the command line is checked by the same code as one in
/// a file and its message names the option.
///
/// Must outlive the parsing of `app`. Threads: one at a time.
class ConfigOptions {
public:
    /// Adds --config FILE, --set KEY=VALUE and --backend NAME.
    explicit ConfigOptions(CLI::App &app);
    ConfigOptions(const ConfigOptions &) = delete;
    ConfigOptions &operator=(const ConfigOptions &) = delete;

    /// `--rate HZ` sets `source.rate_hz`.
    CLI::Option *value(const std::string &option, const std::string &field, const std::string &type,
                       const std::string &help);
    /// `--loop` sets `source.loop` to `value`.
    CLI::Option *flag(const std::string &option, const std::string &field, const std::string &value,
                      const std::string &help);
    /// --shape, --rate, --flip, --no-flip, --format: how to read a recording.
    void addRecording();
    /// --no-reconnect: what to do when a camera is lost.
    void addCamera();
    /// --window, --convention, --reach, --gain, --gamma and --method: how to make pictures.
    void addRecon();
    /// --model, --model-mode, --model-steps, ...: which network, and how it is run. `bare`: without
    /// --model, and by short names (--mode, --steps, ...) but for --model-backend.
    void addModel(bool bare = false);
    /// --inject (any number of times) and --noise-seed: what to disturb the spikes with.
    void addNoise(const std::string &seedOption = "--noise-seed");
    /// Everything that belongs to the synthetic scene but --seconds: --objects, --light, ...
    void addScene();

    /// The configuration. `given` fields are those that options set (not file or environment).
    [[nodiscard]] Result<Config> resolve() const;
    [[nodiscard]] bool given(std::string_view field) const;

private:
    struct Setting {
        std::string field;
        std::string value;
        std::string origin;
    };
    [[nodiscard]] Result<void> takeInjectors(NoiseSettings &noise) const;

    CLI::App &app_;
    std::string file_;
    std::vector<std::string> assignments_;
    std::vector<std::string> inject_;
    std::vector<Setting> settings_;
};

/// What a person names as a source: "usb[:SERIAL]" and "pcie[:SERIAL]" are cameras, "synthetic" is
/// the scene, everything else is a file (one that is called so: ./usb).
void setSource(SourceConfig &source, const std::string &text);
[[nodiscard]] inline bool isCamera(const SourceConfig &source) {
    return source.kind == "usb" || source.kind == "pcie";
}

/// How much is said, on stderr.
struct Verbosity {
    bool quiet = false;    ///< no progress, no notes; errors still
    bool verbose = false;  ///< log of what happens inside
};
/// Adds --quiet and --verbose.
void addVerbosity(CLI::App &app, Verbosity &verbosity);
/// Sends spdlog to stderr at the wished level.
void setUpLog(const Verbosity &verbosity);

/// Adds --bits, 8 or 16.
CLI::Option *addBits(CLI::App &app, std::uint64_t &bits);
/// An option that holds a whole number in [low, high], read without the locale.
CLI::Option *addNumber(CLI::App &app, const std::string &option, std::uint64_t &target,
                       std::uint64_t low, std::uint64_t high, const std::string &help);
/// An option that holds a number in [low, high], read without the locale.
CLI::Option *addNumber(CLI::App &app, const std::string &option, double &target, double low,
                       double high, const std::string &help);

/// Planes [first, last), from "a:b", "a:" or ":b". `last` is empty when not given.
struct PlaneRange {
    std::uint64_t first = 0;
    std::optional<std::uint64_t> last;

    /// Within a recording of `planes` planes; an empty range or one that reaches beyond is
    /// ErrorCode::Usage.
    [[nodiscard]] Result<void> fit(std::uint64_t planes);
};
[[nodiscard]] Result<PlaneRange> parseRange(std::string_view text);

}  // namespace fovea
