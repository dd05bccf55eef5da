// SPDX-License-Identifier: Apache-2.0
// Rates of pieces of time: exact against a plain reading, with every instruction set.
#include "engine/recon/segment_rates.h"

#include "tests/engine/recon/every_target.h"
#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;

namespace {

/// The phase of one pixel at plane border b, in doubles, by its spike times.
double slowPhase(const std::vector<int> &spikes, int b, int planes) {
    int before = b;
    int after = planes - b;
    bool begun = false;
    bool ended = false;
    for (const int t : spikes) {
        if (t < b) {
            before = b - t - 1;
            begun = true;
        } else if (!ended) {
            after = t - b;
            ended = true;
        }
    }
    if (begun && ended)
        return before / double(before + after + 1);
    return -1;  // cut: what it is depends on the neighbouring intervals
}

std::vector<std::vector<std::int16_t>>
ratesOf(PlanePointers planes, std::span<const std::uint16_t> bounds, PlaneShape shape) {
    std::vector<std::vector<std::int16_t>> rates(bounds.size() - 1,
                                                 std::vector<std::int16_t>(ratePictureSize(shape)));
    std::vector<std::int16_t *> pictures;
    for (auto &picture : rates)
        pictures.push_back(picture.data());
    segmentRates(planes, bounds, shape, pictures);
    return rates;
}

}  // namespace

TEST_CASE("the rate of a piece is its gain in phase", "[recon]") {
    for (const PlaneShape shape : test::oddShapes) {
        const SpikeBlock block = test::randomPlanes(shape, 90, 5);
        const auto planes = test::pointers(block);
        const std::vector<std::uint16_t> bounds{3, 7, 8, 13, 29, 30, 61, 85};
        const auto rates = ratesOf(planes, bounds, shape);
        double worst = 0;
        int checked = 0;
        for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel) {
            std::vector<int> spikes;
            for (int t = 0; t < 90; ++t)
                if (testBit(planes[static_cast<std::size_t>(t)], pixel))
                    spikes.push_back(t);
            for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
                const double begin = slowPhase(spikes, bounds[i], 90);
                const double end = slowPhase(spikes, bounds[i + 1], 90);
                if (begin < 0 || end < 0)
                    continue;
                const auto count = std::count_if(spikes.begin(), spikes.end(), [&](int t) {
                    return t >= bounds[i] && t < bounds[i + 1];
                });
                const int length = bounds[i + 1] - bounds[i];
                const double expected = (double(count) + end - begin) / length;
                worst = std::max(worst, std::abs(rates[i][pixel] / 16384.0 - expected) * length);
                ++checked;
            }
        }
        CAPTURE(toString(shape));
        CHECK(worst < 0.005);
        CHECK((checked > 0 || shape.pixels() == 1));
    }
}

TEST_CASE("a regular pixel has its rate in every piece, whatever its phase", "[recon]") {
    // Interval 7 everywhere, pixel p is p planes late: counts of 5 planes would be 0, 1 or 2.
    const PlaneShape shape{7, 1};
    SpikeBlock block(shape, 60);
    block.begin(0, 40000);
    for (std::size_t t = 0; t < 60; ++t) {
        std::uint64_t *words = block.append();
        std::fill(words, words + shape.wordStride(), 0);
        setBit(words, t % 7);
    }
    const std::vector<std::uint16_t> bounds{0, 5, 10, 20, 33, 50, 60};
    for (const auto &picture : ratesOf(test::pointers(block), bounds, shape))
        for (std::size_t pixel = 0; pixel < 7; ++pixel)
            CHECK(picture[pixel] == Approx(16384.0 / 7).margin(12));
}

TEST_CASE("always, never and once: rates at the limits", "[recon]") {
    const PlaneShape shape{3, 1};
    SpikeBlock block(shape, 40);
    block.begin(0, 40000);
    for (std::size_t t = 0; t < 40; ++t) {
        std::uint64_t *words = block.append();
        std::fill(words, words + shape.wordStride(), 0);
        setBit(words, 0);
        if (t == 20)
            setBit(words, 1);
    }
    const std::vector<std::uint16_t> bounds{0, 10, 20, 30, 40};
    for (const auto &picture : ratesOf(test::pointers(block), bounds, shape)) {
        CHECK(picture[0] == Approx(16384).margin(16));
        CHECK(picture[1] > 200);  // about one in 20 planes
        CHECK(picture[1] < 1500);
        CHECK(picture[2] >= 0);
        CHECK(picture[2] <= 16384 / 35);  // at most one in all that was looked at
    }
}

TEST_CASE("segment rates do not depend on the instruction set", "[recon]") {
    const PlaneShape shape{71, 9};
    const SpikeBlock block = test::randomPlanes(shape, 121, 8);
    const auto planes = test::pointers(block);
    const std::vector<std::uint16_t> bounds{8, 24, 36, 44, 50, 54, 58, 63, 67, 71, 77, 85, 97, 113};
    std::vector<std::vector<std::int16_t>> first;
    test::forEachTarget([&] {
        const auto rates = ratesOf(planes, bounds, shape);
        if (first.empty())
            first = rates;
        for (std::size_t i = 0; i < rates.size(); ++i)
            for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel)
                REQUIRE(rates[i][pixel] == first[i][pixel]);
    });
}
