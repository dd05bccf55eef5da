// SPDX-License-Identifier: Apache-2.0
// What turns spikes into boxes of moving things: one interface, three methods.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/error.h"
#include "engine/core/network_report.h"
#include "engine/core/plane_shape.h"
#include "engine/core/spike_block.h"
#include "engine/core/tile_pool.h"
#include "engine/snn/model.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace fovea {

enum class DetectionMethod {
    Motion,     ///< rate change against a learned background, bit-parallel, real-time (default)
    Attention,  ///< STP filter, LIF layer, dynamic neural field as SpikeCV, box fitted to motion
    Snn,        ///< a spiking network that gives classes or boxes
};

/// Settings of the "motion" method. Times are in seconds (at plane rates below 8 kHz in 1/8000 of
/// that number of planes: nothing can be followed that moves by many pixels a plane), lengths in
/// pixels.
struct MotionSettings {
    double groupSeconds = 0.0002;  ///< planes are counted in groups this long (4 to 8 planes)
    double activeSeconds = 0.001;  ///< a place that changed this recently counts as moving
    double trustSeconds = 0.06;    ///< calm for so long makes a background place trusted
    double absorbSeconds = 0.15;   ///< calm for so long joins the background
    double ghostSeconds = 0.02;    ///< a region without any movement joins so fast
    float changeSigmas = 4.5F;     ///< how far from the recent rate is a change
    float contrastSigmas = 4.0F;   ///< how far from the background is foreground
    float relativeFloor = 0.06F;   ///< rate differences below this share are never foreground
    float minArea = 40;            ///< smallest object, pixels
    int maxDetections = 64;        ///< the largest ones are kept

    friend bool operator==(const MotionSettings &, const MotionSettings &) = default;
};

/// How the "attention" method computes.
enum class AttentionMode {
    Exact,  ///< SpikeCV's chain bit for bit, a frame for every plane; far from real-time
    Fast,   ///< within stated bounds of it, about 1,000 frames a second; real-time
};

/// Settings of the "attention" method; defaults are those of SpikeCV's tracker.
struct AttentionSettings {
    AttentionMode mode = AttentionMode::Fast;
    int attentionSize = 15;       ///< half width B of the neural field's kernel
    int calibrationPlanes = 150;  ///< planes that only settle the STP filter
    bool fitBoxes = true;         ///< fit each box to the spikes that moved inside it

    friend bool operator==(const AttentionSettings &, const AttentionSettings &) = default;
};

struct DetectorSettings {
    DetectionMethod method = DetectionMethod::Motion;
    MotionSettings motion;
    AttentionSettings attention;
    ModelUse model{};  ///< Snn: the network (of a Config: its section `model`)

    friend bool operator==(const DetectorSettings &, const DetectorSettings &) = default;
};

/// Candidate boxes found at one step of the detector's grid.
struct DetectionFrame {
    std::uint64_t plane = 0;  ///< newest plane that was used: nothing later is known
    float age = 0;            ///< the boxes are where things were `age` planes before `plane`
    std::span<const Detection> detections;  ///< lent for the call, largest first
    /// Not 0 where something is, in cells of `cellSize` pixels, rows of `cellStride`; lent for the
    /// call; empty when the method does not know.
    std::span<const std::uint8_t> cells;
    std::uint32_t cellsWide = 0;
    std::uint32_t cellsHigh = 0;
    std::uint32_t cellStride = 0;
    float cellSize = 2;
    /// Spikes a cell and group since the last change there, without the flicker of the light; as
    /// `cells`, and empty when they are.
    std::span<const float> rates{};
    NetworkReportPtr network{};  ///< of the method Snn
};
using DetectionHandler = std::function<void(const DetectionFrame &)>;

/// Finds moving things in spikes. The same planes give the same frames however they are cut into
/// blocks: steps lie on a grid of absolute plane numbers. Lost planes only advance the time.
///
/// Threads: an instance belongs to one thread; different instances may run at once.
class Detector {
public:
    virtual ~Detector() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    /// Planes between two frames (a frame ends at plane p when (p + 1) % step() == 0).
    [[nodiscard]] virtual std::uint32_t step() const = 0;
    /// Planes that are needed before the first frame can hold detections.
    [[nodiscard]] virtual std::uint32_t warmUpPlanes() const = 0;
    /// Forgets everything (after a seek, a loop or another source).
    virtual void reset() = 0;
    /// Takes the block's planes and calls `emit` for each step that they complete, oldest first.
    /// A block of another shape, or one that begins before the last one ended, is refused or
    /// starts anew, respectively.
    [[nodiscard]] virtual Result<void> process(const SpikeBlock &block,
                                               const DetectionHandler &emit) = 0;
};

class Backend;
/// Error InvalidArgument when a setting, the shape or the rate is out of range. Methods that can
/// share out their work use `pool`; attention runs where `backend` says. Both must
/// live as long as the detector.
[[nodiscard]] Result<std::unique_ptr<Detector>> makeDetector(const DetectorSettings &settings,
                                                             PlaneShape shape, double planeRateHz,
                                                             TilePool *pool = nullptr,
                                                             Backend *backend = nullptr);

[[nodiscard]] std::string_view toString(DetectionMethod method);
[[nodiscard]] std::string_view toString(AttentionMode mode);
/// "exact" or "fast".
[[nodiscard]] Result<AttentionMode> parseAttentionMode(std::string_view text);
/// "motion", "attention" or "snn".
[[nodiscard]] Result<DetectionMethod> parseDetectionMethod(std::string_view text);

}  // namespace fovea
