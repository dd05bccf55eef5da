// SPDX-License-Identifier: Apache-2.0
// TFP and raw against the slow reading, lost planes, gain and gamma, speed.
#include "engine/recon/rate_reconstructor.h"

#include "engine/recon/grey_pictures.h"
#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>
#include <ctime>

using namespace fovea;

namespace {
std::vector<std::uint8_t> ratePicture(const ReconSettings &settings, PlaneShape shape,
                                      const PlaneWindow &window) {
    std::vector<std::uint8_t> grey(shape.pixels(), 0xEE);
    REQUIRE(makeReconstructor(settings, shape).value()->reconstruct(window, grey));
    return grey;
}
}  // namespace

TEST_CASE("TFP equals the slow reading for odd shapes and all windows", "[recon]") {
    for (const PlaneShape shape : test::oddShapes) {
        const SpikeBlock block = test::randomPlanes(shape, 310, shape.pixels());
        const auto planes = test::pointers(block);
        for (const std::uint32_t window :
             {1, 3, 5, 7, 9, 15, 17, 31, 33, 63, 65, 127, 129, 255, 257, 299}) {
            CAPTURE(shape.width, shape.height, window);
            ReconSettings settings;
            settings.window = window;
            const PlaneWindow all{planes, 155, 155};
            CHECK(ratePicture(settings, shape, all) ==
                  test::slowTfp(planes, 155, window / 2, shape));
        }
    }
}

TEST_CASE("a large window over the brightest pixels does not overflow", "[recon]") {
    const PlaneShape shape{600, 1};
    SpikeBlock block(shape, 1);
    block.begin(0, 40000);
    std::uint64_t *words = block.append();
    std::memset(words, 0, shape.wordStride() * 8);
    for (std::size_t pixel = 0; pixel < 599; ++pixel)
        setBit(words, pixel);
    const std::vector<const std::uint64_t *> planes(ReconSettings::maxWindow, block.plane(0));
    ReconSettings settings;
    settings.window = ReconSettings::maxWindow;
    std::vector<std::uint8_t> expected(600, 255);
    expected[599] = 0;
    CHECK(ratePicture(settings, shape, {planes, planes.size() / 2, 9000}) == expected);
}

TEST_CASE("lost planes and the ends of the recording leave the mean of what is there", "[recon]") {
    const PlaneShape shape{33, 31};
    const SpikeBlock block = test::randomPlanes(shape, 60, 5);
    auto planes = test::pointers(block);
    planes[20] = planes[21] = planes[33] = nullptr;
    ReconSettings settings;
    auto tfp = makeReconstructor(settings, shape).value();
    std::vector<std::uint8_t> grey(shape.pixels());
    for (std::size_t key = 0; key < planes.size(); ++key) {
        CAPTURE(key);
        REQUIRE(tfp->reconstruct({planes, key, key}, grey));
        CHECK(grey == test::slowTfp(planes, key, 16, shape));
    }
    const std::vector<const std::uint64_t *> lost(33, nullptr);
    REQUIRE(tfp->reconstruct({lost, 16, 16}, grey));
    CHECK(grey == std::vector<std::uint8_t>(shape.pixels(), 0));
}

TEST_CASE("a run of pictures equals single ones: shapes, windows, hops, lost planes, threads",
          "[recon]") {
    TilePool one(1);
    TilePool three(3);
    for (const PlaneShape shape : {PlaneShape{1, 1}, {7, 5}, {64, 8}, {401, 251}}) {
        const std::uint32_t count = shape.pixels() > 1000 ? 90 : 330;
        const SpikeBlock block = test::randomPlanes(shape, count, 3 + shape.pixels());
        auto planes = test::pointers(block);
        planes[50] = planes[51] = planes[70] = nullptr;
        for (const std::uint32_t window : {1, 3, 33, 49, 255, 301})
            for (const std::size_t hop : {1, 2, 40}) {
                CAPTURE(shape.width, shape.height, window, hop);
                ReconSettings settings;
                settings.window = window;
                auto tfp = makeReconstructor(settings, shape).value();
                const PictureRun run{{planes, 3, 1003}, hop, (planes.size() - 4) / hop + 1};
                GreyPictures pictures(shape, run.count);
                GreyPictures threaded(shape, run.count);
                REQUIRE(tfp->reconstruct(run, pictures, one));
                REQUIRE(tfp->reconstruct(run, threaded, three));
                bool same = true;
                std::vector<std::uint8_t> grey(shape.pixels());
                for (std::size_t i = 0; i<run.count; i += shape.pixels()> 1000 ? 7 : 1) {
                    REQUIRE(tfp->reconstruct(run.at(i), grey));
                    same = same && std::equal(grey.begin(), grey.end(), pictures[i].begin()) &&
                           std::equal(grey.begin(), grey.end(), threaded[i].begin());
                }
                CHECK(same);
            }
    }
}

TEST_CASE("raw shows the spikes of one plane, black when it is lost", "[recon]") {
    const PlaneShape shape{65, 2};
    const SpikeBlock block = test::randomPlanes(shape, 3, 5);
    auto planes = test::pointers(block);
    ReconSettings settings;
    settings.method = ReconMethod::Raw;
    const auto grey = ratePicture(settings, shape, {planes, 1, 1});
    for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel)
        CHECK(grey[pixel] == (testBit(block.plane(1), pixel) ? 255 : 0));
    planes[1] = nullptr;
    CHECK(ratePicture(settings, shape, {planes, 1, 1}) == std::vector<std::uint8_t>(130, 0));
}

TEST_CASE("gain and gamma brighten and never wrap", "[recon]") {
    const PlaneShape shape{64, 8};
    const SpikeBlock block = test::randomPlanes(shape, 33, 8);
    const auto planes = test::pointers(block);
    const PlaneWindow window{planes, 16, 16};
    const auto plain = ratePicture({}, shape, window);
    ReconSettings settings;
    settings.gain = 2;
    const auto gained = ratePicture(settings, shape, window);
    settings.gain = 1;
    settings.gamma = 2.2;
    const auto curved = ratePicture(settings, shape, window);
    for (std::size_t pixel = 0; pixel < plain.size(); ++pixel) {
        CHECK(std::abs(gained[pixel] - std::min(255, 2 * plain[pixel])) <= 1);
        CHECK(curved[pixel] >= plain[pixel]);
    }
}

TEST_CASE("TFP keeps pace with a 40 kHz camera of 400x250", "[recon][speed]") {
    const PlaneShape shape{400, 250};
    const SpikeBlock block = test::randomPlanes(shape, 33 * 8, 3);
    const auto planes = test::pointers(block);
    auto tfp = makeReconstructor({}, shape).value();
    std::vector<std::uint8_t> grey(shape.pixels());
    const auto pass = [&] {
        for (std::size_t first = 0; first < planes.size(); first += 33)
            REQUIRE(tfp->reconstruct({std::span(planes).subspan(first, 33), 16, first + 16}, grey));
    };
    pass();
    const std::clock_t start = std::clock();
    int passes = 0;
    while (std::clock() - start < CLOCKS_PER_SEC / 5) {
        pass();
        ++passes;
    }
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    const double rate = passes * static_cast<double>(planes.size()) / seconds;
    WARN("TFP 400x250, window 33, every plane counted once: " << static_cast<long>(rate)
                                                              << " planes/s of CPU time");
    CHECK(grey == test::slowTfp(std::span(planes).last(33), 16, 16, shape));
}
