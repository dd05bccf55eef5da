// SPDX-License-Identifier: Apache-2.0
// fovea info: what a recording is and how bright it is.
#include "app/fovea/command.h"
#include "app/fovea/recording.h"
#include "app/frame_json.h"
#include "app/output_file.h"

namespace fovea {

namespace {

/// Share of ones, and how many planes could really be read.
struct Brightness {
    std::uint64_t spikes = 0;
    std::uint64_t planes = 0;
    [[nodiscard]] double meanRate(PlaneShape shape) const {
        const double pixels = static_cast<double>(planes) * static_cast<double>(shape.pixels());
        return pixels > 0 ? static_cast<double>(spikes) / pixels : 0;
    }
};

std::string duration(double seconds) {
    if (seconds < 1)
        return fmt::format("{:.6g} ms", seconds * 1e3);
    return fmt::format("{:.6g} s", seconds);
}

Json gapsJson(const SpikeFileInfo &info) {
    Json gaps = Json::array();
    for (const RecordingGap &gap : info.gaps)
        gaps.push_back(
            Json{{"before", gap.before}, {"planes", gap.planes}, {"reason", toString(gap.reason)}});
    return gaps;
}

Json infoJson(const SpikeFileInfo &info, const std::optional<Brightness> &brightness) {
    Json json{{"file", info.path.string()},
              {"format", toString(info.format)},
              {"planes", info.planes},
              {"stored_planes", info.storedPlanes},
              {"width", info.shape.width},
              {"height", info.shape.height},
              {"rate_hz", info.rateHz},
              {"rate_assumed", info.rateAssumed},
              {"seconds", info.seconds()},
              {"mean_rate", brightness ? Json(brightness->meanRate(info.shape)) : Json()},
              {"flip", info.flip},
              {"bytes", info.fileBytes},
              {"gaps", gapsJson(info)},
              {"label", info.label ? Json(*info.label) : Json()},
              {"label_name", info.labelName},
              {"warnings", info.warnings}};
    const Descriptor descriptor = info.descriptor.value_or(Descriptor{});
    json["descriptor"] = info.descriptor ? Json(descriptor.path.string()) : Json();
    json["device"] = descriptor.device;
    json["serial"] = descriptor.serial;
    json["noise"] = descriptor.noise;
    json["created_by"] = descriptor.createdBy;
    json["closed"] = descriptor.closed;
    return json;
}

std::string infoText(const SpikeFileInfo &info, const std::optional<Brightness> &brightness) {
    std::string text = info.path.string() + "\n";
    const auto line = [&text](std::string_view name, const std::string &value) {
        text += fmt::format("  {:<11}{}\n", name, value);
    };
    line("planes", info.planes == info.storedPlanes
                       ? fmt::format("{}", info.planes)
                       : fmt::format("{} ({} stored, {} {})", info.planes, info.storedPlanes,
                                     info.gaps.size(), info.gaps.size() == 1 ? "gap" : "gaps"));
    line("size", toString(info.shape));
    line("rate", fmt::format("{:.10g} planes/s{}", info.rateHz,
                             info.rateAssumed ? " (assumed: nothing says it)" : ""));
    line("duration", duration(info.seconds()));
    if (brightness)
        line("mean rate",
             fmt::format("{:.4f} spikes per pixel and plane", brightness->meanRate(info.shape)));
    line("format",
         fmt::format("{}, {} row first", toString(info.format), info.flip ? "bottom" : "top"));
    line("bytes", fmt::format("{}", info.fileBytes));
    if (info.label)
        line("label", fmt::format("{} {}", *info.label, info.labelName));
    if (info.descriptor) {
        line("descriptor", info.descriptor->path.string());
        if (!info.descriptor->device.empty())
            line("device", fmt::format("{} {}", info.descriptor->device, info.descriptor->serial));
        if (!info.descriptor->noise.empty())
            line("noise", info.descriptor->noise);
    }
    for (const std::string &warning : info.warnings)
        line("warning", warning);
    return text;
}

class InfoCommand final : public Command {
public:
    explicit InfoCommand(CLI::App &program)
        : Command(program, "info", "Say what a recording is: size, length, rate, brightness"),
          config_(app_) {
        addInput(path_);
        config_.addRecording();
        addJson(json_, "One JSON object instead of text");
        app_.add_flag("--no-scan", noScan_, "Do not read the planes (no mean rate)");
    }

    Result<void> run(const Interrupts &interrupts) override {
        const Result<Config> config = config_.resolve();
        if (!config)
            return tl::make_unexpected(config.error());
        Result<SpikeFile> file = openInput(path_, config->source);
        if (!file)
            return failed(file);
        std::optional<Brightness> brightness;
        if (!noScan_) {
            Result<Brightness> scanned = scan(*file, interrupts);
            if (!scanned)
                return failed(scanned);
            brightness = *scanned;
        }
        return printOut(json_ ? infoJson(file->info(), brightness)
                                        .dump(2, ' ', false, Json::error_handler_t::replace) +
                                    "\n"
                              : infoText(file->info(), brightness));
    }

private:
    Result<Brightness> scan(const SpikeFile &file, const Interrupts &interrupts) const {
        const SpikeFileInfo &info = file.info();
        Progress progress("reading", info.planes, "planes", verbosity_.quiet);
        Brightness brightness;
        auto read = forEachBlock(file, 0, info.planes, interrupts, progress,
                                 [&](const SpikeBlock &block) -> Result<void> {
                                     for (std::uint32_t i = 0; i < block.planeCount(); ++i)
                                         brightness.spikes +=
                                             countSpikes(block.plane(i), block.shape());
                                     brightness.planes += block.planeCount();
                                     return {};
                                 });
        if (!read)
            return failed(read);
        return brightness;
    }

    ConfigOptions config_;
    std::string path_;
    bool json_ = false;
    bool noScan_ = false;
};

}  // namespace

std::unique_ptr<Command> makeInfoCommand(CLI::App &program) {
    return std::make_unique<InfoCommand>(program);
}

}  // namespace fovea
