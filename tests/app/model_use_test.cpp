// SPDX-License-Identifier: Apache-2.0
// When a network is wanted, and what is said when it cannot be had.
#include "app/model_use.h"

#include "tests/fakes/stream_models.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("a network is loaded only where something runs it") {
    const TemporaryFolder folder;
    Config config;
    config.model.settings.file = (folder / "absent.nir").string();
    CHECK_FALSE(wantsModel(config));
    CHECK(prepareModel(config));  // nobody asked for it
    config.detect.detector.method = DetectionMethod::Snn;
    CHECK(wantsModel(config));
    CHECK(prepareModel(config).error().code == ErrorCode::BadFile);
    config.model.settings.file.clear();
    CHECK(prepareModel(config).error().code == ErrorCode::Usage);
    config.detect.enabled = false;
    CHECK_FALSE(wantsModel(config));
    config.display.views = {{"tfp", false}, {"snn", true}};
    CHECK(wantsModel(config));

    const auto path = folder / "pixels.nir";
    REQUIRE(writeNir(pixelNetwork({6, 4}, Fire::AboveThreshold), path));
    config.model.settings.file = path.string();
    REQUIRE(prepareModel(config));
    REQUIRE(config.model.model);
    CHECK(config.recon.model == config.model);
}
