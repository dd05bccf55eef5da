// SPDX-License-Identifier: Apache-2.0
// fovea info: what a recording is and how bright it is.
#include "app/fovea/command.h"
#include "app/fovea/recording.h"
#include "app/frame_json.h"
#include "app/output_file.h"
#include "datasets/recording_names.h"
#include "datasets/verify_recording.h"

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

Json checkJson(const std::filesystem::path &path, const RecordingCheck &check) {
    Json damaged = Json::array();
    for (const BlockRecord &block : check.damaged)
        damaged.push_back(Json{{"first_plane", block.firstPlane},
                               {"planes", block.planes},
                               {"offset", block.offset},
                               {"bytes", block.bytes}});
    return Json{{"file", path.string()},
                {"blocks", check.blocks},
                {"checked_planes", check.checkedPlanes},
                {"unchecked_planes", check.uncheckedPlanes},
                {"note", check.note},
                {"damaged", std::move(damaged)}};
}

std::string checkText(const std::filesystem::path &path, const RecordingCheck &check) {
    std::string text =
        fmt::format("{}: {} blocks with {} planes checked, {} damaged\n", path.string(),
                    check.blocks, check.checkedPlanes, check.damaged.size());
    for (const BlockRecord &block : check.damaged)
        text +=
            fmt::format("  damaged    stored planes {} to {} (bytes {} to {})\n", block.firstPlane,
                        block.endPlane() - 1, block.offset, block.endOffset() - 1);
    if (check.uncheckedPlanes > 0)
        text += fmt::format("  unchecked  {} planes: {}\n", check.uncheckedPlanes, check.note);
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
        app_.add_flag(
            "--verify", verify_,
            "Check every block against its checksum instead; status 4 when one is damaged");
        app_.add_flag("--rebuild-index", rebuild_,
                      "Write a new index of what the file holds now instead");
    }

    Result<void> run(const Interrupts &interrupts) override {
        const Result<Config> config = config_.resolve();
        if (!config)
            return tl::make_unexpected(config.error());
        Result<SpikeFile> file = openInput(path_, config->source);
        if (!file)
            return failed(file);
        if (verify_ || rebuild_)
            return checkFiles(*file, *config, interrupts);
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
    // A split recording is checked part by part.
    Result<void> checkFiles(const SpikeFile &file, const Config &config,
                            const Interrupts &interrupts) const {
        std::error_code ignored;
        std::vector<std::filesystem::path> files{file.info().path};
        if (!std::filesystem::exists(file.info().path, ignored))
            files = findParts(file.info().path);
        Json all = Json::array();
        std::size_t damaged = 0;
        std::string cut;
        for (const std::filesystem::path &path : files) {
            const Result<SpikeFile> part = openInput(path.string(), config.source);
            if (!part)
                return tl::make_unexpected(part.error());
            Progress progress(rebuild_ ? "indexing" : "checking", part->info().fileBytes, "bytes",
                              verbosity_.quiet);
            const ByteProgress go = [&](std::uint64_t bytes) {
                progress.update(bytes);
                return !interrupts.requested();
            };
            if (rebuild_) {
                if (auto made = rebuildIndex(part->info(), go); !made)
                    return made;
                continue;
            }
            const Result<RecordingCheck> checked = verifyRecording(part->info(), go);
            if (!checked)
                return tl::make_unexpected(checked.error());
            damaged += checked->damaged.size();
            const auto &said = part->info().descriptor;
            if (said && said->planes.value_or(0) > part->info().storedPlanes)
                cut = fmt::format("{}: its descriptor says {} planes, the file holds {}",
                                  path.string(), *said->planes, part->info().storedPlanes);
            all.push_back(checkJson(path, *checked));
            if (!json_)
                if (auto printed = printOut(checkText(path, *checked)); !printed)
                    return printed;
        }
        if (json_ && verify_)
            if (auto printed = printOut(all.dump(2) + "\n"); !printed)
                return printed;
        if (damaged > 0)
            return fail(ErrorCode::BadFile, "{}: {} damaged {}", path_, damaged,
                        damaged == 1 ? "block" : "blocks");
        if (!cut.empty())
            return fail(ErrorCode::BadFile, "{}", cut);
        return {};
    }

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
    bool verify_ = false;
    bool rebuild_ = false;
};

}  // namespace

std::unique_ptr<Command> makeInfoCommand(CLI::App &program) {
    return std::make_unique<InfoCommand>(program);
}

}  // namespace fovea
