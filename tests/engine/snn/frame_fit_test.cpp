// SPDX-License-Identifier: Apache-2.0
// Crops, tiles and means against pixels looked up one by one.
#include "engine/snn/frame_fit.h"

#include "engine/core/random.h"
#include "tests/fakes/stream_models.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

std::vector<std::uint64_t> randomPlane(PlaneShape shape, std::uint64_t seed) {
    return planeOf(
        shape, [&](std::uint32_t x, std::uint32_t y) { return (randomAt(seed, x, y) & 3) == 0; });
}

bool at(const std::vector<std::uint64_t> &plane, PlaneShape shape, std::size_t x, std::size_t y) {
    return testBit(plane.data(), y * shape.width + x);
}

}  // namespace

TEST_CASE("crops and tiles are the pixels where they say", "[snn]") {
    const PlaneShape camera{37, 23};
    const PlaneShape network{10, 8};
    const auto plane = randomPlane(camera, 3);
    for (const ModelFit kind : {ModelFit::Crop, ModelFit::Tiles}) {
        const FrameFit fit = FrameFit::make(camera, network, kind).value();
        REQUIRE(fit.keepsSpikes());
        CHECK(fit.tiles().size() == (kind == ModelFit::Crop ? 1U : 12U));
        std::vector<std::uint64_t> taken(fit.takenWords(), ~std::uint64_t{0});
        fit.take(plane.data(), taken.data());
        std::vector<bool> covered(camera.pixels());
        for (std::size_t tile = 0; tile < fit.tiles().size(); ++tile) {
            const auto [left, top] = fit.tiles()[tile];
            std::vector<float> values(network.pixels(), 1);
            fit.add(taken.data(), tile, values);
            std::size_t wrong = 0;
            for (std::size_t y = 0; y < network.height; ++y)
                for (std::size_t x = 0; x < network.width; ++x) {
                    const bool spike = at(plane, camera, left + x, top + y);
                    covered[(top + y) * camera.width + left + x] = true;
                    wrong += testBit(fit.tile(taken.data(), tile), y * network.width + x) != spike;
                    wrong += values[y * network.width + x] != (spike ? 2.0F : 1.0F);
                }
            CHECK(wrong == 0);
        }
        const auto seen = std::count(covered.begin(), covered.end(), true);
        CHECK(static_cast<std::size_t>(seen) ==
              (kind == ModelFit::Crop ? network.pixels() : camera.pixels()));
    }
}

TEST_CASE("resized pixels are means of what they cover", "[snn]") {
    const PlaneShape camera{133, 9};
    for (const PlaneShape network : {PlaneShape{5, 4}, PlaneShape{133, 9}, PlaneShape{200, 20}}) {
        const FrameFit fit = FrameFit::make(camera, network, ModelFit::Resize).value();
        const auto plane = randomPlane(camera, 9);
        std::vector<std::uint64_t> taken(fit.takenWords());
        fit.take(plane.data(), taken.data());
        std::vector<float> values(network.pixels());
        fit.add(taken.data(), 0, values);
        float worst = 0;
        for (std::size_t y = 0; y < network.height; ++y)
            for (std::size_t x = 0; x < network.width; ++x) {
                float sum = 0;
                float count = 0;
                std::size_t row = y * camera.height / network.height;
                do {
                    std::size_t column = x * camera.width / network.width;
                    do {
                        sum += at(plane, camera, column, row) ? 1.0F : 0.0F;
                        ++count;
                    } while (++column < (x + 1) * camera.width / network.width);
                } while (++row < (y + 1) * camera.height / network.height);
                worst = std::max(worst, std::abs(values[y * network.width + x] - sum / count));
            }
        CHECK(worst < 1e-6F);
    }
}

TEST_CASE("what does not fit is said with both sizes and what would do", "[snn]") {
    const auto exact = FrameFit::make({400, 250}, {28, 28}, ModelFit::Exact);
    REQUIRE_FALSE(exact);
    CHECK(exact.error().code == ErrorCode::Usage);
    CHECK(exact.error().message == "model.fit: found exact, but the network takes 28x28 and the "
                                   "camera gives 400x250; allowed: resize, crop, tiles");
    CHECK(FrameFit::make({20, 28}, {28, 28}, ModelFit::Crop).error().message.ends_with("resize"));
    CHECK(FrameFit::make({1000, 1000}, {2, 2}, ModelFit::Tiles)
              .error()
              .message.find("250000 tiles (at most 4096)") != std::string::npos);
    CHECK(FrameFit::make({28, 28}, {28, 28}, ModelFit::Exact)->tiles().size() == 1);
}
