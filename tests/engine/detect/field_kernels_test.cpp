// SPDX-License-Identifier: Apache-2.0
// The field's sums against plain loops, on every instruction set.
#include "engine/detect/field_kernels.h"

#include "tests/engine/detect/time_word_planes.h"

#include <algorithm>
#include <cmath>

using namespace fovea;
using namespace fovea::field_kernels;

namespace {

std::vector<float> randomRow(std::size_t count, Random &random) {
    std::vector<float> row;
    for (std::size_t i = 0; i < count; ++i)
        row.push_back(static_cast<float>(4 * random.uniform() - 2));
    return row;
}

}  // namespace

TEST_CASE("energy and input are those of the positive potentials") {
    test::forEachTarget([&] {
        Random random(1);
        std::vector<float> row = randomRow(4 * rowStep, random);
        std::fill_n(row.begin(), rowStep, -1.0F);
        std::fill_n(row.begin() + 3 * rowStep, rowStep, 0.001F);
        double sum = 0;
        for (const float u : row)
            sum += std::max(0.0F, u) * std::max(0.0F, u);
        CHECK(energy(row.data(), row.size()) == Approx(sum).epsilon(1e-5));
        std::vector<float> in(row.size(), 7);
        const Span span = relax(row.data(), 0.5F, 1e-5F, in.data(), row.size());
        CHECK(span.first == rowStep);
        CHECK(span.last == 3 * rowStep);
        for (std::size_t x = 0; x < row.size(); ++x) {
            const float r = 0.5F * std::max(0.0F, row[x]) * std::max(0.0F, row[x]);
            REQUIRE(in[x] == Approx(r >= 1e-5F ? r : 0));
        }
        std::fill(row.begin(), row.end(), -3.0F);
        const Span none = relax(row.data(), 1, 0.1F, in.data(), row.size());
        CHECK(none.first >= none.last);
    });
}

TEST_CASE("sums along rows and columns are the plain ones, at every border") {
    constexpr std::size_t reach = 3;
    constexpr std::size_t stride = 2 * rowStep;
    constexpr std::size_t height = 23;
    test::forEachTarget([&] {
        Random random(2);
        const std::vector<float> weight{1, 0.75F, 0.5F, 0.125F};
        std::vector<float> smooth(height * stride), box(height * stride);
        std::vector<Span> active(height);
        std::vector<std::vector<float>> in;
        for (std::size_t y = 0; y < height; ++y) {
            in.push_back(randomRow(stride + 2 * reach, random));
            std::fill_n(in[y].begin(), reach, 0.0F);
            std::fill_n(in[y].end() - reach, reach, 0.0F);
            active[y] = {0, y % 5 == 3 ? 0 : stride};
            if (y % 5 == 3)
                std::fill(in[y].begin(), in[y].end(), 0.0F);
            smoothRow(in[y].data() + reach, weight.data(), reach, smooth.data() + y * stride,
                      box.data() + y * stride, active[y]);
        }
        std::vector<float> potential(height * stride, 2.0F);
        const FieldRows rows{smooth.data(),    box.data(), active.data(),
                             potential.data(), stride,     height};
        stepRows(rows, weight.data(), reach, {0.5F, 0.5F, 0.25F}, 0, 9);
        stepRows(rows, weight.data(), reach, {0.5F, 0.5F, 0.25F}, 9, height);
        for (std::size_t y = 0; y < height; ++y)
            for (std::size_t x = 0; x < stride; ++x) {
                double gauss = 0;
                double plain = 0;
                for (std::size_t i = y - std::min(y, reach); i < std::min(height, y + reach + 1);
                     ++i)
                    for (std::size_t j = 0; j <= 2 * reach; ++j) {
                        const std::size_t dy = i > y ? i - y : y - i;
                        const std::size_t dx = j > reach ? j - reach : reach - j;
                        gauss += double{in[i][x + j]} * weight[dy] * weight[dx];
                        plain += in[i][x + j];
                    }
                REQUIRE(std::abs(potential[y * stride + x] - (1 + 0.5 * gauss - 0.25 * plain)) <
                        1e-4);
            }
    });
}
