// SPDX-License-Identifier: Apache-2.0
// The fast field stays within its bound of the exact one, whatever the threads.
#include "engine/detect/fast_field.h"

#include "engine/detect/attention_field.h"

#include "tests/engine/detect/time_word_planes.h"

#include <cmath>
#include <cstdio>

using namespace fovea;

namespace {

/// Spikes all over the picture, and many in a square that walks.
std::vector<std::uint64_t> nextPlane(PlaneShape shape, std::size_t t, Random &random) {
    std::vector<std::uint64_t> plane(shape.wordStride(), 0);
    for (std::size_t p = 0; p < shape.pixels(); ++p) {
        const std::size_t x = p % shape.width;
        const std::size_t y = p / shape.width;
        const bool in = x >= t % shape.width && x < t % shape.width + 12 && y >= 3 && y < 15;
        if (random.uniform() < (in ? 0.4 : 0.003))
            setBit(plane.data(), p);
    }
    return plane;
}

}  // namespace

TEST_CASE("the fast field stays within its bound of the exact one") {
    double worst = 0;
    std::size_t boxes = 0;
    for (std::uint64_t seed = 0; seed < 25; ++seed) {
        Random random(seed);
        const PlaneShape shape{static_cast<std::uint32_t>(1 + random() % 150),
                               static_cast<std::uint32_t>(1 + random() % 90)};
        const int size = 1 + static_cast<int>(random() % 20);
        FastField fast(size, shape);
        AttentionField exact(size, shape);
        INFO(toString(shape) << " size " << size << " seed " << seed);
        for (std::size_t t = 0; t < 12; ++t) {
            const auto plane = nextPlane(shape, t, random);
            const std::uint64_t *const one[] = {plane.data()};
            fast.update(one);
            exact.update(plane.data());
            for (std::size_t p = 0; p < shape.pixels(); ++p) {
                const double expected = exact.potential()[p];
                const double gap =
                    std::abs(fast.potential(p / shape.width, p % shape.width) - expected);
                REQUIRE(gap <= 0.02 + 1e-4 * std::abs(expected));
                worst = std::max(worst, gap);
            }
        }
        boxes += fast.boxes().size();
        CHECK(fast.boxes().size() == exact.boxes().size());
        fast.reset();
        CHECK(fast.potential(0, 0) == 0);
    }
    std::printf("fast neural field: potentials within %.2g, %zu boxes\n", worst, boxes);
    CHECK(boxes > 0);
}

TEST_CASE("planes of one step count half as much the older they are") {
    constexpr PlaneShape shape{50, 40};
    const std::vector<std::uint64_t> none(shape.wordStride(), 0);
    auto spike = none;
    setBit(spike.data(), 20 * shape.width + 25);
    const auto centre = [&](std::vector<const std::uint64_t *> planes) {
        FastField field(5, shape);
        field.update(planes);
        return field.potential(20, 25);
    };
    CHECK(centre({spike.data()}) == Approx(0.5));
    CHECK(centre({none.data(), spike.data()}) == Approx(0.5));
    CHECK(centre({spike.data(), none.data()}) == Approx(0.25));
    CHECK(centre({spike.data(), none.data(), spike.data()}) == Approx(0.625));
    FastField field(5, shape);
    const std::uint64_t *const first[] = {spike.data()};
    const std::uint64_t *const then[] = {none.data(), none.data()};
    field.update(first);
    field.update(then);
    // r = 0.25 / (1 + 0.01 * energy) in the centre, and its neighbours' share.
    CHECK(field.potential(20, 25) > 0.125F + 0.75F * 0.2F);
}

TEST_CASE("threads and instruction sets do not change the fast field") {
    constexpr PlaneShape shape{131, 77};
    const auto run = [&](TilePool *pool) {
        Random random(6);
        FastField field(15, shape, pool);
        for (std::size_t t = 0; t < 5; ++t) {
            const auto first = nextPlane(shape, t, random);
            const auto second = nextPlane(shape, t, random);
            const std::uint64_t *const both[] = {first.data(), second.data()};
            field.update(both);
        }
        std::vector<float> values;
        for (std::size_t p = 0; p < shape.pixels(); ++p)
            values.push_back(field.potential(p / shape.width, p % shape.width));
        return values;
    };
    const auto expected = run(nullptr);
    TilePool pool(3);
    CHECK(run(&pool) == expected);
    test::forEachTarget([&] { CHECK(run(nullptr) == expected); });
}
