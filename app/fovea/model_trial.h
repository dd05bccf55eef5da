// SPDX-License-Identifier: Apache-2.0
// Runs a network over labelled pictures: how often it is right, how fast, at what cost.
#pragma once

#include "app/interrupts.h"
#include "app/progress.h"
#include "datasets/labelled_pictures.h"
#include "engine/snn/inference.h"
#include "engine/snn/make_executor.h"

namespace fovea {

/// Pictures are presented unchanged in every step; the decision after step t is the largest sum of
/// the outputs up to t.
struct TrialSettings {
    InferenceSettings inference;
    ExecutorSettings executor;
    std::size_t batch = 20;
};

struct TrialResult {
    std::string backend, precision;  ///< what ran
    std::size_t pictures = 0;
    std::size_t totalSteps = 0;        ///< latency, calibration counted
    std::vector<std::size_t> correct;  ///< after each step behind the calibration
    double seconds = 0;                ///< in the network, wall clock
    double additions = 0;              ///< synaptic operations of spikes a picture
    double multiplies = 0;             ///< multiply-adds of analog inputs a picture
    double energyMicrojoules = 0;      ///< a picture
    struct Layer {
        std::string name;
        double rate = 0;  ///< spikes per neuron and step
    };
    std::vector<Layer> layers;  ///< those that spike

    /// Share of right decisions after step `t` (1 is the first), or after all.
    [[nodiscard]] double accuracy(std::size_t t = 0) const;
};

/// InvalidArgument when the network's input or output does not fit the pictures; Cancelled when
/// `interrupts` was heeded.
[[nodiscard]] Result<TrialResult> tryNetwork(const Network &network,
                                             const LabelledPictures &pictures,
                                             const TrialSettings &settings,
                                             const Interrupts &interrupts, Progress &progress);

/// One way of running a network within a latency.
struct Candidate {
    InferenceSettings inference;
    TrialResult result;
};

/// IF, SRP and COS, each with `budget` steps in all; those of which `calibration` leaves no step,
/// or which the network cannot do, are left out.
[[nodiscard]] std::vector<InferenceSettings> modesWithin(std::size_t budget,
                                                         std::span<const std::size_t> calibrations);

/// accuracy,mode,calibration,total_steps: a line for each step of each candidate.
[[nodiscard]] std::string curvesAsCsv(std::span<const Candidate> candidates);

/// Accuracy over total steps, one line a candidate, and the ANN's as a dashed one when it is there.
[[nodiscard]] Result<void> plotCurves(std::span<const Candidate> candidates,
                                      std::optional<double> ann, const std::string &path);

}  // namespace fovea
