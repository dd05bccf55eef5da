// SPDX-License-Identifier: Apache-2.0
// How well a network does over the number of planes that it sees.
#pragma once

#include "app/interrupts.h"
#include "datasets/spike_file.h"
#include "engine/snn/model.h"

#include <functional>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

namespace fovea {

/// Planes of a recording that show one thing.
struct LabelledSpan {
    std::uint64_t first = 0;
    std::uint64_t planes = 0;
    std::string name;  ///< of the class
    friend bool operator==(const LabelledSpan &, const LabelledSpan &) = default;
};
/// Lines `first_plane,planes,class`, as fovea simulate writes them; the head line, blank lines and
/// those that begin with # are left out. BadFile names file and line.
[[nodiscard]] Result<std::vector<LabelledSpan>> readSpans(const std::string &path);
[[nodiscard]] Result<std::vector<LabelledSpan>> parseSpans(const std::string &text,
                                                           const std::string &name);

struct CurvePoint {
    std::uint32_t planes = 0;
    std::uint64_t steps = 0;  ///< calibration counted
    std::uint64_t right = 0;
    std::uint64_t judged = 0;
    std::uint64_t skipped = 0;  ///< planes were lost, or the span is shorter
    double synops = 0;          ///< of a decision, as the rest
    double energyMicrojoules = 0;
    double seconds = 0;
    double rate = 0;  ///< spikes per neuron and step over all spiking layers
    [[nodiscard]] double accuracy() const {
        return judged > 0 ? static_cast<double>(right) / static_cast<double>(judged) : 0;
    }
};

/// The network with the first `planes` planes of every span, from the start each. Usage when the
/// network cannot take that many, or gives no classes of the whole picture.
[[nodiscard]] Result<CurvePoint> judge(const SpikeFile &file,
                                       const std::vector<LabelledSpan> &spans, const ModelUse &use,
                                       std::uint32_t planes, const Interrupts &interrupts,
                                       const std::function<void(std::uint64_t)> &progress);

/// Accuracy over planes (logarithmic), for people.
[[nodiscard]] cv::Mat drawCurve(const std::vector<CurvePoint> &points, const std::string &title);

}  // namespace fovea
