// SPDX-License-Identifier: Apache-2.0
// What a training leaves behind: a curve, a table, and how good the network is where it will run.
#pragma once

#include "app/fovea-train/recipe.h"
#include "engine/snn/inference.h"

namespace fovea {

/// epoch,rate,loss,ann,spiking,seconds,samples_per_second: one line an epoch.
[[nodiscard]] std::string curveAsCsv(std::span<const EpochRow> rows);
/// Loss and held-out scores over the epochs.
[[nodiscard]] Result<void> plotCurve(std::span<const EpochRow> rows, TrainTask task,
                                     const std::string &path);

/// A network of engine/snn over samples, run as `fovea` runs it.
struct EngineScore {
    InferenceSettings inference;
    std::size_t totalSteps = 0;
    std::size_t samples = 0;
    std::vector<double> score;     ///< after each step: share of right classes, or PSNR in dB
    double energyMicrojoules = 0;  ///< a sample
    double spikes = 0;             ///< a sample
    std::string backend;
};
/// Errors of the executor; Unsupported when the network cannot be run so.
[[nodiscard]] Result<EngineScore> scoreByEngine(const Network &network, const SampleSource &source,
                                                const LossSettings &loss,
                                                const InferenceSettings &inference,
                                                std::size_t most);

/// Everything of a run as JSON text.
struct TrainingReport {
    const Recipe &recipe;
    std::string command;
    std::string data;
    std::string testedOn;
    std::vector<EpochRow> rows;
    TrainScore ann, spiking;  ///< on the test set, by libtorch; NaN: not there
    std::vector<EngineScore> engine;
    std::size_t parameters = 0;
    std::uintmax_t bytes = 0;  ///< of the NIR file
    double seconds = 0;
};
[[nodiscard]] std::string asJson(const TrainingReport &report);

}  // namespace fovea
