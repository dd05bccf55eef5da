// SPDX-License-Identifier: Apache-2.0
// The table of settings.
#include "engine/pipeline/config_fields.h"

#include "engine/core/speed_ladder.h"
#include "engine/pipeline/config_codecs.h"
#include "engine/recon/recon_methods.h"

#include <limits>

namespace fovea {

namespace {

bool parseView(const std::string &item, ViewConfig &view) {
    std::string method = item;
    constexpr std::string_view suffix = " clean";
    view.clean = method.ends_with(suffix);
    if (view.clean)
        method.resize(method.size() - suffix.size());
    view.method = method;
    return parseReconMethod(method).has_value();
}

bool parseInjectorItem(const std::string &item, InjectorSettings &injector) {
    std::string body = item;
    constexpr std::string_view suffix = " off";
    const bool off = body.ends_with(suffix);
    if (off)
        body.resize(body.size() - suffix.size());
    const auto parsed = parseInjectors(body);
    if (!parsed || parsed->size() != 1)
        return false;
    injector = parsed->front();
    injector.enabled = !off;
    return true;
}

std::string formatInjector(const InjectorSettings &injector) {
    return fmt::format("{}:{}{}", toString(injector.kind), injector.strength,
                       injector.enabled ? "" : " off");
}

codec::Codec injectors(std::vector<InjectorSettings> &value) {
    std::vector<std::string> kinds;
    for (const InjectorInfo &info : injectorInfos())
        kinds.push_back(fmt::format("{} 0 to {}", info.name, info.maximum));
    const std::string allowed =
        fmt::format("a list of kind:strength, each kind once (kinds: {}), each may end in ' off'",
                    fmt::join(kinds, ", "));
    const auto inner = [allowed](std::vector<InjectorSettings> &items) {
        return codec::list<InjectorSettings>(items, allowed, parseInjectorItem, formatInjector);
    };
    return {[&value, inner, allowed](const YAML::Node &node) -> std::string {
                NoiseSettings parsed;
                if (!inner(parsed.injectors).read(node).empty() || !validate(parsed))
                    return allowed;
                value = std::move(parsed.injectors);
                return {};
            },
            inner(value).write};
}

constexpr std::uint64_t anyCount = std::numeric_limits<std::uint64_t>::max();

class Table {
public:
    void section(std::string_view name) { section_ = name; }
    void add(std::string_view key, std::string_view help, codec::Codec value) {
        fields_.push_back({section_, key, help, std::move(value.read), std::move(value.write)});
    }
    std::vector<ConfigField> take() { return std::move(fields_); }

private:
    std::string_view section_;
    std::vector<ConfigField> fields_;
};

void addSource(Table &table, SourceConfig &c) {
    using namespace codec;
    table.section("source");
    table.add("kind", "where spikes come from",
              choice(c.kind, {"synthetic", "file", "usb", "pcie"}));
    table.add("path", "of a recording (kind file)", text(c.path));
    table.add("serial", "of a camera; empty: the first one", text(c.serial));
    table.add("usb_id", "vendor:product of a USB camera, 0403:601f; empty: any FT600 or FT601",
              text(c.usbId));
    table.add("pcie_library", "of the capture card; empty: libhda100.so", text(c.pcieLibrary));
    table.add("pcie_version", "its version; 0 = any", number<std::uint32_t>(c.pcieVersion, 0, 99));
    table.add("shape", "width x height of a plane in pixels",
              automatic<PlaneShape>(c.shape, [](PlaneShape &s) { return shape(s); }));
    table.add("rate_hz", "planes a second", automatic<double>(c.planeRateHz, [](double &v) {
                  return number(v, 1.0, planeRateLimitHz);
              }));
    table.add("flip", "stored planes have their bottom row first",
              automatic<bool>(c.flip, [](bool &v) { return boolean(v); }));
    table.add("format", "of the recording",
              choice(c.format, {"auto", "raw", "head", "m1k40", "npz", "zstd"}));
    table.add("speed", "multiple of real time; 0 = as fast as it goes",
              number(c.speed, 0.0, speedLimit));
    table.add("every_plane", "false: leave planes out to keep pace, and count them",
              boolean(c.everyPlane));
    table.add("loop", "begin again at the end", boolean(c.loop));
    table.add("range_begin", "first plane to play",
              number<std::uint64_t>(c.rangeBegin, 0, anyCount));
    table.add("range_end", "one past the last plane; 0 = to the end",
              number<std::uint64_t>(c.rangeEnd, 0, anyCount));
    table.add("hold_at_end", "wait at the last plane instead of ending", boolean(c.holdAtEnd));
    table.add("reconnect", "wait for a lost camera, or end", boolean(c.reconnect));
    table.add("seed", "of the synthetic scene", number<std::uint64_t>(c.seed, 0, anyCount));
    table.add("objects", "in the synthetic scene", number<std::uint32_t>(c.objects, 0, 64));
    table.add("seconds", "length of the synthetic scene; 0 = endless",
              number(c.seconds, 0.0, 86400.0));
    table.add("light", "of the synthetic scene", choice(c.light, {"constant", "fluorescent"}));
    table.add("sensor_noise", "scale of the synthetic sensor's own noise; 0 = ideal",
              number(c.sensorNoise, 0.0, 10.0));
}

void addNoise(Table &table, NoiseSettings &c) {
    using namespace codec;
    table.section("noise");
    table.add("seed", "same seed, same noise", number<std::uint64_t>(c.seed, 0, anyCount));
    table.add("inject", "list of kind:strength, for example [\"flip:0.01\", \"dead:0.001 off\"]",
              injectors(c.injectors));
}

void addRecon(Table &table, ReconSettings &c) {
    using namespace codec;
    table.section("recon");
    table.add(
        "method", "of single pictures (the window's are under display)",
        enumeration(c.method, parseReconMethod, fmt::format("one of {}", reconMethodNames())));
    table.add("window", "TFP: planes in the window, odd",
              oddNumber(c.window, 1, ReconSettings::maxWindow));
    table.add("convention", "TFI: which interval a plane gets",
              enumeration(c.convention, parseTfiConvention, "one of single, stack"));
    table.add("reach", "TFI: planes searched on each side",
              number<std::uint32_t>(c.reach, 1, ReconSettings::maxReach));
    table.add("form", "TFSTP: where a pixel's first interval begins",
              enumeration(c.form, parseTfstpForm, "one of online, offline"));
    table.add("history", "TFSTP: planes before the shown one",
              number<std::uint32_t>(c.history, 1, ReconSettings::maxHistory));
    table.add("mode", "adaptive, stability: planes around the shown one, or none after it",
              enumeration(c.mode, parseReconMode, "one of centred, causal"));
    table.add("range", "black and white: fixed, or auto = from each picture, hot pixels left out",
              enumeration(c.range, parseReconRange, "one of fixed, auto"));
    table.add("gain", "brightness of pictures", number(c.gain, 0.01, 1000.0));
    table.add("gamma", "of pictures; 1 = linear", number(c.gamma, 0.1, 10.0));
}

void addDetect(Table &table, DetectConfig &c) {
    using namespace codec;
    table.section("detect");
    MotionSettings &m = c.detector.motion;
    AttentionSettings &a = c.detector.attention;
    TrackerSettings &t = c.tracker;
    table.add("enabled", "find and follow moving things", boolean(c.enabled));
    table.add(
        "method", "motion: rate change; attention: SpikeCV's chain; snn: the model",
        enumeration(c.detector.method, parseDetectionMethod, "one of motion, attention, snn"));
    table.add("every", "planes between results; 0 = one a millisecond",
              number<std::uint32_t>(c.every, 0, 1000000));
    table.add("change_sigmas", "motion: how far from its recent rate a changing place is",
              number(m.changeSigmas, 1.0F, 100.0F));
    table.add("contrast_sigmas", "motion: how far from the background an object is",
              number(m.contrastSigmas, 1.0F, 100.0F));
    table.add("min_area", "motion: smallest object in pixels", number(m.minArea, 1.0F, 1e6F));
    table.add("attention_mode", "attention: fast (real-time) or exact (SpikeCV bit for bit)",
              enumeration(a.mode, parseAttentionMode, "one of exact, fast"));
    table.add("attention_size", "attention: half width of the neural field's kernel",
              number(a.attentionSize, 1, 100));
    table.add("calibration_planes", "attention: planes that only settle the filter",
              number(a.calibrationPlanes, 0, 1000000));
    table.add("fit_boxes", "attention: fit boxes to what moves inside", boolean(a.fitBoxes));
    table.add("confirm_seconds", "a new object must be seen so long",
              number(t.confirmSeconds, 0.0, 10.0));
    table.add("coast_seconds", "an object may be unseen so long",
              number(t.coastSeconds, 0.0, 10.0));
}

void addModel(Table &table, ModelSettings &c) {
    using namespace codec;
    table.section("model");
    table.add("file", "spiking network for the methods snn, a NIR file; empty: none", text(c.file));
    table.add("mode", "of a converted network: plain, with silenced or with shifted neurons",
              enumeration(c.mode, readInferenceMode, "one of if, srp, cos"));
    table.add("steps", "of a decision; 0 = as the model says",
              number<std::uint32_t>(c.steps, 0, ModelSettings::maxSteps));
    table.add("calibration", "srp, cos: steps that only measure",
              number<std::uint32_t>(c.calibration, 1, ModelSettings::maxSteps));
    table.add("window", "planes averaged where a picture goes in; 0 = as the model says",
              number<std::uint32_t>(c.window, 0, ModelSettings::maxPlanes));
    table.add("hop", "planes between decisions; 0 = as the model says",
              number<std::uint32_t>(c.hop, 0, ModelSettings::maxPlanes));
    table.add("fit", "of another size than the camera: auto (as the model says) or how",
              enumeration(c.fit, parseModelFit, "one of auto, exact, crop, resize, tiles"));
    table.add("backend", "what runs it: auto, reference (plain loops), cpu, cuda",
              enumeration(c.backend, parseExecutorBackend, "one of auto, reference, cpu, cuda"));
    table.add("precision", "numbers it computes in",
              enumeration(c.precision, parsePrecision, "one of fp32, bf16, int8"));
}

void addRest(Table &table, Config &c) {
    using namespace codec;
    table.section("display");
    table.add("rate_hz", "pictures a second, at most", number(c.display.rateHz, 0.1, 1000.0));
    static const std::string views =
        fmt::format("list of {}; ' clean' leaves the injected noise out", reconMethodNames());
    table.add(
        "views", views,
        list<ViewConfig>(c.display.views,
                         fmt::format("a list of {}, each may end in ' clean'", reconMethodNames()),
                         parseView,
                         [](const ViewConfig &v) { return v.method + (v.clean ? " clean" : ""); }));
    table.section("engine");
    table.add("block_ms", "planes handed over at once, in milliseconds of real time",
              number(c.engine.blockMilliseconds, 0.1, 100.0));
    table.add("ring_ms", "how long a stalled engine loses nothing, in milliseconds",
              number(c.engine.ringMilliseconds, 1.0, 10000.0));
    table.add("threads", "that share the engine's work, 0 = all cores but one (two of two)",
              number<std::uint32_t>(c.engine.threads, 0, 256));
    table.add("backend", "what computes: auto (a graphics processor where there is one), cpu, cuda",
              enumeration(c.engine.backend, parseBackend, "one of auto, cpu, cuda"));
    table.section("record");
    table.add("file", "recording that the service makes of what it sees; empty: none",
              text(c.record.file));
    table.add("on_lost", "a lost camera's recording: continue in another file, or close",
              choice(c.record.onLost, {"continue", "close"}));
    table.add("compress", "without loss; auto: when it saves room and a core has the time",
              choice(c.record.compress, {"none", "auto", "zstd"}));
    table.add("split_mb", "megabytes of a file at most, then the next; 0 = all in one",
              number(c.record.splitMegabytes, 0.0, 1e9));
    table.add("split_seconds", "seconds of a file; 0 = all in one",
              number(c.record.splitSeconds, 0.0, 1e6));
    table.section("service");
    table.add("address", "to listen on (this machine only)", text(c.service.address));
    table.add("port", "0 = any free one", number<std::uint32_t>(c.service.port, 0, 65535));
    table.add("output", "of JSON lines: - is stdout, else a file; empty: none",
              text(c.service.output));
    table.add("queue_results", "results kept for a slow output",
              number<std::uint32_t>(c.service.queueResults, 1, 1000000));
}

}  // namespace

std::vector<ConfigField> fieldsOf(Config &config) {
    Table table;
    addSource(table, config.source);
    addNoise(table, config.noise);
    addRecon(table, config.recon);
    addDetect(table, config.detect);
    addModel(table, config.model.settings);
    addRest(table, config);
    return table.take();
}

}  // namespace fovea
