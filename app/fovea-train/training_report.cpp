// SPDX-License-Identifier: Apache-2.0
// Tables, pictures and numbers of a training.
#include "app/fovea-train/training_report.h"

#include "app/options.h"
#include "engine/snn/make_executor.h"
#include "engine/train/box_grid.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

namespace fovea {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}

std::string processor() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("model name"))
            return line.substr(line.find(':') + 2);
    return "unknown";
}

/// A line of a plot, scaled to its own highest and lowest value.
void drawLine(cv::Mat &plot, const std::vector<double> &values, const std::string &name,
              const cv::Scalar &colour, int row) {
    double low = 1e300, high = -1e300;
    for (const double value : values)
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    if (low > high)
        return;
    const double range = std::max(high - low, 1e-12);
    const auto at = [&](std::size_t i) {
        const double x =
            values.size() > 1 ? static_cast<double>(i) / static_cast<double>(values.size() - 1) : 0;
        return cv::Point(60 + static_cast<int>(x * (plot.cols - 90)),
                         plot.rows - 30 -
                             static_cast<int>((values[i] - low) / range * (plot.rows - 110)));
    };
    for (std::size_t i = 0; i < values.size(); ++i)
        if (std::isfinite(values[i])) {
            cv::circle(plot, at(i), 3, colour, cv::FILLED, cv::LINE_AA);
            if (i > 0 && std::isfinite(values[i - 1]))
                cv::line(plot, at(i - 1), at(i), colour, 2, cv::LINE_AA);
        }
    cv::putText(plot,
                fmt::format("{}: {:.4g} to {:.4g}, last {:.4g}", name, low, high, values.back()),
                {60, 24 + 18 * row}, cv::FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv::LINE_AA);
}

Json engineJson(const EngineScore &one) {
    return Json{{"mode", toString(one.inference.mode)},
                {"steps", one.inference.steps},
                {"total_steps", one.totalSteps},
                {"samples", one.samples},
                {"score_by_step", one.score},
                {"spikes_a_sample", one.spikes},
                {"energy_microjoules_a_sample", one.energyMicrojoules},
                {"backend", one.backend}};
}

}  // namespace

std::string curveAsCsv(std::span<const EpochRow> rows) {
    std::string text = "epoch,rate,loss,ann,spiking,seconds,samples_per_second\n";
    const auto cell = [](double value) {
        return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string();
    };
    for (const EpochRow &row : rows)
        text += fmt::format("{},{:.6g},{:.6g},{},{},{:.3f},{:.1f}\n", row.epoch, row.rate, row.loss,
                            cell(row.ann), cell(row.spiking), row.seconds, row.samplesPerSecond);
    return text;
}

Result<void> plotCurve(std::span<const EpochRow> rows, TrainTask task, const std::string &path) {
    cv::Mat plot(400, 720, CV_8UC3, cv::Scalar(255, 255, 255));
    std::vector<double> loss, ann, spiking;
    for (const EpochRow &row : rows) {
        loss.push_back(row.loss);
        ann.push_back(row.ann);
        spiking.push_back(row.spiking);
    }
    const std::string score = task == TrainTask::Picture ? "PSNR, dB"
                              : task == TrainTask::Boxes ? "mAP@0.5"
                                                         : "held out";
    drawLine(plot, loss, "loss", {94, 94, 94}, 0);
    drawLine(plot, ann, score + " (ANN)", {178, 114, 0}, 1);
    drawLine(plot, spiking, score + " (spiking)", {0, 94, 213}, 2);
    try {
        if (cv::imwrite(path, plot))
            return {};
    } catch (const cv::Exception &) {
    }
    return fail(ErrorCode::Io, "{}: cannot be written", path);
}

