// SPDX-License-Identifier: Apache-2.0
// fovea bench: how many planes a second this machine takes.
#include "app/bench/measure.h"
#include "app/fovea/command.h"
#include "app/frame_json.h"
#include "app/output_file.h"

namespace fovea {

namespace {

class BenchCommand final : public Command {
public:
    explicit BenchCommand(CLI::App &program)
        : Command(program, "bench", "Measure planes per second of CPU time") {
        app_.add_option("--filter", filter_, "Only cases whose name contains this")
            ->type_name("TEXT");
        addNumber(app_, "--threads", threads_, 0, 256,
                  "Threads that share the work, 0: all cores but one (default 1)");
        addJson(json_, "One JSON array instead of a table");
    }

    Result<void> run(const Interrupts &interrupts) override {
        const std::vector<BenchCase> cases = benchCases(filter_);
        if (cases.empty())
            return fail(ErrorCode::Usage, "--filter {}: no case has this in its name; there are {}",
                        filter_, names());
        const double bandwidth = copyBandwidth();
        Json json = Json::array();
        if (!json_)
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
        return json_ ? printOut(json.dump(2) + "\n") : Result<void>{};
    }

private:
    static std::string names() {
        std::string all;
        for (const BenchCase &one : benchCases())
            all += (all.empty() ? "" : ", ") + one.name;
        return all;
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
