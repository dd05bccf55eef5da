// SPDX-License-Identifier: Apache-2.0
// 16 bits and automatic range for every method.
#include "engine/recon/level_source.h"

#include "engine/recon/recon_methods.h"

#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("levels of TFP and TFI are their fractions in 16 bits", "[recon]") {
    const PlaneShape shape{33, 31};
    const SpikeBlock block = test::randomPlanes(shape, 120, 3);
    const auto planes = test::pointers(block);
    std::vector<std::uint16_t> levels(shape.pixels());
    ReconSettings settings;
    settings.window = 41;
    makeLevelSource(settings, shape).value()->fill({planes, 60, 60}, levels);
    for (std::size_t pixel = 0; pixel < levels.size(); ++pixel) {
        int count = 0;
        for (std::size_t t = 40; t <= 80; ++t)
            count += testBit(planes[t], pixel) ? 1 : 0;
        REQUIRE(levels[pixel] == Approx(65535.0 * count / 41).margin(0.6));
    }
    settings.method = ReconMethod::Tfi;
    makeLevelSource(settings, shape).value()->fill({planes, 60, 60}, levels);
    for (std::size_t pixel = 0; pixel < levels.size(); ++pixel) {
        const long previous = test::findSpike(planes, pixel, 60, 41, -1);
        const long next = test::findSpike(planes, pixel, 61, 80, 1);
        const long interval = previous >= 0 && next >= 0 ? next - previous : 40;
        REQUIRE(levels[pixel] == Approx(65535.0 / double(interval)).margin(0.6));
    }
}

TEST_CASE("16-bit pictures are the 8-bit ones with more greys", "[recon]") {
    const PlaneShape shape{65, 20};
    const SpikeBlock block = test::randomPlanes(shape, 150, 4);
    const auto planes = test::pointers(block);
    for (const ReconMethodInfo &info : reconMethods()) {
        if (info.method == ReconMethod::Snn)
            continue;  // needs a network: snn_levels_test.cpp
        for (const ReconRange range : {ReconRange::Fixed, ReconRange::Auto}) {
            ReconSettings settings;
            settings.method = info.method;
            settings.range = range;
            settings.gamma = 1.8;
            settings.gain = 1.5;
            std::vector<std::uint8_t> grey(shape.pixels());
            std::vector<std::uint16_t> deep(shape.pixels());
            const PlaneWindow window{planes, 70, 70};
            REQUIRE(makeReconstructor(settings, shape).value()->reconstruct(window, grey));
            REQUIRE(DeepReconstructor::make(settings, shape)->reconstruct(window, deep));
            CAPTURE(info.name, toString(range));
            for (std::size_t i = 0; i < grey.size(); ++i)
                REQUIRE(std::abs(deep[i] / 257.0 - grey[i]) < 1.6);
        }
    }
}

TEST_CASE("a hot pixel does not darken a picture with automatic range", "[recon]") {
    const PlaneShape shape{40, 30};
    SpikeBlock block(shape, 90);
    block.begin(0, 40000);
    for (std::size_t t = 0; t < 90; ++t) {
        std::uint64_t *words = block.append();
        std::fill(words, words + shape.wordStride(), 0);
        for (std::size_t i = 0; i < shape.pixels(); ++i)
            if ((t + 7 * i) % (10 + i % 40 / 4) == 0)
                setBit(words, i);
        setBit(words, 617);
    }
    const auto planes = test::pointers(block);
    for (const ReconMethodInfo &info : reconMethods()) {
        if (info.method == ReconMethod::Raw || info.method == ReconMethod::Snn)
            continue;  // black and white already, and what its network makes of it
        ReconSettings settings;
        settings.method = info.method;
        settings.range = ReconRange::Auto;
        std::vector<std::uint8_t> grey(shape.pixels());
        REQUIRE(makeReconstructor(settings, shape).value()->reconstruct({planes, 45, 45}, grey));
        CAPTURE(info.name);
        CHECK(grey[617] == 255);
        const auto bright = std::count_if(grey.begin(), grey.end(), [](int g) { return g > 200; });
        CHECK(bright > 40);
    }
}

TEST_CASE("wrong arguments are told", "[recon]") {
    auto deep = DeepReconstructor::make({}, {4, 4}).value();
    std::vector<std::uint16_t> grey(15);
    CHECK(deep.reconstruct({{}, 0, 0}, grey).error().code == ErrorCode::InvalidArgument);
    CHECK(DeepReconstructor::make({}, {0, 4}).error().code == ErrorCode::InvalidArgument);
}
