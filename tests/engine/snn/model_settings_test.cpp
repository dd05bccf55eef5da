// SPDX-License-Identifier: Apache-2.0
// Names of the choices, there and back.
#include "engine/snn/model_settings.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("every choice has a name that reads back", "[snn]") {
    for (const ModelFit fit :
         {ModelFit::Auto, ModelFit::Exact, ModelFit::Crop, ModelFit::Resize, ModelFit::Tiles})
        CHECK(parseModelFit(toString(fit)) == fit);
    for (const InferenceMode mode : {InferenceMode::If, InferenceMode::Srp, InferenceMode::Cos})
        CHECK(readInferenceMode(toString(mode)) == mode);
    const auto wrong = parseModelFit("stretch");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == ErrorCode::Usage);
    CHECK(wrong.error().message ==
          "model fit 'stretch': expected one of auto, exact, crop, resize, tiles");
    CHECK(readInferenceMode("nq").error().message.find("if, srp, cos") != std::string::npos);
}
