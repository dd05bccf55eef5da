// SPDX-License-Identifier: Apache-2.0
// fovea bench: how many planes, images and neurons a second this machine takes.
#include "app/bench/measure.h"
#include "app/bench/network_case.h"
#include "app/fovea/command.h"
#include "app/frame_json.h"
#include "app/output_file.h"

namespace fovea {

namespace {

class BenchCommand final : public Command {
public:
    explicit BenchCommand(CLI::App &program)
        : Command(program, "bench", "Measure planes and images per second of CPU time") {
        app_.add_option("--filter", filter_, "Only cases whose name contains this")
            ->type_name("TEXT");
        addNumber(app_, "--threads", threads_, 0, 256,
                  "Threads that share the work, 0: all cores but one (default 1)");
        addJson(json_, "One JSON array instead of a table");
    }

    Result<void> run(const Interrupts &interrupts) override {
        const std::vector<BenchCase> cases = benchCases(filter_);
        const std::vector<NetworkCase> networks = networkCases(filter_);
        if (cases.empty() && networks.empty())
            return fail(ErrorCode::Usage, "--filter {}: no case has this in its name; there are {}",
                        filter_, names());
        const double bandwidth = copyBandwidth();
        Json json = Json::array();
        auto done = runPlanes(cases, bandwidth, interrupts, json);
        if (done && !networks.empty())
            done = runNetworks(networks, bandwidth, interrupts, json);
        return done && json_ ? printOut(json.dump(2) + "\n") : done;
    }

private:
    Result<void> runPlanes(const std::vector<BenchCase> &cases, double bandwidth,
                           const Interrupts &interrupts, Json &json) const {
        if (!json_ && !cases.empty())
            if (auto printed = printOut(head(bandwidth)); !printed)
                return printed;
        for (const BenchCase &one : cases) {
            if (interrupts.requested())
                return fail(ErrorCode::Cancelled, "stopped");
            const Result<BenchResult> result =
                measure(one, static_cast<unsigned>(threads_), bandwidth);
            if (!result)
                return fail(result.error().code, "{}: {}", one.name, result.error().message);
            if (json_)
                json.push_back(entry(one, *result));
            else if (auto printed = printOut(line(one, *result)); !printed)
                return printed;
        }
        return {};
    }

    Result<void> runNetworks(const std::vector<NetworkCase> &cases, double bandwidth,
                             const Interrupts &interrupts, Json &json) const {
        const MachinePeaks peaks = machinePeaks(bandwidth);
        if (!json_)
            if (auto printed = printOut(head(peaks)); !printed)
                return printed;
        for (const NetworkCase &one : cases) {
            if (interrupts.requested())
                return fail(ErrorCode::Cancelled, "stopped");
            const auto result = measure(one, static_cast<unsigned>(threads_), peaks);
            if (!result)
                return fail(result.error().code, "{}: {}", one.name, result.error().message);
            if (json_)
                json.push_back(entry(one, *result));
            else if (auto printed = printOut(line(one, *result)); !printed)
                return printed;
        }
        return {};
    }

    static std::string names() {
        std::string all;
        const auto add = [&](const std::string &name) {
            if (!all.ends_with(name))
                all += (all.empty() ? "" : ", ") + name;
        };
        for (const BenchCase &one : benchCases())
            add(one.name);
        for (const NetworkCase &one : networkCases())
            add(one.name);
        return all;
    }

    static Json entry(const NetworkCase &one, const NetworkResult &result) {
        return {
            {"name", one.name},
            {"precision", toString(one.precision)},
            {"threads", result.threads},
            {one.images ? "images_per_cpu_second" : "elements_per_cpu_second", result.perCpuSecond},
            {"peak_fraction", result.peakFraction},
            {"spike_rates", result.rates}};
    }

    static std::string head(const MachinePeaks &peaks) {
        return fmt::format("peaks of one thread, G operations/s: int8 {:.0f}, bf16 {:.0f}{}, fp32 "
                           "{:.0f}\n{:<20}{:>6} {:>16} {:>6}  what (spike rates)\n",
                           peaks.int8 / 1e9, peaks.bf16 / 1e9,
                           peaks.unit.empty() ? std::string() : fmt::format(" ({})", peaks.unit),
                           peaks.fp32 / 1e9, "name", "", "per CPU second", "peak");
    }

    static std::string line(const NetworkCase &one, const NetworkResult &result) {
        std::string rates;
        for (const double rate : result.rates)
            rates += fmt::format("{}{:.2f}", rates.empty() ? "" : " ", rate);
        return fmt::format("{:<20}{:>6} {:>16} {:>6.3f}  {} ({})\n", one.name,
                           toString(one.precision),
                           one.images ? fmt::format("{:.1f} images", result.perCpuSecond)
                                      : fmt::format("{:.2f} G steps", result.perCpuSecond / 1e9),
                           result.peakFraction, one.about, rates);
    }

    static Json entry(const BenchCase &one, const BenchResult &result) {
        return {{"name", one.name},
                {"shape", toString(one.shape)},
                {"plane_rate_hz", one.planeRateHz},
                {"threads", result.threads},
                {"planes_per_cpu_second", result.planesPerCpuSecond},
                {"realtime", result.realtime},
                {"bytes_per_plane", one.bytesPerPlane},
                {"copy_fraction", result.copyFraction}};
    }

    static std::string head(double bandwidth) {
        return fmt::format("copy of memory: {:.1f} GB/s read and written\n"
                           "{:<20}{:>10} {:>6} {:>6} {:>12} {:>9} {:>11} {:>6}  {}\n",
                           bandwidth / 1e9, "name", "shape", "kHz", "spikes", "planes/CPU s",
                           "real time", "bytes/plane", "copy", "what");
    }

    static std::string line(const BenchCase &one, const BenchResult &result) {
        return fmt::format("{:<20}{:>10} {:>6g} {:>6.2f} {:>12.0f} {:>8.2f}x {:>11.0f} {:>6.2f}  "
                           "{}\n",
                           one.name, toString(one.shape), one.planeRateHz / 1000, one.spikeRate,
                           result.planesPerCpuSecond, result.realtime, one.bytesPerPlane,
                           result.copyFraction, one.about);
    }

    std::string filter_;
    std::uint64_t threads_ = 1;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makeBenchCommand(CLI::App &program) {
    return std::make_unique<BenchCommand>(program);
}

}  // namespace fovea
