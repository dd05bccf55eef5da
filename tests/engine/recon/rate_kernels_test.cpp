// SPDX-License-Identifier: Apache-2.0
// Merging and smoothing: what they must do to pictures that are known.
#include "engine/recon/rate_picture.h"

#include "engine/core/random.h"

#include "tests/engine/recon/every_target.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;

namespace {

double pattern(double x, double y) {
    return 6000 + 2500 * std::sin(0.23 * x + 0.11 * y) + 1500 * std::cos(0.3 * y - 0.05 * x);
}

/// The pattern with noise of this deviation.
RatePicture noisy(PlaneShape shape, double deviation, std::uint64_t seed) {
    Random random(seed);
    RatePicture picture(shape);
    for (std::size_t y = 0; y < shape.height; ++y)
        for (std::size_t x = 0; x < shape.width; ++x) {
            double sum = -6;
            for (int i = 0; i < 12; ++i)
                sum += random.uniform();
            picture.row(static_cast<std::ptrdiff_t>(y))[x] = static_cast<std::int16_t>(
                std::lround(pattern(double(x), double(y)) + deviation * sum));
        }
    picture.extend(4);
    return picture;
}

template <class At> double errorOf(PlaneShape shape, At at) {
    double sum = 0;
    for (std::size_t y = 0; y < shape.height; ++y)
        for (std::size_t x = 0; x < shape.width; ++x)
            sum += std::pow(at(x, y) - pattern(double(x), double(y)), 2);
    return std::sqrt(sum / double(shape.pixels()));
}

constexpr std::array<PlaneShape, 5> shapes{{{1, 1}, {7, 5}, {33, 17}, {70, 50}, {131, 40}}};

}  // namespace

namespace {

struct Merged {
    RatePicture picture;
    std::vector<std::uint16_t> trust;
};

/// Three pictures of 5, 10 and 10 planes; the first two make the reference.
Merged mergeThree(const RatePicture &a, const RatePicture &b, const RatePicture &c) {
    const PlaneShape shape = a.shape();
    RatePicture reference(shape);
    RateScratch scratch(shape);
    Merged merged{RatePicture(shape), std::vector<std::uint16_t>(a.stride() * shape.height)};
    const std::array<const RatePicture *, 3> all{&a, &b, &c};
    const std::array<std::int16_t, 2> shares{10923, 21845};
    const std::array<MergeWeight, 3> weights{mergeWeight(5, 1), mergeWeight(10, 1),
                                             mergeWeight(10, 1)};
    mergeAligned(all, weights, shares, scratch, reference, merged.picture, merged.trust);
    return merged;
}

}  // namespace

TEST_CASE("pictures that agree are averaged, others are left out", "[recon]") {
    const PlaneShape shape{131, 70};
    const RatePicture a = noisy(shape, 250, 1);
    const RatePicture b = noisy(shape, 150, 2);
    const RatePicture same = noisy(shape, 150, 3);
    const auto error = [&](const RatePicture &picture) {
        return errorOf(shape, [&](std::size_t x, std::size_t y) {
            return double(picture.row(static_cast<std::ptrdiff_t>(y))[x]);
        });
    };
    const Merged all = mergeThree(a, b, same);
    CHECK(error(all.picture) < 0.8 * error(b));
    RatePicture other(shape);
    for (std::ptrdiff_t y = 0; y < 70; ++y)
        std::fill_n(other.row(y), 131, std::int16_t{15000});
    other.extend(2);
    const Merged without = mergeThree(a, b, other);
    CHECK(error(without.picture) < 1.1 * error(b));
    // 25 planes or 15: the result is trusted accordingly.
    CHECK(all.trust[30 * a.stride() + 60] ==
          Approx(without.trust[30 * a.stride() + 60] * 25.0 / 15).epsilon(0.25));
}

TEST_CASE("smoothing takes away noise and leaves edges and good pictures alone", "[recon]") {
    const PlaneShape shape{131, 70};
    RateScratch scratch(shape);
    std::vector<std::uint16_t> levels(shape.pixels());
    const auto error = [&] {
        return errorOf(
            shape, [&](std::size_t x, std::size_t y) { return levels[y * shape.width + x] / 4.0; });
    };
    const RatePicture picture = noisy(shape, 100, 4);
    // A deviation of 100 is expected, or one of 65.
    const std::vector<std::uint16_t> trust(picture.stride() * shape.height, 2118);
    smooth(picture, trust, 1, scratch, levels);
    CHECK(error() < 75);
    // The same picture with a hundred times less noise expected is only passed on.
    smooth(picture, std::vector<std::uint16_t>(trust.size(), 65535), 1, scratch, levels);
    CHECK(error() == Approx(100).epsilon(0.1));
    RatePicture edge(shape);
    for (std::ptrdiff_t y = 0; y < 70; ++y)
        for (std::ptrdiff_t x = 0; x < 131; ++x)
            edge.row(y)[x] = x < 60 ? 2000 : 8000;
    edge.extend(4);
    smooth(edge, trust, 1, scratch, levels);
    for (std::size_t y = 0; y < 70; ++y)
        for (std::size_t x = 0; x < 131; ++x)
            REQUIRE(levels[y * 131 + x] == (x < 60 ? 8000 : 32000));
}

TEST_CASE("the loops give the same with every instruction set", "[recon]") {
    for (const PlaneShape shape : shapes) {
        const RatePicture a = noisy(shape, 250, 1);
        const RatePicture b = noisy(shape, 150, 2);
        const RatePicture c = noisy(shape, 350, 3);
        std::vector<std::uint16_t> first;
        test::forEachTarget([&] {
            RateScratch scratch(shape);
            const Merged merged = mergeThree(a, b, c);
            std::vector<std::uint16_t> levels(shape.pixels());
            smooth(merged.picture, merged.trust, 1.7, scratch, levels);
            if (first.empty())
                first = levels;
            CHECK(levels == first);
        });
    }
}
