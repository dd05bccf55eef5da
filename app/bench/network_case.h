// SPDX-License-Identifier: Apache-2.0
// Measurements of spiking networks on the CPU: what a name means, and what it reached.
#pragma once

#include "engine/core/error.h"
#include "engine/core/tile_pool.h"
#include "engine/snn/executor.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace fovea {

/// Runs once; how many images, or neuron steps, that were.
using NetworkPass = std::function<Result<std::uint64_t>()>;

/// A network with random weights, 4 steps of constant pictures; or neurons alone.
struct NetworkCase {
    std::string name;
    Precision precision = Precision::Fp32;
    bool images = true;     ///< else neuron steps ("elements") are counted
    double operations = 0;  ///< of an image, all weights at every step, two a multiply-add
    double bytes = 0;       ///< of a neuron step, read and written
    std::string about;
    struct Work {
        NetworkPass pass;
        /// Spikes per neuron and step of every layer so far.
        std::function<std::vector<double>()> rates;
    };
    std::function<Result<Work>(TilePool &)> prepare;
};

/// All cases whose name contains `filter`: csnn_b1, csnn_b16, cifar10net_b8 in int8, bf16 and fp32,
/// lif_forward and lif_forward_b16.
[[nodiscard]] std::vector<NetworkCase> networkCases(const std::string &filter = {});

/// What one thread reaches in a second, with nothing but registers in its way.
struct MachinePeaks {
    double fp32 = 0, bf16 = 0, int8 = 0;  ///< operations; fp32's where nothing is faster
    double copy = 0;                      ///< bytes read and written, see copyBandwidth()
    std::string_view unit;                ///< that multiplies int8; empty: none
    [[nodiscard]] double of(Precision precision) const;
};
/// `copy` as it was measured.
[[nodiscard]] MachinePeaks machinePeaks(double copy);

struct NetworkResult {
    unsigned threads = 1;
    double perCpuSecond = 0;
    double peakFraction = 0;  ///< of the precision's peak, or of the copy (neurons alone)
    std::vector<double> rates;
};
[[nodiscard]] Result<NetworkResult> measure(const NetworkCase &one, unsigned threads,
                                            const MachinePeaks &peaks, double seconds = 0.4);

}  // namespace fovea
