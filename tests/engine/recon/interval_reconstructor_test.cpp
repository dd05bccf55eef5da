// SPDX-License-Identifier: Apache-2.0
// TFI in both conventions against the slow reading, lost planes, plane 0, speed.
#include "engine/recon/interval_reconstructor.h"

#include "engine/recon/grey_pictures.h"
#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>
#include <ctime>

using namespace fovea;

namespace {
ReconSettings tfi(TfiConvention convention, std::uint32_t reach) {
    ReconSettings settings;
    settings.method = ReconMethod::Tfi;
    settings.convention = convention;
    settings.reach = reach;
    return settings;
}

std::vector<std::uint8_t> picture(const ReconSettings &settings, PlaneShape shape,
                                  const PlaneWindow &window) {
    std::vector<std::uint8_t> grey(shape.pixels(), 0xEE);
    REQUIRE(makeReconstructor(settings, shape).value()->reconstruct(window, grey));
    return grey;
}

/// One pixel that fires in the given planes.
SpikeBlock onePixel(std::uint32_t planes, const std::vector<std::uint32_t> &spikes) {
    SpikeBlock block({1, 1}, planes);
    block.begin(0, 40000);
    for (std::uint32_t i = 0; i < planes; ++i)
        std::memset(block.append(), 0, PlaneShape{1, 1}.wordStride() * 8);
    for (const std::uint32_t plane : spikes)
        setBit(block.plane(plane), 0);
    return block;
}

int greyOf(const SpikeBlock &block, const ReconSettings &settings, std::size_t key) {
    const auto planes = test::pointers(block);
    return picture(settings, {1, 1}, {planes, key, key}).front();
}
}  // namespace

TEST_CASE("TFI equals the slow reading for odd shapes, both conventions, lost planes", "[recon]") {
    for (const PlaneShape shape : test::oddShapes) {
        const SpikeBlock block = test::randomPlanes(shape, 330, 7 + shape.pixels());
        auto planes = test::pointers(block);
        planes[90] = planes[91] = planes[240] = nullptr;
        for (const std::size_t key : {0, 1, 2, 5, 19, 60, 85, 90, 92, 165, 239, 241, 310, 329})
            for (const std::uint32_t reach : {1, 2, 8, 20, 40, 100, 127, 128, 200, 300}) {
                CAPTURE(shape.width, shape.height, key, reach);
                for (const auto convention : {TfiConvention::Single, TfiConvention::Stack})
                    CHECK(picture(tfi(convention, reach), shape, {planes, key, key}) ==
                          test::slowTfi(planes, key, convention, reach, shape));
            }
    }
}

TEST_CASE("the pictures do not depend on how many planes are handed over", "[recon]") {
    const PlaneShape shape{33, 31};
    const SpikeBlock block = test::randomPlanes(shape, 700, 11);
    const auto planes = test::pointers(block);
    for (const auto convention : {TfiConvention::Single, TfiConvention::Stack}) {
        auto made = makeReconstructor(tfi(convention, 20), shape).value();
        const PlaneReach reach = made->reach();
        const auto near = std::span(planes).subspan(350 - reach.before,
                                                    std::size_t{reach.before} + 1 + reach.after);
        std::vector<std::uint8_t> grey(shape.pixels());
        REQUIRE(made->reconstruct({near, reach.before, 350}, grey));
        CHECK(grey == picture(tfi(convention, 20), shape, {planes, 350, 350}));
    }
}

