// SPDX-License-Identifier: Apache-2.0
// Checks settings and makes detectors.
#include "engine/detect/detector.h"

#include "engine/detect/attention_detector.h"
#include "engine/detect/fast_attention.h"
#include "engine/detect/motion_detector.h"
#include "engine/detect/snn_detector.h"

#include <cmath>

namespace fovea {

namespace {

Result<void> check(const DetectorSettings &s) {
    const MotionSettings &m = s.motion;
    const auto isTime = [](double seconds) { return seconds >= 1e-6 && seconds <= 3600; };
    if (!isTime(m.groupSeconds) || !isTime(m.activeSeconds) || !isTime(m.trustSeconds) ||
        !isTime(m.absorbSeconds) || !isTime(m.ghostSeconds))
        return fail(ErrorCode::InvalidArgument,
                    "detector: a time of the motion method is out of range (1e-6 to 3600 s)");
    const auto isSigma = [](float sigmas) { return sigmas >= 0.5F && sigmas <= 100; };
    if (!isSigma(m.changeSigmas) || !isSigma(m.contrastSigmas))
        return fail(ErrorCode::InvalidArgument,
                    "detector: changeSigmas {}, contrastSigmas {}: allowed are 0.5 to 100",
                    m.changeSigmas, m.contrastSigmas);
    if (!(m.relativeFloor >= 0 && m.relativeFloor <= 10) || !(m.minArea >= 0) ||
        m.maxDetections < 1)
        return fail(ErrorCode::InvalidArgument,
                    "detector: relativeFloor {} (0 to 10), minArea {} (0 or more) or "
                    "maxDetections {} (1 or more) is out of range",
                    m.relativeFloor, m.minArea, m.maxDetections);
    if (s.attention.attentionSize < 1 || s.attention.attentionSize > 200 ||
        s.attention.calibrationPlanes < 0)
        return fail(ErrorCode::InvalidArgument,
                    "detector: attentionSize {} (1 to 200) or calibrationPlanes {} (0 or more) is "
                    "out of range",
                    s.attention.attentionSize, s.attention.calibrationPlanes);
    return {};
}

}  // namespace

Result<std::unique_ptr<Detector>> makeDetector(const DetectorSettings &settings, PlaneShape shape,
                                               double planeRateHz, TilePool *pool,
                                               Backend *backend) {
    if (!shape.valid())
        return fail(ErrorCode::InvalidArgument, "detector: shape {} is out of range",
                    toString(shape));
    if (!(planeRateHz >= 1 && planeRateHz <= 1e7))
        return fail(ErrorCode::InvalidArgument,
                    "detector: plane rate {} Hz is out of range (1 to 10,000,000)", planeRateHz);
    if (Result<void> checked = check(settings); !checked)
        return failed(checked);
    if (settings.method == DetectionMethod::Snn)
        return SnnDetector::make(settings.model, shape, pool);
    if (settings.method == DetectionMethod::Attention &&
        settings.attention.mode == AttentionMode::Exact)
        return std::make_unique<AttentionDetector>(settings.attention, shape, backend);
    if (settings.method == DetectionMethod::Attention)
        return std::make_unique<FastAttention>(settings.attention, shape, planeRateHz, pool,
                                               backend);
    return std::make_unique<MotionDetector>(settings.motion, shape, planeRateHz);
}

std::string_view toString(AttentionMode mode) {
    return mode == AttentionMode::Exact ? "exact" : "fast";
}

Result<AttentionMode> parseAttentionMode(std::string_view text) {
    for (const AttentionMode mode : {AttentionMode::Exact, AttentionMode::Fast})
        if (text == toString(mode))
            return mode;
    return fail(ErrorCode::Usage, "attention mode '{}': expected exact or fast", text);
}

std::string_view toString(DetectionMethod method) {
    switch (method) {
    case DetectionMethod::Attention:
        return "attention";
    case DetectionMethod::Snn:
        return "snn";
    case DetectionMethod::Motion:
        break;
    }
    return "motion";
}

Result<DetectionMethod> parseDetectionMethod(std::string_view text) {
    for (const DetectionMethod method :
         {DetectionMethod::Motion, DetectionMethod::Attention, DetectionMethod::Snn})
        if (text == toString(method))
            return method;
    return fail(ErrorCode::Usage, "detection method '{}': expected motion, attention or snn", text);
}

}  // namespace fovea
