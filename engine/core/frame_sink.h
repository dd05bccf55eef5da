// SPDX-License-Identifier: Apache-2.0
// Who takes results: window, service, label files.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/network_report.h"
#include "engine/core/picture.h"
#include "engine/core/spike_block.h"

#include <memory>
#include <string>
#include <vector>

namespace fovea {

/// A picture of one view (method, clean or with noise).
struct ViewPicture {
    std::string method;  ///< "raw", "tfp", "tfi"
    bool clean = false;  ///< made from the spikes before noise was injected
    Picture picture;
};

/// Results for one plane.
struct FrameResult {
    std::uint64_t sequence =
        0;                    ///< of results: grows by one from 0; display frames: results so far
    std::uint64_t plane = 0;  ///< of the tracks and pictures
    double seconds = 0;       ///< plane / rate
    double planeRateHz = 0;
    std::uint32_t epoch = 0;  ///< see SpikeBlock::epoch
    bool detected = false;    ///< detection is on and ran at this plane
    std::vector<Track> tracks;
    std::string noise;  ///< tag of the injected noise, empty when none: "flip:0.01 seed 3"
    PlaneCounts counts;
    /// From capture of the newest plane to this result; display frames: the recent median.
    double latencySeconds = 0;
    NetworkReportPtr network;        ///< newest decision of the model, null when none runs
    std::vector<ViewPicture> views;  ///< only in display frames
    SpikeBlockPtr block;             ///< only in display frames: newest planes, for the probe
};
using FrameResultPtr = std::shared_ptr<const FrameResult>;

/// Takes results in order, on a thread of its own behind a bounded queue that the Session keeps.
///
/// Threads: one thread calls consume and finish.
class FrameSink {
public:
    virtual ~FrameSink() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// After an error the Session stops feeding this sink, reports the error, and goes on.
    [[nodiscard]] virtual Result<void> consume(const FrameResult &frame) = 0;
    [[nodiscard]] virtual Result<void> finish() { return {}; }
};

}  // namespace fovea
