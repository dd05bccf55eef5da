// SPDX-License-Identifier: Apache-2.0
// Batches of pictures through an executor, counted.
#include "app/fovea/model_trial.h"

#include "engine/snn/read_out.h"

#include <algorithm>
#include <chrono>

namespace fovea {

namespace {

Result<void> checkFit(const Network &network, const LabelledPictures &pictures) {
    if (network.inputShape().elements() != pictures.pictureSize())
        return fail(
            ErrorCode::BadFile, "the network takes {}, the pictures are {} channels of {}x{}",
            toString(network.inputShape()), pictures.channels, pictures.width, pictures.height);
    if (network.outputShape().elements() < pictures.classes)
        return fail(ErrorCode::BadFile, "the network gives {}, the pictures have {} classes",
                    toString(network.outputShape()), pictures.classes);
    return {};
}

/// Adds up what runs of one executor gave.
class Tally {
public:
    Tally(const Network &network, const LabelledPictures &pictures, TrialResult &result)
        : network_(network), pictures_(pictures), result_(result), spikes_(network.nodes().size()),
          places_(network.nodes().size()) {}

    void add(const Executor &executor, const InferenceResult &run, std::size_t first) {
        const std::size_t batch = executor.batch();
        const std::size_t classes = executor.outputSize() / batch;
        const std::size_t steps = run.outputs.size() / executor.outputSize();
        result_.totalSteps = run.totalSteps;
        result_.correct.resize(steps);
        ReadOut sum(ReadOutKind::Sum, classes, batch, steps);
        for (std::size_t t = 0; t < steps; ++t) {
            sum.add(
                std::span(run.outputs).subspan(t * executor.outputSize(), executor.outputSize()));
            for (std::size_t i = 0; i < batch; ++i)
                result_.correct[t] += sum.winner(i) == pictures_.labels[first + i] ? 1 : 0;
        }
        const auto activity = executor.activity();
        energy_ += energyMicrojoules(activity);
        for (const NodeActivity &one : activity) {
            additions_ += static_cast<double>(one.additions);
            multiplies_ += static_cast<double>(one.multiplies);
            spikes_[one.node] += static_cast<double>(one.spikes);
            places_[one.node] += static_cast<double>(one.values) * static_cast<double>(one.steps);
        }
    }

    void finish() {
        const auto pictures = static_cast<double>(std::max<std::size_t>(result_.pictures, 1));
        result_.additions = additions_ / pictures;
        result_.multiplies = multiplies_ / pictures;
        result_.energyMicrojoules = energy_ / pictures;
        for (std::size_t i = 0; i < spikes_.size(); ++i)
            if (const auto *neuron = std::get_if<Neuron>(&network_.node(i).layer);
                neuron != nullptr && neuron->fire != Fire::Never && places_[i] > 0)
                result_.layers.push_back({network_.node(i).name, spikes_[i] / places_[i]});
    }

private:
    const Network &network_;
    const LabelledPictures &pictures_;
    TrialResult &result_;
    double energy_ = 0, additions_ = 0, multiplies_ = 0;
    std::vector<double> spikes_, places_;
};

}  // namespace

double TrialResult::accuracy(std::size_t t) const {
    if (correct.empty() || pictures == 0)
        return 0;
    return static_cast<double>(t == 0 ? correct.back() : correct[t - 1]) /
           static_cast<double>(pictures);
}

Result<TrialResult> tryNetwork(const Network &network, const LabelledPictures &pictures,
                               const TrialSettings &settings, const Interrupts &interrupts,
                               Progress &progress) {
    if (auto fits = checkFit(network, pictures); !fits)
        return failed(fits);
    TrialResult result;
    Tally tally(network, pictures, result);
    std::unique_ptr<Executor> executor;
    using Clock = std::chrono::steady_clock;
    for (std::size_t first = 0; first < pictures.count();) {
        const std::size_t batch = std::min(settings.batch, pictures.count() - first);
        if (!executor || executor->batch() != batch) {
            auto made = makeExecutor(network, batch, settings.executor);
            if (!made)
                return failed(made);
            executor = std::move(*made);
        }
        const auto values = pictures.values(first, batch);
        const auto begin = Clock::now();
        const auto run = infer(*executor, values, settings.inference);
        result.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
        if (!run)
            return tl::make_unexpected(run.error());
        tally.add(*executor, *run, first);
        first += batch;
        result.pictures = first;
        progress.update(first);
        if (interrupts.requested())
            return fail(ErrorCode::Cancelled, "stopped after {} of {} pictures", first,
                        pictures.count());
    }
    result.backend = executor->name();
    result.precision = toString(executor->precision());
    tally.finish();
    return result;
}

std::vector<InferenceSettings> modesWithin(std::size_t budget,
                                           std::span<const std::size_t> calibrations) {
    std::vector<InferenceSettings> all = {{InferenceMode::If, budget, 1, 1}};
    for (const InferenceMode mode : {InferenceMode::Srp, InferenceMode::Cos})
        for (const std::size_t calibration : calibrations)
            if (calibration >= 1 && calibration < budget)
                all.push_back({mode, budget - calibration, calibration, 1});
    return all;
}

std::string curvesAsCsv(std::span<const Candidate> candidates) {
    std::string csv = "mode,calibration,total_steps,accuracy\n";
    for (const Candidate &one : candidates) {
        const std::size_t before =
            one.inference.mode == InferenceMode::If ? 0 : one.inference.calibration;
        for (std::size_t t = 1; t <= one.result.correct.size(); ++t)
            csv += fmt::format("{},{},{},{:.6f}\n", toString(one.inference.mode), before,
                               before + t, one.result.accuracy(t));
    }
    return csv;
}

}  // namespace fovea
