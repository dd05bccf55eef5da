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
