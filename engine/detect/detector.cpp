// SPDX-License-Identifier: Apache-2.0
// Checks settings and makes detectors.
#include "engine/detect/detector.h"

#include "engine/detect/motion_detector.h"

#include <cmath>

namespace fovea {

Result<std::unique_ptr<Detector>> makeDetector(const DetectorSettings &settings, PlaneShape shape,
                                               double planeRateHz) {
    if (!shape.valid())
        return fail(ErrorCode::InvalidArgument, "detector: shape {} is out of range",
                    toString(shape));
    if (!(planeRateHz >= 1 && planeRateHz <= 1e7))
        return fail(ErrorCode::InvalidArgument,
                    "detector: plane rate {} Hz is out of range (1 to 10,000,000)", planeRateHz);
    return std::make_unique<MotionDetector>(settings.motion, shape, planeRateHz);
}

std::string_view toString(DetectionMethod method) {
    return method == DetectionMethod::Attention ? "attention" : "motion";
}

Result<DetectionMethod> parseDetectionMethod(std::string_view text) {
    if (text == "motion")
        return DetectionMethod::Motion;
    if (text == "attention")
        return DetectionMethod::Attention;
    return fail(ErrorCode::Usage, "detection method '{}': expected motion or attention", text);
}

}  // namespace fovea
