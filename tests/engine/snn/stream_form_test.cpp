// SPDX-License-Identifier: Apache-2.0
// What metadata say of a stream, what stands in for what they do not say, what is refused.
#include "tests/fakes/stream_models.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

Network flatNetwork(std::uint32_t inputs) {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({inputs})})
        .then("fire", Neuron::integrateAndFire(1, Reset::Soft));
    return builder.build().value();
}

Network gridNetwork(std::uint32_t channels) {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({1, 8, 8})})
        .then("grid", Conv2d{{SignalShape::of({channels, 1, 2, 2}),
                              std::vector<float>(std::size_t{channels} * 4, 0.5F)},
                             {},
                             {2, 2},
                             {},
                             {},
                             1});
    return builder.build().value();
}

}  // namespace

TEST_CASE("without metadata the shapes say what a network is for", "[snn]") {
    const StreamForm picture = modelOf(pixelNetwork({6, 4}))->form;
    CHECK(picture.output == StreamOutput::Picture);
    CHECK(picture.shape == PlaneShape{6, 4});
    CHECK(picture.takesSpikes());
    CHECK(picture.classes.empty());
    const StreamForm classes = modelOf(sidesNetwork({6, 4}))->form;
    CHECK(classes.output == StreamOutput::Classes);
    CHECK(classes.classes == std::vector<std::string>{"0", "1"});
    const StreamForm boxes = modelOf(gridNetwork(7))->form;
    CHECK(boxes.output == StreamOutput::Boxes);
    CHECK(boxes.classes.size() == 2);
}

TEST_CASE("metadata say it better", "[snn]") {
    const StreamForm form = modelOf(sidesNetwork({6, 4}, 2), {{"stream_input", "counts"},
                                                              {"stream_bin", "3"},
                                                              {"stream_steps", "5.0"},
                                                              {"stream_hop", "12"},
                                                              {"stream_mean", "0.5, 1"},
                                                              {"stream_deviation", "2"},
                                                              {"stream_fit", "crop"},
                                                              {"stream_read_out", "max-potential"},
                                                              {"stream_classes", "left, right"},
                                                              {"stream_threshold", "0.7"},
                                                              {"author", "somebody"}})
                                ->form;
    CHECK(form.planesPerStep() == 6);
    CHECK(form.mean == std::vector<float>{0.5F, 1});
    CHECK(form.deviation == std::vector<float>{2});
    CHECK_FALSE(form.takesSpikes());
    CHECK(form.classes == std::vector<std::string>{"left", "right"});
    CHECK(form.readOut == ReadOutKind::MaxPotential);
    CHECK(form.threshold == 0.7F);
    const StreamPlan plan = planStream(form, {}).value();
    CHECK(plan.window == 30);
    CHECK(plan.hop == 12);
    CHECK(plan.fit == ModelFit::Crop);
}

TEST_CASE("a flat input needs its picture's size", "[snn]") {
    const auto form = readStreamForm(flatNetwork(24), {{"stream_shape", "6x4"}}, "m.nir");
    REQUIRE(form);
    CHECK(form->shape == PlaneShape{6, 4});
    const auto without = readStreamForm(flatNetwork(24), {}, "m.nir");
    REQUIRE_FALSE(without);
    CHECK(without.error().message.find("m.nir: metadata stream_shape: absent") == 0);
    CHECK_FALSE(readStreamForm(flatNetwork(24), {{"stream_shape", "5x4"}}, "m.nir"));
}

TEST_CASE("wrong metadata name file, key, what was found and what is allowed", "[snn]") {
    struct Bad {
        Metadata metadata;
        std::string part;
    };
    for (const Bad &bad : {
             Bad{{{"stream_hopp", "3"}},
                 "metadata stream_hopp: unknown key, nearest is 'stream_hop'"},
             Bad{{{"stream_hop", "-3"}}, "stream_hop: found '-3', allowed a whole number from 1"},
             Bad{{{"stream_steps", "1.5"}}, "stream_steps: found '1.5'"},
             Bad{{{"stream_input", "frames"}}, "allowed one of planes, counts, picture"},
             Bad{{{"stream_mean", "1,2,3"}}, "stream_mean: found '1,2,3', allowed one number"},
             Bad{{{"stream_deviation", "0"}}, "stream_deviation: found '0'"},
             Bad{{{"stream_classes", "a,b,c"}}, "allowed 2 names"},
             Bad{{{"stream_bin", "4"}},
                 "stream_bin: found '4', allowed 1 with stream_input planes"},
             Bad{{{"stream_output", "boxes"}}, "boxes are a grid"},
             Bad{{{"stream_output", "picture"}}, "a picture has 24 values"},
             Bad{{{"stream_threshold", "nan"}}, "stream_threshold"},
             Bad{{{"stream_input", "window"}, {"stream_bin", "2"}},
                 "stream_bin: found '2', allowed 1 with stream_input window"},
             Bad{{{"stream_input", "window"}, {"stream_state", "kept"}},
                 "stream_state: found 'kept', allowed window with stream_input window"},
         }) {
        const auto form = readStreamForm(sidesNetwork({6, 4}), bad.metadata, "m.nir");
        REQUIRE_FALSE(form);
        INFO(form.error().message);
        CHECK(form.error().code == ErrorCode::BadFile);
        CHECK(form.error().message.find("m.nir: ") == 0);
        CHECK(form.error().message.find(bad.part) != std::string::npos);
    }
}

TEST_CASE("a person's settings win, calibration takes planes, too", "[snn]") {
    const StreamForm form = modelOf(sidesNetwork({6, 4}), {{"stream_steps", "4"}})->form;
    ModelSettings settings;
    CHECK(planStream(form, settings)->window == 4);
    CHECK(planStream(form, settings)->hop == 4);
    settings.steps = 2;
    settings.hop = 1;
    CHECK(planStream(form, settings)->window == 2);
    CHECK(planStream(form, settings)->hop == 1);
    settings.mode = InferenceMode::Srp;
    CHECK(planStream(form, settings)->window == 6);
    settings.mode = InferenceMode::Cos;
    CHECK(planStream(form, settings)->window == 4);
    const StreamForm kept = modelOf(sidesNetwork({6, 4}), {{"stream_state", "kept"}})->form;
    CHECK(planStream(kept, settings).error().message.find("model.mode: found cos") == 0);
    settings = {};
    CHECK(planStream(kept, settings)->hop == 1);
    const StreamForm average = modelOf(sidesNetwork({6, 4}), {{"stream_input", "picture"}})->form;
    CHECK(planStream(average, settings)->window == 32);
    settings.window = 7;
    CHECK(planStream(average, settings)->window == 7);
}

TEST_CASE("a window that is shown again in every step takes its planes once", "[snn]") {
    const Metadata metadata{{"stream_input", "window"}, {"stream_steps", "4"}};
    const StreamForm form = modelOf(sidesNetwork({6, 4}, 5), metadata)->form;
    CHECK(form.takesSpikes());
    ModelSettings settings;
    settings.mode = InferenceMode::Srp;
    CHECK(planStream(form, settings)->window == 5);
    CHECK(planStream(form, settings)->inputSteps == 8);
    StreamForm late = form;
    late.lag = 5;
    CHECK(planStream(late, settings).error().message.find("stream_lag: found 5") == 0);
}

TEST_CASE("channels may be the pixels of blocks", "[snn]") {
    const StreamForm form = modelOf(gridNetwork(4), {{"stream_lag", "0"}})->form;
    CHECK(form.output == StreamOutput::Picture);
    CHECK(form.block == 2);
    CHECK(modelOf(pixelNetwork({6, 4}))->form.block == 1);
}
