// SPDX-License-Identifier: Apache-2.0
// What a spiking network saw and did: for windows, tables and JSON lines.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fovea {

/// One layer in one decision.
struct LayerActivity {
    std::string name;
    std::string kind;
    std::uint64_t values = 0;  ///< outputs or neurons
    bool fires = false;        ///< it is a layer of spiking neurons
    double rate = 0;           ///< spikes per neuron and step
    std::uint64_t spikes = 0;
    std::uint64_t additions = 0;   ///< synaptic operations of spikes
    std::uint64_t multiplies = 0;  ///< multiply-adds of analog inputs
};

/// The newest decision of a network and what it cost, and what all took so far.
struct NetworkReport {
    std::string model;
    std::string backend;
    std::string precision;
    std::string mode;
    std::uint64_t begin = 0;  ///< planes that the decision took in
    std::uint64_t end = 0;
    std::shared_ptr<const std::vector<std::string>> classes;  ///< names of the scores
    std::vector<float> scores;  ///< 0 to 1, of the whole picture; empty for other networks
    int best = -1;              ///< class of the largest score
    std::uint64_t steps = 0;    ///< calibration counted
    double seconds = 0;         ///< that the network needed
    double energyMicrojoules = 0;
    std::uint64_t synops = 0;  ///< additions and multiply-adds
    std::vector<LayerActivity> layers;

    std::uint64_t decisions = 0;   ///< since the beginning, as the rest
    std::uint64_t skipped = 0;     ///< that were due, but planes of their window were lost
    std::uint64_t restarts = 0;    ///< of a kept state, because planes were lost
    std::uint64_t lostPlanes = 0;  ///< that never came
    std::uint64_t totalSynops = 0;
    double totalSeconds = 0;
    double totalEnergyMicrojoules = 0;
};
using NetworkReportPtr = std::shared_ptr<const NetworkReport>;

}  // namespace fovea
