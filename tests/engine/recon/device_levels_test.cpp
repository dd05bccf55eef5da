// SPDX-License-Identifier: Apache-2.0
// Methods with levels: CPU and device make the same pictures, also when the device fails.
#include "engine/recon/device_levels.h"

#include "tests/engine/recon/device_pictures.h"

using namespace fovea;

TEST_CASE("CPU and device make the same pictures from levels", "[recon][cuda]") {
    for (const ReconMode mode : {ReconMode::Centred, ReconMode::Causal}) {
        ReconSettings settings;
        settings.method = ReconMethod::Stability;
        settings.mode = mode;
        test::checkSamePictures(settings, {{1, 1}, {63, 1}, {65, 2}, {33, 31}}, 160);
    }
}

TEST_CASE("a device that fails at any call leaves the levels as they are", "[recon][cuda]") {
    ReconSettings settings;
    settings.method = ReconMethod::Stability;
    test::checkFailures(settings, {33, 5}, 150);
}
