// SPDX-License-Identifier: Apache-2.0
// Command-line options to configuration keys and numbers.
#include "app/options.h"

#include "engine/core/text.h"
#include "engine/recon/recon_methods.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace fovea {

namespace {

template <class T>
CLI::Option *addRanged(CLI::App &app, const std::string &option, T &target, T low, T high,
                       const std::string &type, const std::string &help) {
    const auto read = [&target, low, high, option](const std::string &text) {
        const std::optional<T> value = parseNumber<T>(text);
        if (!value || !(*value >= low && *value <= high)) {
            throw CLI::ValidationError(
                option, fmt::format("found '{}', allowed a number from {} to {}", text, low, high));
        }
        target = *value;
    };
    return app.add_option_function<std::string>(option, read, help)->type_name(type);
}

}  // namespace

std::string_view version() {
    return FOVEA_VERSION;
}

void setSource(SourceConfig &source, const std::string &text) {
    const std::size_t colon = text.find(':');
    const std::string kind = text.substr(0, colon);
    if (kind == "usb" || kind == "pcie") {
        source.kind = kind;
        if (colon != std::string::npos)
            source.serial = text.substr(colon + 1);
    } else if (text == "synthetic") {
        source.kind = text;
    } else {
        source.kind = "file";
        source.path = text;
    }
}

ConfigOptions::ConfigOptions(CLI::App &app) : app_(app) {
    app.add_option("--config", file_, "YAML configuration; options win over it")
        ->type_name("FILE")
        ->group("Settings");
    app.add_option("--set", assignments_, "Set any configuration key, for example detect.every=40")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false)
        ->group("Settings");
    value("--backend", "engine.backend", "NAME",
          "What computes: auto (a graphics processor where there is one), cpu or cuda")
        ->group("Settings");
}

CLI::Option *ConfigOptions::value(const std::string &option, const std::string &field,
                                  const std::string &type, const std::string &help) {
    const auto remember = [this, field, option](const std::string &text) {
        settings_.push_back({field, text, option});
    };
    return app_.add_option_function<std::string>(option, remember, help)->type_name(type);
}

CLI::Option *ConfigOptions::flag(const std::string &option, const std::string &field,
                                 const std::string &value, const std::string &help) {
    const auto remember = [this, field, value, option] {
        settings_.push_back({field, value, option});
    };
    return app_.add_flag_callback(option, remember, help);
}

void ConfigOptions::addRecording() {
    const char *const group = "Reading the recording";
    value("--shape", "source.shape", "WxH", "Size of a plane, for example 400x250")->group(group);
    value("--rate", "source.rate_hz", "HZ", "Planes a second (40000 when nothing says it)")
        ->group(group);
    auto *flip = flag("--flip", "source.flip", "true", "The file has its bottom row first");
    auto *noFlip = flag("--no-flip", "source.flip", "false", "The file has its top row first");
    flip->group(group)->excludes(noFlip);
    noFlip->group(group);
    value("--format", "source.format", "NAME", "auto, raw, head, m1k40, npz, zstd")->group(group);
}

void ConfigOptions::addCamera() {
    flag("--no-reconnect", "source.reconnect", "false",
         "End with status 5 when the camera is lost instead of waiting for its return");
}

void ConfigOptions::addRecon() {
    const char *const group = "Making pictures";
    std::string methods;
    for (const ReconMethodInfo &info : reconMethods())
        methods += fmt::format("{}{} ({})", methods.empty() ? "" : ", ", info.name, info.what);
    value("--method", "recon.method", "NAME", methods)->group(group);
    value("--window", "recon.window", "PLANES", "TFP: planes in the window, odd")->group(group);
    value("--convention", "recon.convention", "NAME", "TFI: single or stack")->group(group);
    value("--reach", "recon.reach", "PLANES", "TFI: planes searched on each side")->group(group);
    value("--form", "recon.form", "NAME", "TFSTP: online or offline")->group(group);
    value("--history", "recon.history", "PLANES", "TFSTP: planes before the shown one")
        ->group(group);
    value("--mode", "recon.mode", "NAME",
          "adaptive, stability: centred, or causal (only planes up to the shown one)")
        ->group(group);
    value("--exposure", "recon.range", "NAME",
          "Black and white: fixed, or auto (from the picture; hot pixels have no say)")
        ->group(group);
    value("--gain", "recon.gain", "X", "Brightness of the picture, 1 = as computed")->group(group);
    value("--gamma", "recon.gamma", "X", "Gamma of the picture, 1 = linear")->group(group);
}

void ConfigOptions::addModel(bool bare) {
    const char *const group = "Running the network";
    const auto add = [&](const std::string &name, const std::string &type, const std::string &help,
                         bool shortName) {
        value((shortName ? "--" : "--model-") + name, "model." + name, type, help)->group(group);
    };
    if (!bare)
        value("--model", "model.file", "FILE", "Network for the method snn: .nir")->group(group);
    add("mode", "NAME", "if, srp or cos", bare);
    add("steps", "T", "Steps of a decision (default: as the model says)", bare);
    add("calibration", "N", "srp, cos: steps that only measure (default 4)", bare);
    add("window", "PLANES", "Planes averaged where a picture goes in", bare);
    add("hop", "PLANES", "Planes between decisions (default: as the model says)", bare);
    add("fit", "NAME", "Of another size than the camera: exact, crop, resize or tiles", bare);
    add("precision", "NAME", "fp32, bf16 or int8", bare);
    add("backend", "NAME", "auto, reference, cpu or cuda", false);
}