TEST_CASE("a run of pictures equals single ones: shapes, reaches, hops, lost planes, threads",
          "[recon]") {
    TilePool one(1);
    TilePool three(3);
    for (const PlaneShape shape : {PlaneShape{1, 1}, {7, 5}, {64, 8}, {401, 251}}) {
        const std::uint32_t count = shape.pixels() > 1000 ? 90 : 330;
        const SpikeBlock block = test::randomPlanes(shape, count, 3 + shape.pixels());
        auto planes = test::pointers(block);
        planes[50] = planes[51] = planes[70] = nullptr;
        for (const auto convention : {TfiConvention::Single, TfiConvention::Stack})
            for (const std::uint32_t reach : {1, 20, 24, 127, 200, 300})
                for (const std::size_t hop : {1, 3, 9}) {
                    CAPTURE(shape.width, shape.height, toString(convention), reach, hop);
                    auto made = makeReconstructor(tfi(convention, reach), shape).value();
                    // From the beginning of the recording, where plane 0 is special.
                    const PictureRun run{{planes, 0, 0}, hop, (planes.size() - 1) / hop + 1};
                    GreyPictures pictures(shape, run.count);
                    GreyPictures threaded(shape, run.count);
                    REQUIRE(made->reconstruct(run, pictures, one));
                    REQUIRE(made->reconstruct(run, threaded, three));
                    bool same = true;
                    std::vector<std::uint8_t> grey(shape.pixels());
                    for (std::size_t i = 0; i<run.count; i += shape.pixels()> 1000 ? 7 : 1) {
                        REQUIRE(made->reconstruct(run.at(i), grey));
                        same = same && std::equal(grey.begin(), grey.end(), pictures[i].begin()) &&
                               std::equal(grey.begin(), grey.end(), threaded[i].begin());
                    }
                    CHECK(same);
                }
    }
}

TEST_CASE("the conventions put a spike of the shown plane on different sides", "[recon]") {
    const SpikeBlock block = onePixel(40, {10, 20, 25});
    CHECK(greyOf(block, tfi(TfiConvention::Single, 20), 20) == 255 / 5);
    CHECK(greyOf(block, tfi(TfiConvention::Stack, 20), 20) == 255 / 10);
    CHECK(greyOf(block, tfi(TfiConvention::Single, 20), 19) == 255 / 10);
    CHECK(greyOf(block, tfi(TfiConvention::Stack, 20), 21) == 255 / 5);
}

TEST_CASE("plane 0 begins an interval of the stack only", "[recon]") {
    const SpikeBlock block = onePixel(20, {0, 4});
    CHECK(greyOf(block, tfi(TfiConvention::Single, 8), 2) == 255 / 16);
    CHECK(greyOf(block, tfi(TfiConvention::Stack, 8), 2) == 255 / 4);
}

TEST_CASE("the longest interval of the stack is 255", "[recon]") {
    const SpikeBlock block = onePixel(600, {100, 355, 611 - 12});
    CHECK(greyOf(block, tfi(TfiConvention::Stack, 20), 101) == 1);
    CHECK(greyOf(block, tfi(TfiConvention::Stack, 20), 355) == 1);
    CHECK(greyOf(block, tfi(TfiConvention::Stack, 20), 356) == 1);
    const SpikeBlock longer = onePixel(600, {100, 356});
    for (const std::size_t key : {101, 200, 356})
        CHECK(greyOf(longer, tfi(TfiConvention::Stack, 20), key) == 0);
}

TEST_CASE("a picture by intervals takes well under a display frame", "[recon][speed]") {
    const PlaneShape shape{400, 250};
    const SpikeBlock block = test::randomPlanes(shape, 511, 3);
    const auto planes = test::pointers(block);
    std::vector<std::uint8_t> grey(shape.pixels());
    for (const auto convention : {TfiConvention::Single, TfiConvention::Stack}) {
        auto made = makeReconstructor(tfi(convention, 20), shape).value();
        const std::clock_t start = std::clock();
        int pictures = 0;
        while (std::clock() - start < CLOCKS_PER_SEC / 10) {
            REQUIRE(made->reconstruct({planes, 255, 255}, grey));
            ++pictures;
        }
        const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
        WARN("TFI " << toString(convention) << " 400x250: "
                    << static_cast<long>(seconds / pictures * 1e6) << " us of CPU time a picture");
        CHECK(grey == test::slowTfi(planes, 255, convention, 20, shape));
    }
}
