// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of the adaptive method, thread by thread, against the vector loops.
#include "engine/recon/adaptive_bodies.h"

#include "engine/cuda/device.h"
#include "engine/recon/rate_picture.h"
#include "engine/recon/segment_rates.h"
#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::adaptive_bodies;

namespace {

template <class Body> void runBody(const Body &body, std::uint64_t threads) {
    deviceKernel<Body>().onHost(&body, 0, threads);
}

PictureSize sizeFor(PlaneShape shape) {
    return {static_cast<std::int32_t>(shape.width), static_cast<std::int32_t>(shape.height)};
}

std::vector<std::int16_t> randomRates(std::size_t count, Random &random) {
    std::vector<std::int16_t> rates(count);
    const auto base = random.below(16000);
    for (std::int16_t &rate : rates)
        rate = static_cast<std::int16_t>(
            random.below(8) == 0 ? random.below(16385)
                                 : std::min<std::uint64_t>(16384, base + random.below(600)));
    return rates;
}

/// The picture without its margin.
std::vector<std::int16_t> inner(const RatePicture &picture) {
    std::vector<std::int16_t> all;
    for (std::size_t y = 0; y < picture.shape().height; ++y) {
        const std::int16_t *row = picture.row(static_cast<std::ptrdiff_t>(y));
        all.insert(all.end(), row, row + picture.shape().width);
    }
    return all;
}

const std::vector<PlaneShape> bodyShapes{{1, 1}, {3, 5}, {64, 1}, {7, 73}, {33, 31}, {90, 66}};

}  // namespace

TEST_CASE("a thread fetches its pixel from between four times four", "[recon]") {
    Random random(3);
    for (const PlaneShape shape : bodyShapes) {
        const auto rates = randomRates(ratePictureSize(shape), random);
        std::vector<BlockShift> shifts(blocksAlong(shape.width) * blocksAlong(shape.height));
        for (int round = 0; round < 4; ++round) {
            for (BlockShift &shift : shifts) {
                shift = {static_cast<int>(random.below(3000)) - 1500,
                         static_cast<int>(random.below(3000)) - 1500};
                if (round == 1)
                    shift.x &= ~63;
                if (round == 2)
                    shift.y &= ~63;
            }
            RatePicture picture(shape);
            alignBlocks(rates.data(), shifts, picture);
            std::vector<std::int16_t> aligned(shape.pixels());
            runBody(AlignBody{rates.data(),
                              rates.size(),
                              {0},
                              reinterpret_cast<const std::int32_t *>(shifts.data()),
                              &rates::cubic.weights[0][0],
                              sizeFor(shape),
                              aligned.data()},
                    shape.pixels());
            INFO(toString(shape));
            CHECK(aligned == inner(picture));
        }
        RateScratch scratch(shape);
        const std::size_t cells = std::size_t{shape.width / 4} * (shape.height / 4);
        std::vector<float> wanted(cells);
        std::vector<float> means(cells);
        quarterPicture(rates.data(), shape, scratch, wanted);
        runBody(QuarterBody{rates.data(), rates.size(), sizeFor(shape), means.data()}, cells);
        CHECK(means == wanted);
    }
}

TEST_CASE("threads merge and smooth as the loops over rows do", "[recon]") {
    Random random(4);
    for (const PlaneShape shape : bodyShapes) {
        INFO(toString(shape));
        constexpr std::size_t count = 4;
        const std::size_t pixels = shape.pixels();
        std::vector<std::int16_t> aligned;
        std::vector<RatePicture> pictures;
        std::vector<const RatePicture *> pointers;
        const std::vector<BlockShift> still(blocksAlong(shape.width) * blocksAlong(shape.height));
        pictures.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto rates = randomRates(ratePictureSize(shape), random);
            pictures.emplace_back(shape);
            alignBlocks(rates.data(), still, pictures.back());
            pointers.push_back(&pictures.back());
            aligned.insert(aligned.end(), rates.begin(),
                           rates.begin() + static_cast<std::ptrdiff_t>(pixels));
        }
        const std::vector<std::int16_t> shares{9637, 11565, 11565};
        const std::vector<MergeWeight> weights{mergeWeight(5, 1), mergeWeight(6, 1.3),
                                               mergeWeight(6, 4), mergeWeight(16, 1)};
        RatePicture reference(shape);
        RatePicture merged(shape);
        RateScratch scratch(shape);
        std::vector<std::uint16_t> trust(merged.stride() * shape.height);
        mergeAligned(pointers, weights, shares, scratch, reference, merged, trust);
        std::vector<std::int16_t> ourReference(pixels);
        ReferenceBody means{aligned.data(), pixels, 3, {}, ourReference.data()};
        std::copy(shares.begin(), shares.end(), means.shares);
        runBody(means, pixels);
        CHECK(ourReference == inner(reference));

        std::vector<std::int16_t> ours(pixels);
        std::vector<std::uint16_t> ourTrust(pixels);
        MergeBody merge{aligned.data(), ourReference.data(), sizeFor(shape), count, {},
                        ours.data(),    ourTrust.data()};
        for (std::size_t i = 0; i < count; ++i)
            merge.weights[i] = {weights[i].whole, weights[i].limit, weights[i].shift,
                                weights[i].scale};
        runBody(merge, pixels);
        CHECK(ours == inner(merged));
        std::size_t wrong = 0;
        for (std::size_t p = 0; p < pixels; ++p)
            wrong += ourTrust[p] != trust[p / shape.width * merged.stride() + p % shape.width];
        CHECK(wrong == 0);

        for (const double noise : {1.0, 2.7}) {
            std::vector<std::uint16_t> wanted(pixels);
            std::vector<std::uint16_t> levels(pixels);
            smooth(merged, trust, noise, scratch, wanted);
            runBody(SmoothBody{ours.data(), ourTrust.data(), sizeFor(shape),
                               static_cast<std::uint16_t>(65535 / noise), levels.data()},
                    pixels);
            CHECK(levels == wanted);
        }
        if (shape.height < 18)
            continue;
        const std::uint32_t columns = (shape.width - 8) / 16 + 1;
        const std::uint32_t patches = columns * ((shape.height - 8) / 16 + 1);
        std::vector<std::int32_t> sums(2 * patches);
        if (shape.width >= 8) {
            runBody(PatchBody{ours.data(), ourTrust.data(), sizeFor(shape), columns, sums.data()},
                    patches);
            std::vector<double> noises;
            for (std::uint32_t i = 0; i < patches; ++i)
                noises.push_back(
                    patchNoise(sums[2 * i], static_cast<std::uint16_t>(sums[2 * i + 1])));
            CHECK(noiseOf(noises) == measureNoise(merged, trust));
        }
        runBody(DeviationBody{aligned.data(), ourReference.data(), sizeFor(shape), 16, 1, 1,
                              sums.data()},
                1);
        if (shape.width > 8)
            CHECK(deviationOf(sums[0], sums[1]) == deviationAt(pictures[1], reference, 8, 8));
    }
}