void ConfigOptions::addNoise(const std::string &seedOption) {
    const char *const group = "Injected noise";
    std::string kinds;
    for (const InjectorInfo &info : injectorInfos())
        kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", info.name);
    app_.add_option("--inject", inject_, "Any number of times; kinds: " + kinds)
        ->type_name("KIND:STRENGTH")
        ->allow_extra_args(false)
        ->group(group);
    value(seedOption, "noise.seed", "N", "Same seed, same noise")->group(group);
}

void ConfigOptions::addScene() {
    const char *const group = "Synthetic scene";
    value("--objects", "source.objects", "N", "Moving objects")->group(group);
    value("--light", "source.light", "NAME", "constant or fluorescent")->group(group);
    value("--sensor-noise", "source.sensor_noise", "X",
          "Scale of the sensor's own noise, 0 = ideal sensor")
        ->group(group);
    value("--seed", "source.seed", "N", "Seed of scene and sensor")->group(group);
}

Result<Config> ConfigOptions::resolve() const {
    Result<Config> config = file_.empty() ? Result<Config>(Config{}) : loadConfig(file_);
    if (!config) {
        // Whatever is wrong with the file, it is the configuration that is wrong.
        config.error().code = ErrorCode::Usage;
        return config;
    }
    if (auto applied = applyEnvironment(*config); !applied)
        return failed(applied);
    for (const std::string &assignment : assignments_) {
        const std::size_t equals = assignment.find('=');
        if (equals == std::string::npos)
            return fail(ErrorCode::Usage, "--set: found '{}', allowed KEY=VALUE", assignment);
        const std::string_view text = assignment;
        if (auto set = setField(*config, text.substr(0, equals), text.substr(equals + 1), "--set");
            !set)
            return failed(set);
    }
    for (const Setting &setting : settings_) {
        if (auto set = setField(*config, setting.field, setting.value, setting.origin); !set)
            return failed(set);
    }
    if (auto injected = takeInjectors(config->noise); !injected)
        return failed(injected);
    if (auto there = Backend(config->engine.backend).check(); !there)
        return failed(there);
    return config;
}

Result<void> ConfigOptions::takeInjectors(NoiseSettings &noise) const {
    if (inject_.empty())
        return {};
    noise.injectors.clear();
    for (const std::string &text : inject_) {
        auto parsed = parseInjectors(text);
        if (!parsed)
            return fail(ErrorCode::Usage, "--inject: {}", parsed.error().message);
        noise.injectors.insert(noise.injectors.end(), parsed->begin(), parsed->end());
    }
    if (auto valid = validate(noise); !valid)
        return fail(ErrorCode::Usage, "--inject: {}", valid.error().message);
    return {};
}

bool ConfigOptions::given(std::string_view field) const {
    for (const Setting &setting : settings_)
        if (setting.field == field)
            return true;
    for (const std::string &assignment : assignments_)
        if (assignment.compare(0, field.size() + 1, std::string(field) + "=") == 0)
            return true;
    return false;
}

void addVerbosity(CLI::App &app, Verbosity &verbosity) {
    app.add_flag("-q,--quiet", verbosity.quiet, "No progress and no notes on stderr, only errors");
    app.add_flag("-v,--verbose", verbosity.verbose, "Log what happens inside, on stderr");
}

void setUpLog(const Verbosity &verbosity) {
    spdlog::set_default_logger(spdlog::get("fovea") ? spdlog::get("fovea")
                                                    : spdlog::stderr_color_mt("fovea"));
    spdlog::set_pattern("%H:%M:%S.%e %^%l%$ %v");
    spdlog::set_level(verbosity.verbose
                          ? spdlog::level::debug
                          : (verbosity.quiet ? spdlog::level::err : spdlog::level::warn));
}

CLI::Option *addBits(CLI::App &app, std::uint64_t &bits) {
    const auto read = [&bits](const std::string &text) {
        if (text != "8" && text != "16")
            throw CLI::ValidationError("--bits", fmt::format("found '{}', allowed 8 or 16", text));
        bits = text == "8" ? 8 : 16;
    };
    return app
        .add_option_function<std::string>("--bits", read, "Bits a pixel: 8 or 16 (default 8)")
        ->type_name("N");
}

CLI::Option *addNumber(CLI::App &app, const std::string &option, std::uint64_t &target,
                       std::uint64_t low, std::uint64_t high, const std::string &help) {
    return addRanged(app, option, target, low, high, "N", help);
}

CLI::Option *addNumber(CLI::App &app, const std::string &option, double &target, double low,
                       double high, const std::string &help) {
    return addRanged(app, option, target, low, high, "X", help);
}

Result<void> PlaneRange::fit(std::uint64_t planes) {
    const std::uint64_t end = last.value_or(planes);
    if (first >= end || end > planes) {
        return fail(ErrorCode::Usage,
                    "--range: found {}:{}, allowed planes 0 to {} with the first below the second",
                    first, end, planes);
    }
    last = end;
    return {};
}

Result<PlaneRange> parseRange(std::string_view text) {
    const std::size_t colon = text.find(':');
    PlaneRange range;
    bool good = colon != std::string_view::npos;
    if (good && colon > 0) {
        const auto first = parseNumber<std::uint64_t>(text.substr(0, colon));
        good = first.has_value();
        range.first = first.value_or(0);
    }
    if (good && colon + 1 < text.size()) {
        range.last = parseNumber<std::uint64_t>(text.substr(colon + 1));
        good = range.last.has_value();
    }
    if (!good)
        return fail(ErrorCode::Usage, "--range: found '{}', allowed FIRST:END, FIRST: or :END",
                    text);
    return range;
}

}  // namespace fovea
