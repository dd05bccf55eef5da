// SPDX-License-Identifier: Apache-2.0
// Margins, weights and the measurement of noise.
#include "engine/recon/rate_picture.h"

#include "engine/core/random.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;

TEST_CASE("edges are repeated into the margin", "[recon]") {
    RatePicture picture({5, 3});
    for (std::ptrdiff_t y = 0; y < 3; ++y)
        for (std::ptrdiff_t x = 0; x < 5; ++x)
            picture.row(y)[x] = static_cast<std::int16_t>(10 * y + x);
    picture.extend(4);
    for (std::ptrdiff_t y = -4; y < 7; ++y)
        for (std::ptrdiff_t x = -4; x < 9; ++x)
            REQUIRE(picture.row(y)[x] ==
                    10 * std::clamp<std::ptrdiff_t>(y, 0, 2) + std::clamp<std::ptrdiff_t>(x, 0, 4));
}

TEST_CASE("weights grow with the piece, limits shrink", "[recon]") {
    const MergeWeight shorter = mergeWeight(5, 1);
    const MergeWeight longer = mergeWeight(18, 1);
    CHECK(longer.whole == Approx(shorter.whole * 18 / 5.0).margin(3));
    CHECK(longer.limit < shorter.limit);
    CHECK(mergeWeight(18, 3).limit == Approx(3 * longer.limit).margin(3));
    for (std::size_t planes = 1; planes <= 31; ++planes)
        for (const double noise : {1.0, 2.3, 4.0}) {
            const MergeWeight weight = mergeWeight(planes, noise);
            const int full = weight.limit << weight.shift;
            CHECK(full >= 8192);
            CHECK(full < 16384);
            // In full agreement the weight is the whole.
            CHECK(full * weight.scale / 32768 == Approx(weight.whole).epsilon(0.01).margin(2));
        }
}

TEST_CASE("white noise is measured in what trust expects", "[recon]") {
    const PlaneShape shape{200, 160};
    RatePicture picture(shape);
    // trust 2^22 / (9 * 2.2 * 50): a deviation of 50 is expected.
    const std::vector<std::uint16_t> trust(picture.stride() * shape.height, 4237);
    for (const double factor : {0.2, 2.0, 5.0, 40.0}) {
        Random random(3);
        for (std::ptrdiff_t y = 0; y < 160; ++y)
            for (std::ptrdiff_t x = 0; x < 200; ++x) {
                double sum = -6;  // twelve even numbers: near enough to a bell
                for (int i = 0; i < 12; ++i)
                    sum += random.uniform();
                picture.row(y)[x] =
                    static_cast<std::int16_t>(6000 + 20 * x + std::lround(sum * 50 * factor));
            }
        picture.extend(4);
        const double expected = std::clamp(factor, 1.0, 10.0);
        CHECK(measureNoise(picture, trust) == Approx(expected).epsilon(0.25));
    }
}

TEST_CASE("deviation is relative to the brightness", "[recon]") {
    RatePicture one({8, 8});
    RatePicture other({8, 8});
    for (std::ptrdiff_t y = 0; y < 8; ++y)
        for (std::ptrdiff_t x = 0; x < 8; ++x) {
            one.row(y)[x] = 4400;
            other.row(y)[x] = 4000;
        }
    one.extend(2);
    other.extend(2);
    CHECK(deviationAt(one, other, 0, 0) == Approx(0.1));
    CHECK(deviationAt(one, other, 7, 4) == Approx(0.1));
}
