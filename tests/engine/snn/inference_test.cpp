// SPDX-License-Identifier: Apache-2.0
// The modes of a converted network against the published implementations.
#include "engine/snn/inference.h"

#include "engine/snn/reference_executor.h"

#include "tests/engine/snn/all_executors.h"
#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("plain, COS and SRP give the golden logits", "[snn]") {
    struct Case {
        const char *golden;
        const char *logits;
        InferenceMode mode;
        std::size_t total;
    };
    for (const Case &one : {Case{"qcfs_convnet", "snn_step_logits", InferenceMode::If, 8},
                            Case{"qcfs_convnet_bn", "snn_step_logits", InferenceMode::If, 8},
                            Case{"cos_convnet", "plain_if_step_logits", InferenceMode::If, 8},
                            Case{"cos_convnet", "snn_step_logits", InferenceMode::Cos, 12},
                            Case{"srp_convnet", "stage2_step_logits", InferenceMode::Srp, 12}}) {
        const auto golden = goldenJson(one.golden);
        if (!golden)
            return;
        INFO(one.golden << " " << one.logits);
        const Network network = goldenNet(*golden);
        for (const auto &executor : allExecutors(network, 2)) {
            INFO(executor->name());
            const auto result = infer(*executor, numbers(golden->at("x")), {one.mode, 8, 4, 1});
            REQUIRE(result);
            CHECK(worst(result->outputs, numbers(golden->at(one.logits))) <= 1e-5);
            CHECK(result->totalSteps == one.total);
        }
    }
}

TEST_CASE("COS shifts and SRP masks the golden neurons of whole nets", "[snn]") {
    const auto cos = goldenJson("cos_convnet");
    const auto srp = goldenJson("srp_convnet");
    if (!cos || !srp)
        return;
    const Network calibrated = goldenNet(*cos);
    const Network masked = goldenNet(*srp);
    const auto shifting = allExecutors(calibrated, 2);
    const auto masking = allExecutors(masked, 2);
    const float thetas[] = {1.0F, 0.5F};
    for (std::size_t e = 0; e < shifting.size(); ++e) {
        INFO(shifting[e]->name());
        REQUIRE(infer(*shifting[e], numbers(cos->at("x")), {InferenceMode::Cos, 8, 4, 1}));
        REQUIRE(infer(*masking[e], numbers(srp->at("x")), {InferenceMode::Srp, 8, 4, 1}));
        for (std::size_t layer = 0; layer < 2; ++layer) {
            const std::string name = layer == 0 ? "act1" : "act2";
            auto starts = numbers(cos->at("v_init_over_theta_per_layer").at(layer));
            for (float &start : starts)
                start *= thetas[layer];
            const auto found = shifting[e]->snapshot(*calibrated.find(name));
            CHECK(worst(found.starts, starts) <= 1e-5);
            const auto mask = masking[e]->snapshot(*masked.find(name)).mask;
            CHECK(std::vector<float>(mask.begin(), mask.end()) ==
                  numbers(srp->at("masks_per_layer").at(layer)));
        }
    }
}

TEST_CASE("fewer steps than the calibration are the first of the longer run", "[snn]") {
    const auto golden = goldenJson("cos_convnet");
    if (!golden)
        return;
    const Network network = goldenNet(*golden);
    ReferenceExecutor executor(network, 2);
    const auto x = numbers(golden->at("x"));
    const auto longer = infer(executor, x, {InferenceMode::Cos, 4, 4, 1});
    const auto shorter = infer(executor, x, {InferenceMode::Cos, 1, 4, 1});
    REQUIRE(longer);
    REQUIRE(shorter);
    CHECK(shorter->totalSteps == 5);
    CHECK(std::equal(shorter->outputs.begin(), shorter->outputs.end(), longer->outputs.begin()));
}

TEST_CASE("wrong settings and networks are refused", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2})}).then("lif", Neuron::leaky(2, true));
    const Network network = builder.build().value();
    ReferenceExecutor executor(network, 1);
    const std::vector<float> x = {1, 2};
    for (const auto mode : {InferenceMode::Srp, InferenceMode::Cos}) {
        const auto result = infer(executor, x, {mode, 4, 4, 1});
        REQUIRE_FALSE(result);
        CHECK(result.error().code == ErrorCode::Unsupported);
        CHECK(parseInferenceMode(toString(mode)) == mode);
    }
    CHECK_FALSE(parseInferenceMode("xyz"));
    CHECK(infer(executor, x, {InferenceMode::If, 0, 4, 1}).error().code ==
          ErrorCode::InvalidArgument);
    CHECK(infer(executor, std::vector<float>(3), {InferenceMode::If, 2, 4, 1}).error().code ==
          ErrorCode::InvalidArgument);
    CHECK(infer(executor, x, {InferenceMode::If, 3, 4, 1})->outputs.size() == 6);
}
