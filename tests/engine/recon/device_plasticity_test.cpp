// SPDX-License-Identifier: Apache-2.0
// TFSTP: CPU and device make the same pictures, also when the device fails.
#include "engine/recon/device_plasticity.h"

#include "tests/engine/recon/device_pictures.h"

using namespace fovea;

TEST_CASE("CPU and device follow the same synapses", "[recon][cuda]") {
    for (const TfstpForm form : {TfstpForm::Online, TfstpForm::Offline}) {
        ReconSettings settings;
        settings.method = ReconMethod::Tfstp;
        settings.form = form;
        settings.history = form == TfstpForm::Online ? 255 : 60;
        settings.gamma = form == TfstpForm::Online ? 1 : 2.2;
        test::checkSamePictures(settings, {{1, 1}, {63, 1}, {65, 2}, {33, 31}}, 160);
    }
}

TEST_CASE("a device that fails at any call leaves TFSTP as it is", "[recon][cuda]") {
    ReconSettings settings;
    settings.method = ReconMethod::Tfstp;
    test::checkFailures(settings, {33, 5}, 150);
}
