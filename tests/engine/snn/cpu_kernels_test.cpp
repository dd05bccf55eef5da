// SPDX-License-Identifier: Apache-2.0
// Rows, neurons and counts on every instruction set, against plain loops.
#include "engine/snn/cpu_kernels.h"

#include "engine/core/random.h"

#include "tests/support/targets.h"

#include <catch2/catch.hpp>

#include <bit>
#include <vector>

using namespace fovea;
using namespace fovea::cpu_kernels;
using fovea::test::forEachTarget;

TEST_CASE("rows are added in the order of the list", "[snn]") {
    Random random(1);
    for (const std::size_t width : {16U, 32U, 48U, 112U, 128U}) {
        std::vector<float> floats(40 * width);
        for (float &one : floats)
            one = static_cast<float>(random.uniform(-1, 1));
        std::vector<std::uint32_t> list(33);
        std::vector<float> factors(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            list[i] = static_cast<std::uint32_t>(random.below(40));
            factors[i] = static_cast<float>(random.uniform(-1, 1));
        }
        std::vector<float> plain(width), scaled(width);
        for (std::size_t o = 0; o < width; ++o) {
            plain[o] = scaled[o] = floats[o];
            for (std::size_t i = 0; i < list.size(); ++i) {
                const std::size_t at = list[i] * width + o;
                plain[o] += floats[at];
                scaled[o] += floats[at] * factors[i];
            }
        }
        forEachTarget([&] {
            std::vector<float> found(width);
            for (const bool far : {false, true}) {
                addRows(Rows{floats.data(), width, far}, list, floats.data(), found.data());
                CHECK(found == plain);
                addScaledRows(Rows{floats.data(), width, far}, list, factors.data(), floats.data(),
                              found.data());
                CHECK(found == scaled);
            }
        });
    }
}

TEST_CASE("bits are counted", "[snn]") {
    Random random(2);
    std::vector<std::uint64_t> words(37);
    std::uint64_t wanted = 0;
    for (auto &word : words) {
        word = random();
        wanted += static_cast<std::uint64_t>(std::popcount(word));
    }
    forEachTarget([&] {
        CHECK(countBits(words.data(), words.size()) == wanted);
        CHECK(countBits(words.data(), 0) == 0);
        CHECK(countBits(words.data(), 1) == static_cast<std::uint64_t>(std::popcount(words[0])));
    });
}

TEST_CASE("neurons of several places keep to their channels and steps", "[snn]") {
    // 2 places of 20 channels (padded to 32), 3 steps; sums are integers times a scale.
    constexpr std::size_t channels = 20, padded = 32, places = 2, steps = 3;
    Random random(3);
    std::vector<std::int32_t> sums(places * steps * padded);
    for (auto &sum : sums)
        sum = static_cast<std::int32_t>(random.below(9)) - 2;
    const std::vector<float> scale(padded, 0.25F), bias(padded, 0.125F), threshold(padded, 0.75F);
    std::vector<std::uint8_t> mask(places * padded, 1);
    mask[5] = 0;
    NeuronRule rule;
    rule.threshold = rule.start = {threshold.data(), 0};
    rule.integrates = true;
    NeuronRun run;
    run.integers = sums.data();
    run.pixelStride = steps * padded;
    run.stepStride = padded;
    run.scale = scale.data();
    run.bias = bias.data();
    run.pixels = places;
    run.steps = steps;
    run.channels = channels;
    run.potentialStride = padded;
    run.fresh = true;
    run.mask = mask.data();
    run.bitStepStride = 8;
    run.bitPixelStride = 8 * steps;
    forEachTarget([&] {
        std::vector<float> potentials(places * padded, -99);
        std::vector<std::uint64_t> bits(places * steps);
        run.potentials = potentials.data();
        run.bits = reinterpret_cast<std::uint8_t *>(bits.data());
        runNeurons(rule, run);
        for (std::size_t p = 0; p < places; ++p)
            for (std::size_t c = 0; c < channels; ++c) {
                float v = 0.75F;
                for (std::size_t t = 0; t < steps; ++t) {
                    v += 0.125F + 0.25F * static_cast<float>(sums[(p * steps + t) * padded + c]);
                    const bool fires = v >= 0.75F;
                    v -= fires ? 0.75F : 0;
                    const bool given = fires && (p != 0 || c != 5);
                    CHECK((bits[p * steps + t] >> c & 1U) == (given ? 1U : 0U));
                }
                CHECK(potentials[p * padded + c] == v);
            }
        for (const std::uint64_t word : bits)
            CHECK(word >> channels == 0);
        // The same spikes without writing potentials.
        NeuronRun unkept = run;
        std::vector<std::uint64_t> again(bits.size());
        std::vector<float> untouched(potentials.size(), -99);
        unkept.keep = false;
        unkept.potentials = untouched.data();
        unkept.bits = reinterpret_cast<std::uint8_t *>(again.data());
        runNeurons(rule, unkept);
        CHECK(again == bits);
        CHECK(untouched == std::vector<float>(potentials.size(), -99));
    });
}
