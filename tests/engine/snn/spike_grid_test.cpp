// SPDX-License-Identifier: Apache-2.0
// Packed spikes become numbers, counts and pools.
#include "engine/snn/spike_grid.h"

#include "engine/core/random.h"
#include "engine/snn/layer_math.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <numeric>

using namespace fovea;

namespace {

SpikeGrid randomGrid(const SignalShape &shape, std::size_t batch, std::size_t steps) {
    SpikeGrid grid(spikeGridOf(shape), batch, 0.5F);
    grid.setSteps(steps);
    Random random(5);
    const std::size_t channels = grid.grid.channels;
    for (std::size_t i = 0; i < grid.bits.size(); ++i) {
        const std::size_t left = channels - i % grid.words() * 64;
        grid.bits[i] =
            random() & random() & (left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1);
    }
    return grid;
}

}  // namespace

TEST_CASE("every signal has a grid", "[snn]") {
    const auto is = [](const Grid &g, std::size_t c, std::size_t h, std::size_t w) {
        return g.channels == c && g.height == h && g.width == w;
    };
    CHECK(is(spikeGridOf(SignalShape::of({7})), 7, 1, 1));
    CHECK(is(spikeGridOf(SignalShape::of({7, 3})), 7, 1, 3));
    CHECK(is(spikeGridOf(SignalShape::of({7, 3, 2})), 7, 3, 2));
}

TEST_CASE("planes become bits of their places", "[snn]") {
    Random random(3);
    for (const auto &[channels, height, width] :
         {std::array<std::uint32_t, 3>{1, 1, 1}, {3, 5, 27}, {64, 4, 16}, {70, 9, 15}}) {
        SpikeGrid grid({channels, height, width}, 2, 1);
        grid.setSteps(3);
        const std::size_t pixels = grid.pixels();
        const std::size_t words = (pixels + 63) / 64;
        // What lies behind a plane's last pixel means nothing.
        std::vector<std::uint64_t> bits(std::size_t{6} * channels * words);
        std::generate(bits.begin(), bits.end(), [&] { return random(); });
        std::vector<const std::uint64_t *> planes;
        std::vector<float> wanted;
        for (std::size_t p = 0; p < std::size_t{6} * channels; ++p) {
            planes.push_back(bits.data() + p * words);
            for (std::size_t i = 0; i < pixels; ++i)
                wanted.push_back(testBit(planes[p], i) ? 1.0F : 0.0F);
        }
        grid.takePlanes(planes);
        std::vector<float> values(wanted.size());
        grid.toValues(values);
        CHECK(values == wanted);
    }
}

TEST_CASE("an OR of places is the maximum of their numbers", "[snn]") {
    const SignalShape from = SignalShape::of({70, 5, 6});
    const Pool2d pool{PoolKind::Max, {3, 2}, {2, 2}, {1, 0, 0, 1}, true};
    const SignalShape to = outputShape(pool, std::span(&from, 1)).value();
    const SpikeGrid in = randomGrid(from, 2, 3);
    SpikeGrid out(spikeGridOf(to), 2, 0.5F);
    out.setSteps(3);
    orPool(pool, in, out);
    std::vector<float> values(6 * from.elements()), pooled(6 * to.elements()),
        wanted(6 * to.elements());
    in.toValues(values);
    out.toValues(pooled);
    for (std::size_t i = 0; i < 6; ++i)
        computeLayer(pool, from, to,
                     std::span(values).subspan(i * from.elements(), from.elements()),
                     std::span(wanted).subspan(i * to.elements(), to.elements()));
    CHECK(pooled == wanted);
    std::vector<std::uint32_t> counts;
    in.count(counts);
    CHECK(counts.size() == 2 * 30);
    const float sum = std::accumulate(values.begin(), values.end(), 0.0F);
    CHECK(static_cast<float>(std::accumulate(counts.begin(), counts.end(), 0U)) == 2 * sum);
}
