// SPDX-License-Identifier: Apache-2.0
// Two processes' worth of threads: sums, what is shared, normalisation by the whole batch.
#include "engine/train/data_parallel.h"

#include "engine/train/train_functions.h"
#include "tests/support/free_port.h"

#include <ATen/ATen.h>
#include <catch2/catch.hpp>
#include <thread>

using namespace fovea;

namespace {

/// Runs work(group) for both parts at once; false when this build has no gloo.
template <class Work> bool bothParts(Work work) {
    const std::uint16_t port = test::freePort();
    std::vector<Result<void>> results(2);
    std::vector<std::thread> threads;
    for (std::size_t part = 0; part < 2; ++part)
        threads.emplace_back([&, part] {
            auto group = DataParallel::meet({"127.0.0.1", port, part, 2, std::chrono::seconds(60)});
            if (group)
                work(**group);
            else
                results[part] = failed(group);
        });
    for (std::thread &thread : threads)
        thread.join();
    if (!results[0] && results[0].error().code == ErrorCode::Unsupported) {
        WARN("skipped: " + results[0].error().message);
        return false;
    }
    REQUIRE(results[0]);
    REQUIRE(results[1]);
    return true;
}

}  // namespace

TEST_CASE("tensors are added up, and the first one's are shared", "[train]") {
    std::vector<at::Tensor> sums(2), others(2), shared(2);
    if (!bothParts([&](DataParallel &group) {
            const auto part = static_cast<double>(group.part());
            sums[group.part()] = at::full({2, 3}, part + 1);
            others[group.part()] = at::full({1}, 10 * part);
            group.addUp({sums[group.part()], others[group.part()]});
            shared[group.part()] = at::full({2}, part + 5);
            group.share({shared[group.part()]});
        }))
        return;
    for (std::size_t part = 0; part < 2; ++part) {
        REQUIRE(at::equal(sums[part], at::full({2, 3}, 3.0)));
        REQUIRE(at::equal(others[part], at::full({1}, 10.0)));
        REQUIRE(at::equal(shared[part], at::full({2}, 5.0)));
    }
}

TEST_CASE("a normalisation of two parts is that of the whole", "[train]") {
    at::manual_seed(3);
    const at::Tensor whole = at::randn({6, 4, 5, 3}) * 2 + 7;
    const at::Tensor weights = at::randn_like(whole);
    const auto leaf = [](const at::Tensor &tensor) {
        return tensor.clone().set_requires_grad(true);
    };
    const at::Tensor input = leaf(whole), scale = leaf(at::rand({4}) + 0.5),
                     shift = leaf(at::randn({4}));
    const at::Tensor mean = at::zeros({4}), variance = at::ones({4});
    (at::batch_norm(input, scale, shift, mean, variance, true, normMomentum, normEpsilon, false)
         .square() *
     weights)
        .sum()
        .backward();

    std::vector<at::Tensor> gradients(2), scales(2), shifts(2), means(2), variances(2);
    // Parts of different sizes.
    const std::array<std::pair<int, int>, 2> ranges{{{0, 2}, {2, 6}}};
    if (!bothParts([&](DataParallel &group) {
            const std::size_t part = group.part();
            const auto [begin, end] = ranges[part];
            const at::Tensor own = leaf(whole.slice(0, begin, end)),
                             ownScale = leaf(scale.detach()), ownShift = leaf(shift.detach());
            means[part] = at::zeros({4});
            variances[part] = at::ones({4});
            (batchNormLayer(own, ownScale, ownShift, means[part], variances[part], true, &group)
                 .square() *
             weights.slice(0, begin, end))
                .sum()
                .backward();
            gradients[part] = own.grad();
            scales[part] = ownScale.grad();
            shifts[part] = ownShift.grad();
        }))
        return;
    REQUIRE(at::allclose(at::cat(gradients), input.grad(), 1e-4, 1e-5));
    REQUIRE(at::allclose(scales[0] + scales[1], scale.grad(), 1e-4, 1e-4));
    REQUIRE(at::allclose(shifts[0] + shifts[1], shift.grad(), 1e-4, 1e-4));
    for (std::size_t part = 0; part < 2; ++part) {
        REQUIRE(at::allclose(means[part], mean, 1e-5, 1e-6));
        REQUIRE(at::allclose(variances[part], variance, 1e-5, 1e-6));
    }
}

TEST_CASE("nobody at the meeting place is an error that names it", "[train]") {
    const auto alone =
        DataParallel::meet({"127.0.0.1", test::freePort(), 1, 2, std::chrono::seconds(1)});
    REQUIRE_FALSE(alone);
    if (alone.error().code == ErrorCode::Unsupported)
        return;
    REQUIRE(alone.error().code == ErrorCode::Io);
    REQUIRE(alone.error().message.find("part 2 of 2") != std::string::npos);
}
