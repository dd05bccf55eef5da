// SPDX-License-Identifier: Apache-2.0
// The budgets of a recording on the command line.
#include "app/fovea/record_preflight.h"

#include "app/progress.h"
#include "app/recorder_options.h"
#include "datasets/disk_probe.h"

#include <filesystem>

namespace fovea {

Result<Preflight> measurePreflight(const Config &config, const SourceInfo &source,
                                   const std::string &output, double seconds,
                                   const Interrupts &interrupts, bool quiet) {
    const std::filesystem::path path = std::filesystem::absolute(output);
    PreflightInput input = preflightInput(config, source, path);
    input.seconds = seconds;
    Progress progress("measuring the disk", 100, "%", quiet);
    const auto disk = probeDisk(path.parent_path(), [&](double share) {
        progress.update(static_cast<std::uint64_t>(share * 100));
        return !interrupts.requested();
    });
    progress.clear();
    if (!disk)
        return tl::make_unexpected(disk.error());
    input.diskBytesPerSecond = *disk;
    const auto engine = measureEngine(config, source.shape, source.planeRateHz);
    if (!engine)
        return tl::make_unexpected(engine.error());
    input.enginePlanesPerSecond = *engine;
    return checkBudgets(input);
}

std::optional<double> glanceAtDisk(const std::string &output) {
    DiskProbeOptions options;
    options.limit = std::chrono::milliseconds{250};
    options.bytes = std::uint64_t{64} << 20;
    const auto disk = probeDisk(
        std::filesystem::absolute(output).parent_path(), [](double) { return true; }, options);
    return disk ? std::optional(*disk) : std::nullopt;
}

std::string slowDiskText(const Config &config, const SourceInfo &source, const std::string &output,
                         double bytesPerSecond) {
    PreflightInput input = preflightInput(config, source, std::filesystem::absolute(output));
    input.diskBytesPerSecond = bytesPerSecond;
    const Preflight checked = checkBudgets(input);
    for (const Budget &budget : checked.budgets)
        if (budget.name == "disk" && budget.light == BudgetLight::Red)
            return fmt::format("planes will be lost: the camera {}", budget.text);
    return {};
}

std::string preflightText(const Preflight &preflight) {
    std::string text;
    for (const Budget &budget : preflight.budgets)
        text += fmt::format("{:<7}{:<7}{}\n", budget.name, toString(budget.light), budget.text);
    return text + preflight.verdict() + "\n";
}

Json preflightJson(const Preflight &preflight) {
    Json budgets = Json::array();
    for (const Budget &budget : preflight.budgets)
        budgets.push_back(Json{{"name", budget.name},
                               {"light", toString(budget.light)},
                               {"needed", budget.needed},
                               {"present", budget.present ? Json(*budget.present) : Json()},
                               {"text", budget.text}});
    return Json{{"light", toString(preflight.light())},
                {"verdict", preflight.verdict()},
                {"budgets", std::move(budgets)}};
}

}  // namespace fovea