Result<EngineScore> scoreByEngine(const Network &network, const SampleSource &source,
                                  const LossSettings &loss, const InferenceSettings &inference,
                                  std::size_t most) {
    const TrainTask task = loss.task;
    const bool firstSpike = decidesByFirstSpike(loss.classes);
    EngineScore result;
    result.inference = inference;
    constexpr std::size_t batch = 16;
    BatchLoader loader(source, {batch, 0xE7A1, false});
    std::vector<double> sums(inference.steps);
    std::vector<BoxMeter> boxes(inference.steps);
    double energy = 0;
    while (result.samples < most) {
        const auto samples = loader.next();
        if (!samples)
            break;
        auto executor = makeExecutor(network, samples->count, {ExecutorBackend::Cpu});
        if (!executor)
            return failed(executor);
        const auto run = infer(**executor, samples->inputs, inference);
        if (!run)
            return tl::make_unexpected(run.error());
        result.totalSteps = run->totalSteps;
        result.backend = (*executor)->name();
        const std::size_t values = network.outputShape().elements();
        std::vector<float> total(samples->count * values);
        for (std::size_t t = 0; t < inference.steps; ++t)
            for (std::size_t i = 0; i < samples->count; ++i) {
                float *const own = total.data() + i * values;
                const float *const step = run->outputs.data() + (t * samples->count + i) * values;
                // The earlier a first spike, the more it counts.
                const auto left = static_cast<float>(inference.steps - t);
                for (std::size_t v = 0; v < values; ++v)
                    own[v] = firstSpike ? std::max(own[v], step[v] * left) : own[v] + step[v];
                if (task == TrainTask::Classes) {
                    const auto best = std::max_element(own, own + values) - own;
                    sums[t] += static_cast<float>(best) == samples->targets[i] ? 1 : 0;
                } else if (task == TrainTask::Boxes) {
                    std::vector<float> mean(own, own + values);
                    for (float &value : mean)
                        value /= static_cast<float>(t + 1);
                    const SignalShape &grid = network.outputShape();
                    const std::size_t wanted = source.targetSize();
                    boxes[t].add(mean, grid.sides[2], grid.sides[1],
                                 std::span(samples->targets).subspan(i * wanted, wanted));
                } else {
                    double squares = 0;
                    for (std::size_t v = 0; v < values; ++v) {
                        const double off = double{own[v]} / static_cast<double>(t + 1) -
                                           double{samples->targets[i * values + v]};
                        squares += off * off / static_cast<double>(values);
                    }
                    sums[t] += squares;
                }
            }
        const auto activity = (*executor)->activity();
        energy += energyMicrojoules(activity);
        for (const NodeActivity &node : activity)
            result.spikes += static_cast<double>(node.spikes);
        result.samples += samples->count;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(result.samples, 1));
    for (const BoxMeter &meter : boxes)
        if (task == TrainTask::Boxes)
            result.score.push_back(meter.meanPrecision());
    for (const double sum : sums)
        if (task != TrainTask::Boxes)
            result.score.push_back(task == TrainTask::Classes
                                       ? sum / count
                                       : -10 * std::log10(std::max(sum / count, 1e-12)));
    result.energyMicrojoules = energy / count;
    result.spikes /= count;
    return result;
}

std::string asJson(const TrainingReport &report) {
    Json rows = Json::array();
    for (const EpochRow &row : report.rows)
        rows.push_back({{"epoch", row.epoch},
                        {"loss", row.loss},
                        {"held_out_ann", number(row.ann)},
                        {"held_out_spiking", number(row.spiking)},
                        {"sigmas", row.sigmas}});
    Json engine = Json::array();
    for (const EngineScore &one : report.engine)
        engine.push_back(engineJson(one));
    constexpr std::array units{"share of right classes", "PSNR, dB", "mAP@0.5"};
    const auto task = static_cast<std::size_t>(report.recipe.training.loss.task);
    return Json{{"name", report.recipe.name},
                {"command", report.command},
                {"fovea", version()},
                {"recipe", report.recipe.text},
                {"seed", report.recipe.training.seed},
                {"data", report.data},
                {"parameters", report.parameters},
                {"nir_bytes", report.bytes},
                {"score_unit", units[task]},
                {"tested_on", report.testedOn},
                {"test_ann", number(report.ann.score)},
                {"test_spiking", number(report.spiking.score)},
                {"test_by_engine", engine},
                {"machine",
                 {{"processor", processor()},
                  {"cores", std::thread::hardware_concurrency()},
                  {"threads", at::get_num_threads()}}},
                {"seconds", report.seconds},
                {"epochs", rows}}
               .dump(2) +
           "\n";
}

}  // namespace fovea
