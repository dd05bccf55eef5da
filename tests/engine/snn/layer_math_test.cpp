// SPDX-License-Identifier: Apache-2.0
// Each layer against numbers worked out by hand, and convolution against its transpose.
#include "engine/snn/layer_math.h"

#include "engine/core/random.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

std::vector<float> compute(const Layer &layer, const SignalShape &from,
                           const std::vector<float> &input) {
    const SignalShape to = outputShape(layer, std::span(&from, 1)).value();
    std::vector<float> output(to.elements());
    computeLayer(layer, from, to, input, output);
    return output;
}

std::vector<float> integers(std::size_t count, Random &random) {
    std::vector<float> values(count);
    for (float &value : values)
        value = static_cast<float>(random.below(9)) - 4;
    return values;
}

double dot(const std::vector<float> &a, const std::vector<float> &b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += double{a[i]} * b[i];
    return sum;
}

}  // namespace

TEST_CASE("a convolution by hand", "[snn]") {
    const Conv2d conv{
        {SignalShape::of({1, 1, 2, 2}), {1, 2, 3, 4}}, {0.5F}, {}, {1, 0, 0, 0}, {}, 1};
    CHECK(compute(conv, SignalShape::of({1, 2, 3}), {1, 2, 3, 4, 5, 6}) ==
          std::vector<float>{11.5F, 18.5F, 37.5F, 47.5F});
    const Conv2d groups{{SignalShape::of({2, 1, 1, 1}), {2, 3}}, {}, {1, 2}, {}, {}, 2};
    CHECK(compute(groups, SignalShape::of({2, 1, 3}), {1, 2, 3, 4, 5, 6}) ==
          std::vector<float>{2, 6, 12, 18});
    const Conv2d line{{SignalShape::of({1, 1, 1, 2}), {1, -1}}, {}, {}, {}, {1, 2}, 1};
    CHECK(compute(line, SignalShape::of({1, 4}), {5, 4, 2, 1}) == std::vector<float>{3, 3});
}

TEST_CASE("the transposed convolution is the transpose", "[snn]") {
    Random random(1);
    for (int round = 0; round < 20; ++round) {
        const auto pick = [&](std::uint32_t low, std::uint32_t high) {
            return low + static_cast<std::uint32_t>(random.below(high - low + 1));
        };
        const std::uint32_t groups = pick(1, 2), in = groups * pick(1, 2),
                            out = groups * pick(1, 2);
        const Size2 kernel{pick(1, 3), pick(1, 3)}, stride{pick(1, 2), pick(1, 2)};
        const Size2 dilation{pick(1, 2), pick(1, 2)};
        const Border padding{pick(0, 1), pick(0, 1), pick(0, 1), pick(0, 1)};
        const SignalShape weight = SignalShape::of({out, in / groups, kernel.height, kernel.width});
        const Conv2d conv{
            {weight, integers(weight.elements(), random)}, {}, stride, padding, dilation, groups};
        const SignalShape from = SignalShape::of({in, pick(6, 9), pick(6, 9)});
        const SignalShape to = outputShape(conv, std::span(&from, 1)).value();
        // <conv(x), y> = <x, transpose(y)>; what a stride leaves over is made up for by `extra`.
        ConvTranspose2d back{conv.weight, {}, stride, padding, dilation, {0, 0}, groups};
        const SignalShape least = outputShape(back, std::span(&to, 1)).value();
        back.extra = {from.sides[1] - least.sides[1], from.sides[2] - least.sides[2]};
        const auto x = integers(from.elements(), random);
        const auto y = integers(to.elements(), random);
        CHECK(dot(compute(conv, from, x), y) == dot(x, compute(back, to, y)));
    }
}

TEST_CASE("pools by hand", "[snn]") {
    const SignalShape shape = SignalShape::of({1, 2, 3});
    const std::vector<float> x = {-1, -2, -3, -4, -5, -6};
    Pool2d pool{PoolKind::Average, {2, 2}, {1, 1}, {}, true};
    CHECK(compute(pool, shape, x) == std::vector<float>{-3, -4});
    pool.kind = PoolKind::Sum;
    CHECK(compute(pool, shape, x) == std::vector<float>{-12, -16});
    pool.padding = {1, 1, 0, 0};
    pool.stride = {2, 2};
    pool.kind = PoolKind::Max;
    CHECK(compute(pool, shape, x) == std::vector<float>{-1, -2});
    pool.kind = PoolKind::Average;
    CHECK(compute(pool, shape, x) == std::vector<float>{-0.25F, -1.25F});
    pool.countPadding = false;
    CHECK(compute(pool, shape, x) == std::vector<float>{-1, -2.5F});
}

TEST_CASE("the small layers by hand", "[snn]") {
    const Linear linear{{SignalShape::of({2, 3}), {1, 2, 3, 4, 5, 6}}, {1, 0}};
    CHECK(compute(linear, SignalShape::of({3}), {1, 0, -1}) == std::vector<float>{-1, -2});
    CHECK(compute(Scale{Parameter({2, 3}), 1}, SignalShape::of({2, 2}), {1, 2, 3, 4}) ==
          std::vector<float>{3, 5, 10, 13});
    CHECK(compute(Upsample{{2, 1}}, SignalShape::of({1, 1, 2}), {1, 2}) ==
          std::vector<float>{1, 2, 1, 2});
    CHECK(compute(Flatten{}, SignalShape::of({2, 2}), {1, 2, 3, 4}) ==
          std::vector<float>{1, 2, 3, 4});
    CHECK(compute(Activation{}, SignalShape::of({3}), {-1, 0, 2}) == std::vector<float>{0, 0, 2});
    CHECK(compute(Activation{4, 2}, SignalShape::of({5}), {-9, 0.24F, 0.25F, 1.3F, 9}) ==
          std::vector<float>{0, 0, 0.5F, 1.5F, 2});
}
