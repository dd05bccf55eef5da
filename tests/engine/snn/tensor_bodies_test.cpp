// SPDX-License-Identifier: Apache-2.0
// Shares of every size on tensor cores against the plain kernel, with neurons and without.
#include "engine/snn/tensor_bodies.h"

#include "engine/snn/tensor_weights.h"

#include "tests/engine/snn/dyadic_network.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::snn_bodies;

namespace {

constexpr std::uint32_t outputs = 85, channels = 35, pitch = 64, height = 5, width = 6, samples = 3;
constexpr std::uint32_t outHeight = 3, outWidth = 6, places = outHeight * outWidth;

/// A 3 x 2 convolution of random packed spikes, stride 2 and 1.
struct Scene {
    test::DyadicNetwork random{4};
    std::vector<float> weights = random.values(std::size_t{6} * channels * outputs);
    std::vector<float> bias = random.values(outputs);
    std::vector<std::uint8_t> bits = std::vector<std::uint8_t>(samples * height * width * pitch);
    float size = 0.5F;
    Window window{height, width, outWidth, 3, 2, 2, 1, 1, 1, 1, 1, false};
    SignalView in{};
    Finish finish{};

    explicit Scene(std::uint32_t steps) {
        for (std::size_t i = 0; i < bits.size(); ++i)
            if (i % pitch < channels && random.chance(3))
                bits[i] = static_cast<std::uint8_t>(random.pick(0, (1U << steps) - 1));
        in.bits = bits.data();
        in.sizes = {&size, 0, 0};
        in.places = height * width;
        in.channelStride = 1;
        in.placeStride = pitch;
        in.sampleStride = height * width * pitch;
        finish.stepStride = samples * places * outputs;
        finish.channels = finish.threadChannels = finish.pitch = outputs;
        finish.places = places;
        finish.steps = steps;
    }
};

template <class Tiles, int rowTiles, int groups, int stepTiles> void check(std::uint32_t steps) {
    const Precision precision = Tiles::length == 16 ? Precision::Bf16 : Precision::Int8;
    Scene scene(steps);
    std::vector<float> wanted(steps * scene.finish.stepStride);
    std::vector<float> found(wanted.size());
    scene.finish.numbers = wanted.data();
    const ConvBody<true, 8> plain{scene.window,      scene.in,    scene.weights.data(),
                                  scene.bias.data(), outputs,     outputs,
                                  channels,          scene.finish};
    for (std::uint64_t thread = 0; thread < samples * places * outputs; ++thread)
        plain(thread);
    const TensorWeights packed =
        packTensorWeights(scene.weights, outputs, 6, pitch, std::span(&scene.size, 1), precision);
    scene.finish.numbers = found.data();
    const TensorBody<Tiles, rowTiles, groups, stepTiles> body{
        {scene.window, scene.in, packed.words.data(),
         packed.scales.empty() ? nullptr : packed.scales.data(), scene.bias.data(), outputs,
         packed.tapBlocks, samples * places, scene.finish}};
    const std::uint32_t rows = (outputs + 16 * rowTiles - 1) / (16 * rowTiles);
    const std::uint32_t across = (samples * places + 4 * groups - 1) / (4 * groups);
    for (std::uint64_t warp = rows * across; warp-- > 0;)
        body(warp);
    CHECK(found == wanted);
    CHECK(std::count(wanted.begin(), wanted.end(), 0.0F) < std::ptrdiff_t(wanted.size() / 2));
}

template <class Tiles> void checkAll() {
    for (const std::uint32_t steps : {1U, 2U})
        check<Tiles, 4, 4, 1>(steps);
    check<Tiles, 1, 1, 1>(2);
    for (const std::uint32_t steps : {3U, 4U})
        check<Tiles, 4, 2, 2>(steps);
    check<Tiles, 1, 1, 2>(4);
    for (const std::uint32_t steps : {5U, 8U})
        check<Tiles, 4, 1, 4>(steps);
    check<Tiles, 1, 1, 4>(8);
}

}  // namespace

TEST_CASE("every share of a convolution in bf16 is exact on weights that fit", "[snn][cuda]") {
    checkAll<Bf16Tiles>();
}

TEST_CASE("every share of a convolution in int8 is exact on weights that fit", "[snn][cuda]") {
    checkAll<Int8Tiles>();
}
