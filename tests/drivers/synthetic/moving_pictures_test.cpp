// SPDX-License-Identifier: Apache-2.0
// Cuts of pictures move as they are told and stay within what the pictures hold.
#include "drivers/synthetic/moving_pictures.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;
using namespace fovea::synthetic;

namespace {

constexpr PlaneShape pictureShape{200, 150};
constexpr PlaneShape view{32, 24};

std::vector<std::uint8_t> wavy() {
    std::vector<std::uint8_t> grey(pictureShape.pixels());
    for (std::size_t p = 0; p < grey.size(); ++p)
        grey[p] = static_cast<std::uint8_t>(
            128 + 60 * std::sin(0.3 * static_cast<double>(p % pictureShape.width)) +
            40 * std::cos(0.2 * static_cast<double>(p / pictureShape.width)));
    return grey;
}

std::vector<float> lightOf(const MovingPictures &scene, double plane) {
    std::vector<float> light(view.pixels());
    scene.lightAt(plane, light);
    return light;
}

}  // namespace

TEST_CASE("a uniform picture gives uniform light whatever moves", "[synthetic]") {
    const std::vector<std::uint8_t> grey(pictureShape.pixels(), 100);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Random random(seed);
        const MovingPictures scene(view, {pictureShape, grey}, {pictureShape, grey}, 0.5, 0.8,
                                   random);
        for (const double plane : {-500.0, 0.0, 20.5, 500.0})
            for (const float light : lightOf(scene, plane)) {
                CHECK(light <= 0.8F * 100 / 255 + 1e-5F);
                CHECK(light >= 0.6F * 0.8F * 100 / 255 - 1e-5F);
            }
    }
}

TEST_CASE("what moves little in a plane changes little", "[synthetic]") {
    const auto grey = wavy();
    bool moved = false;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Random random(seed);
        const MovingPictures scene(view, {pictureShape, grey}, {pictureShape, grey}, 0.5, 1,
                                   random);
        const auto now = lightOf(scene, 10);
        const auto soon = lightOf(scene, 10.01);
        CHECK(lightOf(scene, 10) == now);
        for (std::size_t p = 0; p < now.size(); ++p)
            CHECK(std::abs(now[p] - soon[p]) < 0.01F);
        moved = moved || lightOf(scene, 40) != now;
    }
    CHECK(moved);
}

TEST_CASE("equal random numbers give equal scenes", "[synthetic]") {
    const auto grey = wavy();
    Random first(5), second(5), third(6);
    const GreyView picture{pictureShape, grey};
    const MovingPictures a(view, picture, picture, 0.5, 1, first);
    const MovingPictures b(view, picture, picture, 0.5, 1, second);
    const MovingPictures c(view, picture, picture, 0.5, 1, third);
    CHECK(lightOf(a, 3) == lightOf(b, 3));
    CHECK(lightOf(a, 3) != lightOf(c, 3));
}
