// SPDX-License-Identifier: Apache-2.0
// Models from files, with what their metadata say.
#include "engine/snn/model.h"

#include "tests/fakes/stream_models.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("a written model comes back with its form", "[snn]") {
    const TemporaryFolder folder;
    const auto path = folder / "sides.nir";
    REQUIRE(writeNir(sidesNetwork({6, 4}), path, defaultNirStep,
                     {{"stream_steps", "3"}, {"stream_classes", "left,right"}}));
    const Result<ModelPtr> model = loadModel(path);
    INFO((model ? std::string() : model.error().message));
    REQUIRE(model);
    CHECK((*model)->name == "sides.nir");
    CHECK((*model)->form.steps == 3);
    CHECK(*(*model)->classes == std::vector<std::string>{"left", "right"});

    ModelUse use;
    CHECK(use.get().error().code == ErrorCode::Usage);
    use.settings.file = path.string();
    REQUIRE(use.get());
    use.model = *model;
    CHECK(use.get() == *model);
}

TEST_CASE("a model whose metadata are wrong is a bad file", "[snn]") {
    const TemporaryFolder folder;
    const auto path = folder / "bad.nir";
    REQUIRE(writeNir(sidesNetwork({6, 4}), path, defaultNirStep, {{"stream_steps", "many"}}));
    const Result<ModelPtr> model = loadModel(path);
    REQUIRE_FALSE(model);
    CHECK(model.error().code == ErrorCode::BadFile);
    CHECK(model.error().message.find(path.string() + ": metadata stream_steps") == 0);
}
