// SPDX-License-Identifier: Apache-2.0
// QCFS forward and back against the goldens of both published codes.
#include "engine/train/activation_steps.h"

#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("QCFS is the goldens', forward and back", "[train]") {
    const auto golden = goldenJson("qcfs_activation");
    if (!golden)
        return;
    for (const auto &one : golden->at("cases"))
        for (const auto &[name, gradient] :
             {std::pair("old_repo_MyFloor", QcfsGradient::FloorFirst),
              std::pair("new_repo_IF_T0", QcfsGradient::ClampFirst)}) {
            const QcfsStep step{one.at("lam").get<float>(), one.at("L").get<std::uint32_t>(),
                                gradient};
            const auto input = numbers(one.at("x"));
            const auto back = numbers(one.at("grad_out"));
            std::vector<float> output(input.size()), found(input.size());
            runQcfs(step, input.data(), output.data(), input.size());
            const double byLambda =
                unrollQcfs(step, input.data(), back.data(), found.data(), input.size());
            INFO(name << ", lambda " << step.lambda << ", L " << step.levels);
            REQUIRE(worst(output, numbers(one.at(name).at("y"))) <= 1e-5 * step.lambda);
            REQUIRE(worst(found, numbers(one.at(name).at("grad_x"))) <= 1e-5);
            double wanted = 0;
            for (const float part : numbers(one.at(name).at("grad_lambda")))
                wanted += part;
            REQUIRE(byLambda == Approx(wanted).margin(1e-4));
        }
}

TEST_CASE("gradients of both codes differ at the borders only", "[train]") {
    const std::vector<float> input{-0.2F, -0.1F, 0, 0.5F, 1, 1.1F, 1.2F};
    const std::vector<float> ones(input.size(), 1);
    std::vector<float> floorFirst(input.size()), clampFirst(input.size());
    (void)unrollQcfs({1, 4, QcfsGradient::FloorFirst}, input.data(), ones.data(), floorFirst.data(),
                     input.size());
    (void)unrollQcfs({1, 4, QcfsGradient::ClampFirst}, input.data(), ones.data(), clampFirst.data(),
                     input.size());
    REQUIRE(floorFirst == std::vector<float>{0, 1, 1, 1, 1, 1, 0});
    REQUIRE(clampFirst == std::vector<float>{0, 0, 1, 1, 1, 0, 0});
}

TEST_CASE("QCFS of many values is that of each alone", "[train]") {
    const QcfsStep step{1.3F, 4, QcfsGradient::ClampFirst};
    std::vector<float> input(2085), back(input.size());
    for (std::size_t i = 0; i < input.size(); ++i) {
        input[i] = static_cast<float>(i % 97) / 40 - 0.5F;
        back[i] = static_cast<float>(i % 31) / 15 - 1;
    }
    std::vector<float> output(input.size()), found(input.size());
    runQcfs(step, input.data(), output.data(), input.size());
    const double all = unrollQcfs(step, input.data(), back.data(), found.data(), input.size());
    double alone = 0;
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < input.size(); ++i) {
        float one = 0, gradient = 0;
        runQcfs(step, &input[i], &one, 1);
        alone += unrollQcfs(step, &input[i], &back[i], &gradient, 1);
        wrong += one != output[i] || gradient != found[i] ? 1 : 0;
    }
    REQUIRE(wrong == 0);
    REQUIRE(all == Approx(alone).margin(1e-4));
}
