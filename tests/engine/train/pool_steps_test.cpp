// SPDX-License-Identifier: Apache-2.0
// Means and their gradients, against libtorch's.
#include "engine/train/pool_steps.h"

#include "engine/train/train_functions.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace fovea;

TEST_CASE("a mean of four values gives each a quarter of its gradient", "[train]") {
    const std::vector<float> input{1, 2, 3, 4, 5, 6, 7, 8};
    std::vector<float> output(2), gradient(8);
    poolPairs(input.data(), 2, 4, output.data());
    REQUIRE(output == std::vector<float>{3.5F, 5.5F});
    unpoolPairs(output.data(), 2, 4, gradient.data());
    REQUIRE(gradient ==
            std::vector<float>{0.875F, 0.875F, 1.375F, 1.375F, 0.875F, 0.875F, 1.375F, 1.375F});
}

TEST_CASE("pairs are pooled as libtorch pools them", "[train]") {
    Pool2d pairs;
    pairs.kernel = pairs.stride = {2, 2};
    for (const std::int64_t side : {2, 6, 28, 66}) {
        const at::Tensor x = at::randn({3, 5, side, side + 2}).requires_grad_(true);
        const at::Tensor y = at::avg_pool2d(x, {2, 2}, {2, 2});
        const at::Tensor gradient = at::randn_like(y);
        y.backward(gradient);
        const at::Tensor wanted = x.grad().clone();
        x.mutable_grad().reset();
        const at::Tensor own = meanPool(x, pairs);
        own.backward(gradient);
        REQUIRE(at::allclose(own, y, 1e-6, 1e-6));
        REQUIRE(at::equal(x.grad(), wanted));
    }
}
