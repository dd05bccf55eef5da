// SPDX-License-Identifier: Apache-2.0
// Models from files, with what their metadata say.
#include "engine/snn/model.h"

#include "engine/snn/inference.h"
#include "engine/snn/make_executor.h"
#include "tests/fakes/stream_models.h"
#include "tests/support/files.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;
using namespace fovea::test;

namespace {

using Stroke = std::vector<std::pair<double, double>>;  ///< corners of a line, in pixels

/// 28x28 pixels, white within a pixel of the stroke.
std::vector<double> drawn(const Stroke &stroke) {
    std::vector<double> light(28 * 28);
    for (std::size_t i = 0; i < light.size(); ++i) {
        const auto x = static_cast<double>(i % 28), y = static_cast<double>(i / 28);
        double nearest = 28;
        for (std::size_t s = 0; s + 1 < stroke.size(); ++s) {
            const auto &[ax, ay] = stroke[s];
            const double dx = stroke[s + 1].first - ax, dy = stroke[s + 1].second - ay;
            const double along =
                std::clamp(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0.0, 1.0);
            nearest = std::min(nearest, std::hypot(ax + along * dx - x, ay + along * dy - y));
        }
        light[i] = std::clamp(2.2 - nearest, 0.0, 1.0);
    }
    return light;
}

/// `planes` planes of pixels that spike whenever they have gathered enough light.
std::vector<float> seen(const std::vector<double> &light, std::size_t planes) {
    std::vector<float> spikes(planes * light.size());
    for (std::size_t pixel = 0; pixel < light.size(); ++pixel) {
        double gathered = 0.5;
        for (std::size_t plane = 0; plane < planes; ++plane) {
            gathered += light[pixel] * 0.6;
            if (gathered >= 1) {
                gathered -= 1;
                spikes[plane * light.size() + pixel] = 1;
            }
        }
    }
    return spikes;
}

}  // namespace

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

TEST_CASE("the recogniser that ships reads drawn digits", "[snn]") {
    const auto model = loadModel(FOVEA_SOURCE_DIR "/datasets/models/digits-spk.nir");
    REQUIRE(model);
    REQUIRE((*model)->form.channels == 8);
    REQUIRE((*model)->form.steps == 4);
    const std::vector<std::pair<std::size_t, Stroke>> digits{
        {0, {{14, 5}, {9, 8}, {8, 14}, {9, 20}, {14, 23}, {19, 20}, {20, 14}, {19, 8}, {14, 5}}},
        {1, {{15, 5}, {13, 23}}},
        {2, {{9, 9}, {12, 5}, {18, 6}, {19, 11}, {9, 22}, {20, 22}}},
        {3, {{9, 6}, {18, 6}, {13, 13}, {19, 17}, {17, 22}, {9, 22}}},
        {4, {{10, 5}, {9, 14}, {19, 14}, {19, 5}, {18, 23}}},
        {5, {{19, 5}, {11, 5}, {10, 13}, {17, 13}, {19, 18}, {15, 23}, {9, 22}}},
        {7, {{8, 7}, {19, 7}, {13, 23}}},
    };
    for (const auto &[digit, stroke] : digits) {
        auto executor = makeExecutor((*model)->nir.network, 1, {ExecutorBackend::Cpu});
        REQUIRE(executor);
        const auto run = infer(**executor, seen(drawn(stroke), 32), {InferenceMode::If, 4, 4, 1});
        REQUIRE(run);
        std::vector<float> sums(10);
        for (std::size_t i = 0; i < run->outputs.size(); ++i)
            sums[i % 10] += run->outputs[i];
        CHECK(static_cast<std::size_t>(std::max_element(sums.begin(), sums.end()) - sums.begin()) ==
              digit);
    }
}
