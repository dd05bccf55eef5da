// SPDX-License-Identifier: Apache-2.0
// The adaptive method: CPU and device make the same pictures, also when the device fails.
#include "engine/recon/device_adaptive.h"

#include "tests/engine/recon/device_pictures.h"

using namespace fovea;

TEST_CASE("CPU and device make the same adaptive pictures", "[recon][cuda]") {
    for (const ReconMode mode : {ReconMode::Centred, ReconMode::Causal}) {
        ReconSettings settings;
        settings.method = ReconMethod::Adaptive;
        settings.mode = mode;
        test::checkSamePictures(settings, {{1, 1}, {65, 2}, {33, 31}, {70, 66}}, 140);
    }
}

TEST_CASE("a device that fails at any call leaves the adaptive picture as it is", "[recon][cuda]") {
    ReconSettings settings;
    settings.method = ReconMethod::Adaptive;
    test::checkFailures(settings, {66, 64}, 135);
}
